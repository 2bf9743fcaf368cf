// The hand-made upper limit of the dialing loop: claim in batches, POST each, record the ids in batches.
//
//   DATABASE_URL=… N=100000 CONCURRENCY=100 CARRIER_DELAY_MS=0 node limit-dial.mjs
import { openCarrier } from './carrier-client.mjs'
import { finish, setDeadline, stopwatch } from './measure.mjs'
import { settings } from './settings.mjs'
import { checkDial, makeDialTables, openDatabase, recipientStates } from './tables.mjs'

const claimStatement = `
  update recipients set state = ${recipientStates.calling}, attempts = attempts + 1
   where id = any (array(
     select id from recipients where id > $1 and state = ${recipientStates.fresh}
      order by id limit $2 for update skip locked))
  returning id, phone`
const recordStatement = `
  update recipients set state = ${recipientStates.done}, sid = placed.sid
    from unnest($1::bigint[], $2::text[]) placed (id, sid)
   where recipients.id = placed.id`

const count = settings.count || 100_000
const pool = openDatabase(4)
await makeDialTables(pool, count)
const carrier = await openCarrier({ connections: settings.concurrency })
const watch = await stopwatch({ pool, carrierPid: carrier.pid })
const claimer = await pool.connect()
const recorder = await pool.connect()
await recorder.query(`set plan_cache_mode = force_generic_plan; set enable_hashjoin = off; set enable_mergejoin = off;
  set enable_seqscan = off`)
let posted = 0
setDeadline(() => ({ posted }))

watch.start()
await dialEveryone()
watch.stop()

const checks = await checkDial(pool, count)
const totals = await carrier.totals()
if (totals) checks['the carrier created one call each'] = totals.created === count
finish({ name: `limit-dial c=${settings.concurrency}`, count, taken: watch.taken(), checks })

/** Resolves when every sid is committed. */
async function dialEveryone() {
  const record = recordInGroups()
  let claimed = []
  let taken = 0
  let watermark = 0
  let drained = false
  let claiming = null
  // Enough stay claimed that no dialer waits for the database, however many post at once.
  const claimBelow = Math.max(settings.batch, settings.concurrency) / 2

  const claim = async () => {
    const { rows } = await claimer.query({
      name: 'claim',
      text: claimStatement,
      values: [watermark, settings.batch],
    })
    claimed = claimed.slice(taken)
    taken = 0
    for (const { id, phone } of rows) {
      watermark = Math.max(watermark, Number(id))
      claimed.push({ id, phone })
    }
    drained = rows.length === 0
    claiming = null
  }

  const dial = async () => {
    for (;;) {
      if (!drained && claimed.length - taken < claimBelow) claiming ??= claim()
      const recipient = claimed[taken]
      if (!recipient) {
        if (!claiming) return
        await claiming
        continue
      }
      taken++
      record.add(recipient.id, await carrier.placeCall(recipient.phone))
      posted++
    }
  }

  await Promise.all(Array.from({ length: settings.concurrency }, dial))
  await record.settled()
}

/** What was placed while a group is being committed is the next group; nobody waits for it but the end. */
function recordInGroups() {
  let ids = ''
  let sids = ''
  let size = 0
  let writing = null

  function add(id, sid) {
    ids += `,${id}`
    sids += `,${sid}`
    if (++size >= settings.batch) writing ??= write()
  }

  async function write() {
    while (size > 0) {
      const values = [`{${ids.slice(1)}}`, `{${sids.slice(1)}}`]
      ids = ''
      sids = ''
      size = 0
      await recorder.query({ name: 'record', text: recordStatement, values })
    }
    writing = null
  }

  // A sid is recorded at most this much later than it was learned, when the carrier is slow.
  const tick = setInterval(() => (writing ??= write()), 20)
  const settled = async () => {
    clearInterval(tick)
    await writing
    await write()
  }
  return { add, settled }
}
