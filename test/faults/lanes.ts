/**
 * How long a code takes from the request to the carrier while campaigns use up the whole rate:
 *   npx tsx test/faults/lanes.ts --waiting 10000 --codes 100 --per-second 1
 * Codes come at a third of the rate. Ends with 1 when the slowest in a hundred took a second. Build first.
 */
import { parseArgs } from 'node:util'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { createTextQueue } from '../../src/messages/text-queue.ts'
import { createBodyHash } from '../../src/messages/body-hash.ts'
import { closeBatch } from '../../src/events/event-log.ts'
import { beginByHttp, createRig, people, quantile, report, secretKey, until } from './rig.ts'

const { values } = parseArgs({
  options: {
    waiting: { type: 'string', default: '10000' },
    codes: { type: 'string', default: '100' },
    'per-second': { type: 'string', default: '1' },
  },
})
const perSecond = Number(values['per-second'])
const codes = Number(values.codes)
const rig = await createRig({
  callsPerSecond: perSecond,
  maxConcurrentCalls: 200,
  unknownAfterSeconds: 20,
  seed: 1,
  speed: 20,
  profile: 'all-answer',
  carrier: [],
})
try {
  const server = await rig.startServer()
  const half = Math.ceil(Number(values.waiting) / 2)
  await beginByHttp(rig, server, people(half), 'SMS')
  await beginByHttp(rig, server, people(half, 412), 'PHONE')
  await until(
    'the campaigns are under way',
    60_000,
    async () => (await ledgerTexts(rig.ledgerPath)).length > 0,
  )
  const [place] = await rig.sql<{ workspace: number; account: number }[]>`
    select (select min(id) from workspaces)::bigint as workspace, (select min(id) from carrier_accounts)::int as account`
  const queue = createTextQueue({
    carrierAccountId: place?.account ?? 0,
    hashBody: createBodyHash(secretKey),
  })
  const asked = new Map<string, number>()
  for (let index = 0; index < codes; index += 1) {
    const to = `+1214${5_550_000 + index}`
    asked.set(to, Date.now())
    await rig.sql.begin(async (tx) => {
      const now = new Date()
      const wanted = { workspaceId: place?.workspace ?? 0, to, from: '+18005550100', body: `Code ${index}` }
      const { batch } = await queue(tx, { ...wanted, kind: 'otp', lane: 'otp' }, now)
      await closeBatch(tx, { now, workspaces: batch })
    })
    await new Promise((next) => setTimeout(next, 3_000 / perSecond))
  }
  const sent = async () => (await ledgerTexts(rig.ledgerPath)).filter((text) => asked.has(text.to))
  await until('every code is at the carrier', 60_000, async () => (await sent()).length === codes)
  const waits = (await sent()).map((text) => text.acceptedAt.getTime() - (asked.get(text.to) ?? 0))
  const p99 = quantile(waits, 0.99)
  const figures = {
    waiting: half * 2,
    codes,
    'request to carrier p50': `${quantile(waits, 0.5)} ms`,
    'request to carrier p99': `${p99} ms`,
    'request to carrier max': `${Math.max(...waits)} ms`,
  }
  report(rig, figures, p99 < 1_000 ? [] : [`p99 is ${p99} ms`])
} finally {
  await rig.close()
}
