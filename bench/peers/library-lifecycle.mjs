// Complete life cycles as a user of a queue library writes them: a job per recipient, a transaction per step.
// The jobs are stored before the clock starts.
//
//   DATABASE_URL=… N=20000 node library-lifecycle.mjs graphile|pgboss|bullmq
import { openCarrier, phoneOf } from './carrier-client.mjs'
import { openCallbackWriter } from './callback-writer.mjs'
import { openHookServer } from './hook-server.mjs'
import { durations, finish, setDeadline, stopwatch } from './measure.mjs'
import { openQueue } from './queue-libraries.mjs'
import { settings } from './settings.mjs'
import { checkLifecycle, makeLifecycleTables, openDatabase, recipientStates } from './tables.mjs'

// One statement is one transaction and one round trip: the best a careful user writes.
const intentStatement = `
  with claimed as (
    update recipients set state = ${recipientStates.calling}, attempts = attempts + 1
     where id = $1 and state = ${recipientStates.fresh}
    returning id, attempts, phone
  ), intended as (
    insert into calls (recipient_id, attempt, phone) select id, attempts, phone from claimed returning id
  ), told as (
    insert into call_events (call_id, sequence, kind) select id, 0, 'intent' from intended
  )
  select id from intended`
const placedStatement = `
  with told as (
    insert into call_events (call_id, sequence, kind) values ($1, 1, 'placed') on conflict do nothing
  )
  update calls set sid = coalesce(sid, $2) where id = $1`

const library = process.argv[2] ?? 'graphile'
const count = settings.count || 20_000
const pool = openDatabase()
await makeLifecycleTables(pool, count)
const carrier = await openCarrier({ connections: settings.concurrency })
const queue = await openQueue(library, settings.concurrency)
const enqueueFrom = performance.now()
await queue.enqueue(
  Array.from({ length: count }, (_, index) => ({ recipientId: index + 1, phone: phoneOf(index + 1) })),
)
const enqueuePerSecond = Math.round((count / (performance.now() - enqueueFrom)) * 1000)
await pool.query('checkpoint')
const watch = await stopwatch({ pool, carrierPid: carrier.pid })
const callbacks = openCallbackWriter(pool)
const cycle = durations(count)
const intendedAt = new Map()
let completed = 0
let allCompleted
const everyCallCompleted = new Promise((resolve) => (allCompleted = resolve))

const hooks = await openHookServer({
  expected: count * 4,
  commit: (callback, answer) =>
    callbacks.write({
      ...callback,
      written: (written) => {
        answer(written)
        if (written && callback.kind === 'completed') complete(callback.callId)
      },
    }),
})
setDeadline(() => ({ completed, open: intendedAt.size, hooks: hooks.totals }))

watch.start()
await Promise.all([queue.work(dial, count), everyCallCompleted])
watch.stop()

const totals = await carrier.totals()
const checks = await checkLifecycle(pool, count)
checks['no callback forged or failed'] = hooks.totals.forged === 0 && hooks.totals.failed === 0
if (totals) checks['the carrier created one call each'] = totals.created === count
checks['no job left'] = (await queue.left()) === 0
finish({
  name: `library-lifecycle ${library}`,
  count,
  taken: watch.taken(),
  webhookP99Ms: hooks.latency.percentile(0.99),
  cycleP50Ms: cycle.percentile(0.5),
  cycleP99Ms: cycle.percentile(0.99),
  enqueuePerSecond,
  checks,
})

async function dial({ recipientId, phone }) {
  const { rows } = await pool.query({ name: 'intent', text: intentStatement, values: [recipientId] })
  // The job came twice: its recipient was taken up by the first.
  if (rows.length === 0) return
  const callId = Number(rows[0].id)
  intendedAt.set(callId, performance.now())
  const sid = await carrier.placeCall(phone, hooks.urlOf(callId))
  await pool.query({ name: 'placed', text: placedStatement, values: [callId, sid] })
}

function complete(callId) {
  const since = intendedAt.get(callId)
  if (since === undefined) return
  intendedAt.delete(callId)
  cycle.add(performance.now() - since)
  if (++completed === count) allCompleted()
}
