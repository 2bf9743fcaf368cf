/** Carriers that lie, stall, refuse and go away. */
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultSettings } from '../../simulator/faults.ts'
import { readLedger } from '../../simulator/ledger.ts'
import { blockedReason } from './client.ts'
import { size, within, type Ground } from './ground.ts'
import { until } from './processes.ts'
import { type Rig } from './installation.ts'
import { people } from './people.ts'
import { inRig, type Outcome, type Row } from './row.ts'

const callsPerSecond = 100
const limits = { callsPerSecond, maxConcurrentCalls: 200, jitterMs: 800 }

/** Each switch of the simulated carrier by itself. */
const switches: Record<string, Partial<FaultSettings>> = {
  none: {},
  'accepted, then silent': { percent: { 'accept-then-silent': 10 } },
  'reset after acceptance': { percent: { 'reset-after': 10 } },
  'reset before acceptance': { percent: { 'reset-before': 10 } },
  '5xx after acceptance': { percent: { '500-with-acceptance': 10 } },
  '5xx, not accepted': { percent: { '500-without': 10 } },
  'an answer 201 that means nothing': { percent: { 'garbage-201': 20 } },
  'the same, and no webhook': { percent: { 'garbage-201': 20, 'callbacks-lost': 100 } },
  redirects: { percent: { redirect: 5 } },
  'answers without end': { percent: { 'endless-answer': 5 } },
  'slow answers': { answerDelayMs: [1_000, 5_000] },
  'down behind its front door': { percent: { down: 10 } },
  'webhooks before the answer': { percent: { 'callback-before-answer': 100 } },
  'webhooks lost': { percent: { 'callbacks-lost': 100 } },
  'webhooks doubled': { percent: { 'callbacks-doubled': 100 } },
  'webhooks shuffled': { percent: { 'callbacks-shuffled': 100 } },
  'webhooks late': { percent: { 'callbacks-delayed': 100 }, callbackDelayMs: [1_000, 10_000] },
  'webhooks forged': { percent: { 'callbacks-forged': 100 } },
}

const everything: Partial<FaultSettings> = {
  percent: {
    'reset-after': 5,
    'reset-before': 3,
    '500-with-acceptance': 5,
    '500-without': 3,
    'garbage-201': 6,
    redirect: 2,
    'endless-answer': 1,
    'callback-before-answer': 10,
    'callbacks-lost': 15,
    'callbacks-doubled': 20,
    'callbacks-shuffled': 20,
    'callbacks-delayed': 10,
    'callbacks-forged': 10,
  },
  callbackDelayMs: [500, 4_000],
}

/** Where few are called, what shows only when two faults meet has to meet often enough. */
const everythingOften: Partial<FaultSettings> = {
  ...everything,
  percent: { ...everything.percent, '500-with-acceptance': 10, 'callbacks-lost': 40 },
}

export const carrierRows: Row[] = [
  {
    name: 'carrier: everything at once',
    run: (ground) => switched(ground, ground.full ? everything : everythingOften),
  },
  { name: 'carrier: 429', run: tooMany },
  { name: 'carrier: wrong credentials', run: wrongCredentials },
  { name: 'carrier: away', run: away },
  ...Object.entries(switches).map(([name, faults]) => ({
    name: `carrier: ${name}`,
    fullOnly: true,
    run: (ground: Ground) => switched(ground, faults),
  })),
]

function switched(ground: Ground, faults: Partial<FaultSettings>): Promise<Outcome> {
  const recipients = size(ground, 200, 2_000)
  return inRig(
    ground,
    { callsPerSecond, unknownAfterSeconds: ground.full ? 8 : 5, faults },
    async (rig) => {
      await rig.start()
      await rig.beginRun(people(recipients))
      return { recipients }
    },
    { limits, withinMs: 60_000 },
  )
}

/** Nobody asks again before the time that the carrier named. */
function tooMany(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 150, 2_000)
  // What was on its way when the answer came cannot be taken back.
  const underWayMs = 1_200
  const refusedForMs = 2_000
  const prompt = { acceptDelayMs: [0, 100], answerDelayMs: [50, 150] } satisfies Partial<FaultSettings>
  return inRig(
    ground,
    {
      callsPerSecond,
      faults: { ...prompt, percent: { '429': ground.full ? 1 : 4 }, retryAfterSeconds: [2, 2] },
    },
    async (rig) => {
      await rig.start()
      await rig.beginRun(people(recipients))
      return { recipients }
    },
    {
      limits,
      withinMs: 300_000,
      look: async (_ledger, rig) => {
        const entries = await requests(rig)
        const refused = entries.filter((one) => one.statusCode === 429).map((one) => one.at)
        const early = refused.flatMap((from) =>
          entries.filter(({ at }) => at > from + underWayMs && at < from + refusedForMs - 50),
        )
        if (refused.length === 0) rig.findings.push('the carrier never said 429')
        if (early.length > 0)
          rig.findings.push(`${early.length} requests came before the time the carrier named`)
        return { refused: refused.length, early: early.length }
      },
    },
  )
}

