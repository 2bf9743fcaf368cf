/** Texts: servers that die while they send a list, codes that overtake it, and STOP from many people at once. */
import { setTimeout as delay } from 'node:timers/promises'
import { closeBatch } from '../../src/events/event-log.ts'
import { createBodyHash } from '../../src/messages/body-hash.ts'
import { createTextQueue, type QueueText, type WantedText } from '../../src/messages/text-queue.ts'
import { seededRandom } from '../../src/random.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { command, sendCode } from './client.ts'
import { killAndRestart } from './crash.ts'
import { size, type Ground } from './ground.ts'
import { secretKey, type Rig } from './installation.ts'
import { quantile } from './verdict.ts'
import { people, peopleApart } from './people.ts'
import { kill, until } from './processes.ts'
import { inRig, type Outcome, type Row } from './row.ts'

export const textRows: Row[] = [
  { name: 'texts: kill -9 at random moments', run: textsKilled },
  { name: 'texts: codes go before a list', run: lanes, fullOnly: true },
  { name: 'texts: STOP is obeyed everywhere', run: stopWord, fullOnly: true },
]

const from = '+18005550100'

function textsKilled(ground: Ground): Promise<Outcome> {
  const [recipients, kills] = [size(ground, 200, 10_000), size(ground, 2, 20)]
  const random = seededRandom(ground.seed)
  return inRig(
    ground,
    { callsPerSecond: 100 },
    async (rig) => {
      const server = await rig.start()
      await rig.beginTexts(people(recipients))
      const sent = () => rig.acceptedTexts()
      await killAndRestart(rig, server, { recipients, kills, random, sent, end: (one) => kill(one.child) })
      return { recipients, kills }
    },
    {
      limits: { callsPerSecond: 100 },
      withinMs: 60_000,
      look: async (_ledger, rig) => {
        const [row] = await rig.sql<{ voids: number }[]>`
          select count(*)::int as voids from texts where phase = 'void'`
        return { texts: await rig.acceptedTexts(), 'given back': row?.voids ?? 0 }
      },
    },
  )
}

/**
 * How long a code takes from the request to the carrier while campaigns use up the whole rate; codes come at a third of
 * it, written and spoken in turn.
 */
function lanes(ground: Ground): Promise<Outcome> {
  const [waiting, codes] = [size(ground, 1_000, 10_000), size(ground, 20, 100)]
  const callsPerSecond = 1
  return inRig(
    ground,
    {
      callsPerSecond,
      unknownAfterSeconds: 20,
      profile: 'all-answer',
      faults: { acceptDelayMs: [0, 0], answerDelayMs: [0, 0] },
    },
    async (rig) => {
      await rig.start()
      await rig.beginTexts(people(waiting / 2))
      const calls = await rig.beginRun(people(waiting / 2))
      await until('the campaigns are under way', 180_000, async () => (await rig.acceptedTexts()) > 0)
      const client = await rig.client()
      const asked = new Map<string, number>()
      for (const [index, number] of peopleApart(codes).entries()) {
        asked.set(number, Date.now())
        await sendCode(rig.origin(0), client, { number, by: index % 2 === 0 ? 'text' : 'voice' })
        await delay(3_000 / callsPerSecond)
      }
      const sent = () => waitsFor(rig, asked)
      await until('every code is at the carrier', 180_000, async () => {
        const { written, spoken } = await sent()
        return written.length + spoken.length === codes
      })
      const { written, spoken } = await sent()
      await stopAll(rig)
      const [p99, p99Spoken] = [quantile(written, 0.99), quantile(spoken, 0.99)]
      if (p99 > 1_000) rig.findings.push(`one written code in a hundred took ${p99} ms`)
      if (p99Spoken > 1_000) rig.findings.push(`one spoken code in a hundred took ${p99Spoken} ms`)
      // The campaigns were stopped in the middle: only the codes had to arrive.
      rig.wanted.splice(rig.wanted.indexOf(calls), 1)
      rig.texted.splice(0, rig.texted.length)
      return {
        waiting,
        codes,
        'written p50 ms': quantile(written, 0.5),
        'written p99 ms': p99,
        'spoken p50 ms': quantile(spoken, 0.5),
        'spoken p99 ms': p99Spoken,
      }
    },
  )
}

