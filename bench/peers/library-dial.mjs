// The dialing loop as a user of a queue library writes it: a job per recipient, one POST and one update each.
// The jobs are stored before the clock starts.
//
//   DATABASE_URL=… N=20000 CONCURRENCY=100 CARRIER_DELAY_MS=0 node library-dial.mjs graphile|pgboss|bullmq
import { openCarrier, phoneOf } from './carrier-client.mjs'
import { finish, setDeadline, stopwatch } from './measure.mjs'
import { openQueue } from './queue-libraries.mjs'
import { settings } from './settings.mjs'
import { checkDial, makeDialTables, openDatabase, recipientStates } from './tables.mjs'

const recordStatement = `
  update recipients set state = ${recipientStates.done}, attempts = attempts + 1, sid = $2 where id = $1`

const library = process.argv[2] ?? 'graphile'
const count = settings.count || 20_000
const pool = openDatabase()
await makeDialTables(pool, count)
const carrier = await openCarrier({ connections: settings.concurrency })
const queue = await openQueue(library, settings.concurrency)
const enqueueFrom = performance.now()
await queue.enqueue(
  Array.from({ length: count }, (_, index) => ({ recipientId: index + 1, phone: phoneOf(index + 1) })),
)
const enqueuePerSecond = Math.round((count / (performance.now() - enqueueFrom)) * 1000)
await pool.query('checkpoint')
const watch = await stopwatch({ pool, carrierPid: carrier.pid })
let recorded = 0
setDeadline(() => ({ recorded }))

watch.start()
await queue.work(dial, count)
watch.stop()

const checks = await checkDial(pool, count)
const totals = await carrier.totals()
if (totals) checks['the carrier created one call each'] = totals.created === count
checks['no job left'] = (await queue.left()) === 0
const name = `library-dial ${library} c=${settings.concurrency}`
finish({ name, count, taken: watch.taken(), enqueuePerSecond, checks })

async function dial({ recipientId, phone }) {
  const sid = await carrier.placeCall(phone)
  await pool.query({ name: 'record', text: recordStatement, values: [recipientId, sid] })
  recorded++
}