/** Dialing pauses within five requests, at the start as in the middle, says so, and goes on when it is put right. */
function wrongCredentials(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 150, 2_000)
  // At a full hundred the carrier refuses everything, and no run could be begun.
  const wrong: Partial<FaultSettings> = {
    percent: { unauthorized: 99.99 },
    acceptDelayMs: [0, 0],
    answerDelayMs: [0, 0],
  }
  return inRig(
    ground,
    { callsPerSecond, faults: wrong },
    async (rig) => {
      const { url } = await rig.start()
      await rig.beginRun(people(recipients))
      const client = await rig.client()
      const said = () =>
        until('the page says why', 20_000, async () => (await blockedReason(url, client)) === 'credentials')
      await said()
      const atStart = await refusals(rig)
      await rig.setFaults({})
      await until('dialing goes on', 180_000, async () => (await rig.accepted()) > recipients / 3)
      if ((await blockedReason(url, client)) !== null)
        rig.findings.push('the page says that nobody is dialed, but they are')
      const before = await refusals(rig)
      await rig.setFaults(wrong)
      await said()
      await delay(1_000)
      const inTheMiddle = (await refusals(rig)) - before
      await rig.setFaults({})
      // What is on its way when the first refusal comes cannot be taken back.
      if (atStart > 5 || inTheMiddle > within(ground, 5))
        rig.findings.push(
          `${atStart} requests at the start and ${inTheMiddle} in the middle were made in vain`,
        )
      return { recipients, 'in vain at the start': atStart, 'in the middle': inTheMiddle }
    },
    { limits, withinMs: 120_000 },
  )
}

/** Refuses connections in the middle of a run: few probes, no attempt used up, and back at once. */
function away(ground: Ground): Promise<Outcome> {
  const [recipients, seconds] = [size(ground, 200, 2_000), ground.full ? 60 : 6]
  let backAt = 0
  return inRig(
    ground,
    { callsPerSecond },
    async (rig) => {
      await rig.start()
      await rig.beginRun(people(recipients))
      await until('calls are made', 180_000, async () => (await rig.accepted()) > recipients / 4)
      // It may refuse so soon that its answer does not come through.
      const body = JSON.stringify({ seconds })
      await fetch(`${rig.carrierUrl}/simulator/refuse`, { method: 'POST', body }).catch(() => {})
      backAt = Date.now() + seconds * 1_000
      await delay(seconds * 1_000)
      return { recipients, 'away s': seconds }
    },
    {
      limits,
      withinMs: 120_000,
      look: async (ledger, rig) => {
        const [row] = await rig.sql<{ probes: number; used: number }[]>`
          select (select count(*)::int from calls where state = 'not_placed' and reason like 'not_sent%') as probes,
                 (select coalesce(max(attempts), 0)::int from campaign_numbers) as used`
        const next = ledger.map((call) => call.acceptedAt.getTime()).filter((at) => at >= backAt - 50)
        const resumedMs = Math.min(...next) - backAt
        if ((row?.probes ?? 0) > seconds + 10)
          rig.findings.push(`${row?.probes} requests in ${seconds} s of absence`)
        if ((row?.used ?? 0) > 1) rig.findings.push('the absence used up attempts')
        if (!(resumedMs < within(ground, 5_000)))
          rig.findings.push(`the first call came ${resumedMs} ms after the carrier was back`)
        return { probes: row?.probes ?? 0, 'resumed after ms': resumedMs }
      },
    },
  )
}

async function requests(rig: Rig): Promise<{ at: number; statusCode: number }[]> {
  const found: { at: number; statusCode: number }[] = []
  for await (const entry of readLedger(rig.ledgerPath)) {
    if (entry.event === 'accepted') found.push({ at: Date.parse(entry.at), statusCode: 201 })
    if (entry.event === 'refused') found.push({ at: Date.parse(entry.at), statusCode: entry.statusCode })
  }
  return found
}

async function refusals(rig: Rig): Promise<number> {
  return (await requests(rig)).filter((one) => one.statusCode === 401).length
}
