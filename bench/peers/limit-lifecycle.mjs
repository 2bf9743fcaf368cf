// The hand-made upper limit of complete life cycles: intent, POST, four signed callbacks, final state, recipient,
// history. Everything that can be batched is batched; nothing that the work does not need is done.
//
//   DATABASE_URL=… N=100000 node limit-lifecycle.mjs
import { openCarrier, phoneOf } from './carrier-client.mjs'
import { openHistoryWriter } from './history-writer.mjs'
import { openHookServer } from './hook-server.mjs'
import { durations, finish, setDeadline, stopwatch } from './measure.mjs'
import { settings } from './settings.mjs'
import { checkLifecycle, makeLifecycleTables, openDatabase, recipientStates } from './tables.mjs'

const claimStatement = `
  with claimed as (
    update recipients set state = ${recipientStates.calling}, attempts = attempts + 1
     where id = any (array(
       select id from recipients where id > $1 and state = ${recipientStates.fresh}
        order by id limit $2 for update skip locked))
    returning id, attempts, phone
  ), intended as (
    insert into calls (recipient_id, attempt, phone) select id, attempts, phone from claimed
    returning id, recipient_id
  ), told as (
    insert into call_events (call_id, sequence, kind) select id, 0, 'intent' from intended
  )
  select id, recipient_id from intended`

const count = settings.count || 100_000
const pool = openDatabase(4)
await makeLifecycleTables(pool, count)
const carrier = await openCarrier({ connections: settings.concurrency })
const watch = await stopwatch({ pool, carrierPid: carrier.pid })
const writer = await openHistoryWriter(await pool.connect())
const claimer = await pool.connect()
const cycle = durations(count)
const intendedAt = new Map()
const dialers = waitingRoom()
let completed = 0
let allCompleted
const everyCallCompleted = new Promise((resolve) => (allCompleted = resolve))

const hooks = await openHookServer({
  expected: count * 4,
  commit: ({ callId, kind, sid, duration }, answer) =>
    writer.write({
      callId,
      kind,
      sid,
      duration,
      written: (written) => {
        answer(written)
        if (written && kind === 'completed') complete(callId)
      },
    }),
})
setDeadline(() => ({ completed, open: intendedAt.size, hooks: hooks.totals }))

watch.start()
await Promise.all([dialEveryone(), everyCallCompleted])
watch.stop()

const totals = await carrier.totals()
const checks = await checkLifecycle(pool, count)
checks['no callback forged or failed'] = hooks.totals.forged === 0 && hooks.totals.failed === 0
if (totals) checks['the carrier created one call each'] = totals.created === count
finish({
  name: 'limit-lifecycle',
  count,
  taken: watch.taken(),
  webhookP99Ms: hooks.latency.percentile(0.99),
  cycleP50Ms: cycle.percentile(0.5),
  cycleP99Ms: cycle.percentile(0.99),
  itemsPerGroup: Math.round(writer.totals.items / writer.totals.groups),
  checks,
})

function complete(callId) {
  const since = intendedAt.get(callId)
  // A callback that came twice completes nothing.
  if (since === undefined) return
  intendedAt.delete(callId)
  cycle.add(performance.now() - since)
  dialers.wakeOne()
  if (++completed === count) allCompleted()
}

/** Resolves when every call was posted and its sid is committed. */
async function dialEveryone() {
  const placements = []
  let intents = []
  let taken = 0
  let watermark = 0
  let drained = false
  let claiming = null

  const claim = async () => {
    const { rows } = await claimer.query({
      name: 'claim',
      text: claimStatement,
      values: [watermark, settings.batch],
    })
    const now = performance.now()
    intents = intents.slice(taken)
    taken = 0
    for (const row of rows) {
      const recipientId = Number(row.recipient_id)
      watermark = Math.max(watermark, recipientId)
      intendedAt.set(Number(row.id), now)
      intents.push({ callId: Number(row.id), recipientId })
    }
    drained = rows.length === 0
    claiming = null
  }

  const dial = async () => {
    for (;;) {
      const unposted = intents.length - taken
      // The next batch is claimed while this one is being posted.
      if (!drained && unposted < settings.batch / 2) claiming ??= claim()
      if (intendedAt.size - unposted >= settings.openCalls) {
        await dialers.wait()
        continue
      }
      const intent = intents[taken]
      if (!intent) {
        if (!claiming) return
        await claiming
        continue
      }
      taken++
      const sid = await carrier.placeCall(phoneOf(intent.recipientId), hooks.urlOf(intent.callId))
      placements.push(recordPlacement(intent.callId, sid))
    }
  }

  await Promise.all(Array.from({ length: settings.concurrency }, dial))
  const written = await Promise.all(placements)
  if (written.includes(false)) throw new Error('a placement was not written')
}

function recordPlacement(callId, sid) {
  return new Promise((written) => writer.write({ callId, kind: 'placed', sid, duration: 0, written }))
}

/** Where dialers wait while too many calls are open; every call that completes lets one go on. */
function waitingRoom() {
  const waiting = []
  return {
    wait: () => new Promise((goOn) => waiting.push(goOn)),
    wakeOne: () => waiting.shift()?.(),
  }
}
