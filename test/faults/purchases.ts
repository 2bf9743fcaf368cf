/** Servers that die while they buy numbers and give them back: nothing is paid twice, and no number is lost. */
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../../src/random.ts'
import { readLedger } from '../../simulator/ledger.ts'
import { offeredNumbers, tradeNumber, type Offered } from './client.ts'
import { size, type Ground } from './ground.ts'
import type { Rig } from './installation.ts'
import { kill, until } from './processes.ts'
import { inRig, type Outcome, type Row } from './row.ts'

export const purchaseRows: Row[] = [{ name: 'numbers: kill -9 around purchases and releases', run: trades }]

const price = 50
/** The market's own trouble is tested elsewhere: these are taken, pending, in use or broken. */
const troubled = /4[1-4]$/
type Trade = Offered & { method: 'POST' | 'DELETE'; key: string }

function trades(ground: Ground): Promise<Outcome> {
  const [numbers, perLife] = [size(ground, 6, 30), 3]
  const random = seededRandom(ground.seed)
  return inRig(
    ground,
    // The carrier keeps a number although its answer is lost, and refuses without a word, all the while.
    { unknownAfterSeconds: 5, faults: { percent: { 'reset-after': 10, 'reset-before': 10 } } },
    async (rig) => {
      await rig.start()
      const client = await rig.client()
      const offered = (await offeredNumbers(rig.origin(0), client)).filter(
        ({ phone_number }) => !troubled.test(phone_number),
      )
      const chosen = offered.slice(0, numbers)
      let lives = 1
      for (const method of ['POST', 'DELETE'] as const) {
        const wanted = chosen.map((one): Trade => ({ ...one, method, key: `${method} ${one.phone_number}` }))
        for (let first = 0; first < wanted.length; first += perLife) {
          // Two requests for each: a client that asks twice, and another that wants the same.
          const asked = wanted.slice(first, first + perLife)
          for (const trade of asked)
            for (const key of [trade.key, trade.key, `other ${trade.key}`])
              void tradeNumber(rig.origin(0), client, { ...trade, sid: trade.phone_number_sid, key })
          await delay(random() * 250)
          for (const { child } of rig.living()) await kill(child)
          await rig.start()
          lives += 1
        }
        await settled(rig, wanted)
        await look(rig, chosen, method)
      }
      return { numbers: chosen.length, lives }
    },
  )
}

/** Asks again until every trade is done: nothing is under way, and each number is where its client wanted it. */
async function settled(rig: Rig, wanted: readonly Trade[]): Promise<void> {
  const client = await rig.client()
  await until('every number is where it was wanted', 240_000, async () => {
    let open = 0
    for (const trade of wanted) {
      const done = trade.method === 'POST' ? 'owned' : 'seen'
      const [row] = await rig.sql<{ state: string }[]>`
        select state from phone_numbers where sid = ${trade.phone_number_sid}`
      if (row?.state === done) continue
      open += 1
      await tradeNumber(rig.origin(0), client, { ...trade, sid: trade.phone_number_sid })
    }
    if (open > 0) await delay(500)
    return open === 0
  })
}

/** By the carrier's ledger each was bought (and given back) once, and by ours each was paid once. */
async function look(rig: Rig, chosen: readonly Offered[], after: Trade['method']): Promise<void> {
  const times = new Map<string, { bought: number; released: number }>()
  for await (const entry of readLedger(rig.ledgerPath)) {
    if (entry.event !== 'number-bought' && entry.event !== 'number-released') continue
    const known = times.get(entry.phoneNumber) ?? { bought: 0, released: 0 }
    known[entry.event === 'number-bought' ? 'bought' : 'released'] += 1
    times.set(entry.phoneNumber, known)
  }
  const released = after === 'DELETE' ? 1 : 0
  for (const { phone_number: number } of chosen) {
    const seen = times.get(number) ?? { bought: 0, released: 0 }
    if (seen.bought !== 1) rig.findings.push(`${number} was bought ${seen.bought} times`)
    if (seen.released !== released) rig.findings.push(`${number} was given back ${seen.released} times`)
  }
  for (const number of times.keys())
    if (!chosen.some((one) => one.phone_number === number)) rig.findings.push(`${number}: nobody wanted it`)
  const [paid] = await rig.sql<{ used: number; held: number }[]>`
    select coalesce(sum(used), 0)::int as used, coalesce(sum(held), 0)::int as held
      from credit_entries where kind = 'number'`
  if (paid?.used !== chosen.length * price)
    rig.findings.push(`${paid?.used} credits were paid for ${chosen.length}`)
  if (paid?.held !== 0) rig.findings.push(`${paid?.held} credits are still on hold`)
}
