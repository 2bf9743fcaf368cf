/**
 * STOP arrives while several servers send texts to the very people who say it:
 *   npx tsx test/faults/stop-word.ts --people 200 --senders 4
 * By the carrier's ledger nothing may reach a person later than one second after the STOP was answered.
 * Build first.
 */
import { parseArgs } from 'node:util'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { createTextQueue } from '../../src/messages/text-queue.ts'
import { createBodyHash } from '../../src/messages/body-hash.ts'
import { closeBatch } from '../../src/events/event-log.ts'
import { createRig, people, report, secretKey, until } from './rig.ts'

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '200' },
    senders: { type: 'string', default: '4' },
    'texts-each': { type: 'string', default: '40' },
  },
})
const [count, senders, each] = [Number(values.people), Number(values.senders), Number(values['texts-each'])]
const rig = await createRig({
  callsPerSecond: 200,
  maxConcurrentCalls: 200,
  unknownAfterSeconds: 20,
  seed: 1,
  speed: 20,
  profile: 'all-answer',
  carrier: [],
})
try {
  const servers = []
  for (let index = 0; index < senders; index += 1) servers.push(await rig.startServer())
  const [first] = servers
  const [place] = await rig.sql<{ workspace: number; account: number }[]>`
    select (select min(id) from workspaces)::bigint as workspace, (select min(id) from carrier_accounts)::int as account`
  const queue = createTextQueue({
    carrierAccountId: place?.account ?? 0,
    hashBody: createBodyHash(secretKey),
  })
  const persons = people(count)
  await rig.sql.begin(async (tx) => {
    const now = new Date()
    const batches = []
    for (let index = 0; index < each; index += 1)
      for (const to of persons) {
        const wanted = { workspaceId: place?.workspace ?? 0, to, from: '+18005550100', body: `Text ${index}` }
        batches.push(...(await queue(tx, { ...wanted, kind: 'single', lane: 'single' }, now)).batch)
      }
    await closeBatch(tx, { now, workspaces: batches })
  })
  await until('texts flow', 60_000, async () => (await ledgerTexts(rig.ledgerPath)).length > count)
  const answered = new Map<string, number>()
  await Promise.all(
    persons.map(async (from, index) => {
      await new Promise((next) => setTimeout(next, index * 50))
      const body = JSON.stringify({
        from,
        to: '+18005550100',
        body: 'STOP',
        url: `${first?.url ?? ''}/hooks/sms/inbound`,
      })
      await fetch(`${rig.carrierUrl}/simulator/texts`, { method: 'POST', body })
      answered.set(from, Date.now())
    }),
  )
  await until('nothing waits', 300_000, async () => {
    const rows = await rig.sql`select from texts where phase in ('waiting', 'open') limit 1`
    return rows.length === 0
  })
  const late = (await ledgerTexts(rig.ledgerPath))
    .map((text) => text.acceptedAt.getTime() - (answered.get(text.to) ?? Infinity))
    .filter((ms) => ms > 0)
  const worst = Math.max(0, ...late)
  const figures = {
    people: count,
    servers: senders,
    'texts after a STOP': late.length,
    'the latest after its STOP': `${worst} ms`,
  }
  report(rig, figures, worst > 1_000 ? [`a text came ${worst} ms after STOP`] : [])
} finally {
  await rig.close()
}