/** Milliseconds from each request to the carrier's ledger. */
async function waitsFor(
  rig: Rig,
  asked: ReadonlyMap<string, number>,
): Promise<{ written: number[]; spoken: number[] }> {
  const waits = (all: readonly { to: string; acceptedAt: Date }[]) =>
    all.flatMap(({ to, acceptedAt }) => {
      const at = asked.get(to)
      return at === undefined ? [] : [acceptedAt.getTime() - at]
    })
  return {
    written: waits(await ledgerTexts(rig.ledgerPath)),
    spoken: waits(await ledgerCalls(rig.ledgerPath)),
  }
}

/** Everybody says STOP while several servers text them: a second after it was answered nothing may come any more. */
function stopWord(ground: Ground): Promise<Outcome> {
  const [count, each, slots] = [size(ground, 50, 200), 40, 3]
  return inRig(
    ground,
    { callsPerSecond: 200, unknownAfterSeconds: 20, profile: 'all-answer', slots },
    async (rig) => {
      await Promise.all(Array.from({ length: slots }, (_, slot) => rig.start({ slot })))
      const persons = people(count)
      const hand = await openQueue(rig)
      for (let index = 0; index < each; index += 1)
        await hand(persons.map((to) => ({ to, body: `Text ${index}`, kind: 'single', lane: 'single' })))
      await until('texts flow', 180_000, async () => (await rig.acceptedTexts()) > count)
      const answered = new Map<string, number>()
      await Promise.all(
        persons.map(async (person, index) => {
          await delay(index * 50)
          const url = `${rig.origin(0)}/hooks/sms/inbound`
          const body = JSON.stringify({ from: person, to: from, body: 'STOP', url })
          await fetch(`${rig.carrierUrl}/simulator/texts`, { method: 'POST', body })
          answered.set(person, Date.now())
        }),
      )
      await until('nothing waits', 300_000, async () => {
        return (await rig.sql`select from texts where phase in ('waiting', 'open') limit 1`).length === 0
      })
      const late = (await ledgerTexts(rig.ledgerPath)).map(
        (text) => text.acceptedAt.getTime() - (answered.get(text.to) ?? Infinity),
      )
      const worst = Math.max(0, ...late)
      if (worst > 1_000) rig.findings.push(`a text came ${worst} ms after STOP`)
      return { people: count, processes: slots, 'the latest after its STOP ms': worst }
    },
  )
}

type Handed = Pick<WantedText, 'to' | 'body' | 'kind' | 'lane'>

/** Hands texts in as a part of the server would, in one transaction. */
async function openQueue(rig: Rig): Promise<(texts: readonly Handed[]) => Promise<void>> {
  const [place] = await rig.sql<{ workspaceId: number; account: number }[]>`
    select (select min(id) from workspaces)::bigint as "workspaceId", (select min(id) from carrier_accounts)::int as account`
  if (place === undefined) throw new Error('the installation has no workspace')
  const queue: QueueText = createTextQueue({
    carrierAccountId: place.account,
    hashBody: createBodyHash(secretKey),
  })
  return async (texts) => {
    await rig.sql.begin(async (tx) => {
      const now = new Date()
      const workspaces = []
      for (const text of texts)
        workspaces.push(...(await queue(tx, { ...text, from, workspaceId: place.workspaceId }, now)).batch)
      await closeBatch(tx, { now, workspaces })
    })
  }
}

async function stopAll(rig: Rig): Promise<void> {
  const rows = await rig.sql<{ campaignId: number }[]>`
    select campaign_id as "campaignId" from runs where state = 'running'`
  for (const { campaignId } of rows)
    await command(rig.origin(0), await rig.client(), { campaignId, command: 'stop' })
}
