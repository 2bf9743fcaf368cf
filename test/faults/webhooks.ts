/** Webhooks in every order, several times, forged, replayed, broken, and while the database is away. */
import { setTimeout as delay } from 'node:timers/promises'
import { simulatedAccountSid, simulatedAuthToken } from '../../src/config.ts'
import { size, within, type Ground } from './ground.ts'
import { forgeries } from './forgeries.ts'
import { fuzzedLetter } from './fuzz.ts'
import { until } from './processes.ts'
import { openPostOffice, type Letter, type PostOffice } from './post-office.ts'
import { type Rig, type RigOptions } from './installation.ts'
import { quiet } from './verdict.ts'
import { people } from './people.ts'
import { inRig, type Ending, type Figures, type Outcome, type Row } from './row.ts'
import { seededRandom } from '../../src/random.ts'
import { cableTo, type Cable } from '../cable.ts'

export const webhookRows: Row[] = [
  { name: 'webhooks: every order, each five times', run: everyOrder },
  { name: 'webhooks: replayed and forged', run: replayedAndForged },
  { name: 'webhooks: fuzzed', run: fuzzed },
  { name: 'webhooks: the database is away', run: databaseAway },
]

/** A rig whose webhooks all come through a post office. */
async function withOffice(
  ground: Ground,
  options: RigOptions,
  work: (rig: Rig, office: PostOffice) => Promise<Figures>,
  ending: Ending = {},
): Promise<Outcome> {
  let serverUrl = ''
  const office = await openPostOffice(() => serverUrl)
  const environment = () => ({ PUBLIC_URL: office.url })
  try {
    return await inRig(
      ground,
      { ...options, environment },
      async (rig) => {
        serverUrl = rig.origin(0)
        await rig.start()
        return work(rig, office)
      },
      ending,
    )
  } finally {
    await office.close()
  }
}

/** Calls that end in five ways, so that each order of the events of each is seen. */
const fiveEnds = JSON.stringify({
  outcomes: { completed: 30, hung_up: 10, no_answer: 20, busy: 20, failed: 20 },
  dialSeconds: [0.5, 3],
  ringSeconds: [8, 12],
})
const finalWords = ['completed', 'busy', 'no-answer', 'failed', 'canceled']

function everyOrder(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 220, 2_000)
  const orders = new Map<string, Map<string, number>>()
  return withOffice(
    ground,
    { callsPerSecond: 60, profile: fiveEnds, speed: 20 },
    async (rig, office) => {
      office.handle = inTurns(rig, office, orders)
      await rig.beginRun(people(recipients))
      await quiet(rig, ground.full ? 600_000 : 120_000)
      // On a machine that is too busy for them the server says so, and the carrier sends the letter again.
      const bad = office.delivered.filter(({ status }) => status >= 300 && status !== 503)
      if (bad.length > 0)
        rig.findings.push(`${bad.length} letters were not taken, the first with ${bad[0]?.status}`)
      const later = office.delivered.filter(({ status }) => status === 503).length
      const seen: Figures = { recipients, letters: office.delivered.length, 'told to come back': later }
      for (const word of finalWords) {
        const found = [...(orders.get(word)?.keys() ?? [])]
        const events = Math.max(0, ...found.map((order) => order.length))
        const all = factorial(events)
        const complete = found.filter((order) => order.length === events).length
        seen[`orders of ${word}`] = `${complete} of ${all}`
        if (events < 2 || (complete < all && recipients > 200))
          rig.findings.push(`${word} came in ${complete} of ${all} orders`)
      }
      return seen
    },
    { withinMs: 120_000 },
  )
}

/**
 * Keeps the letters of a call until the last event, then delivers them in the order that was tried least, each five times at
 * once. The carrier is told at once that they were taken: it would wait for each of them, and every call for a minute.
 */
function inTurns(rig: Rig, office: PostOffice, orders: Map<string, Map<string, number>>) {
  const kept = new Map<string, Letter[]>()
  const over = new Set<string>()
  let rung = 0
  return async (letter: Letter): Promise<number> => {
    // What asks for the next words is answered at once: the call itself waits for it.
    if (!letter.path.endsWith('/status')) return office.deliver(letter)
    const field = (name: string): string => letter.form.get(name) ?? ''
    const [sid, status] = [field('CallSid'), field('CallStatus')]
    // Later than everything else: that is an order, too.
    if (over.has(sid)) return office.deliver(letter)
    const all = kept.get(sid) ?? []
    kept.set(sid, [...all, letter])
    if (status === 'ringing' && (rung += 1) % 2 === 0) void cancelAtCarrier(rig, sid)
    if (finalWords.includes(status)) void deliverAll(sid, status)
    return 204
  }

  async function deliverAll(sid: string, word: string): Promise<void> {
    // The events that are still on their way through the carrier's turn.
    await delay(300)
    over.add(sid)
    const letters = kept.get(sid) ?? []
    const tried = orders.get(word) ?? new Map<string, number>()
    orders.set(word, tried)
    for (const digit of nextOrder(letters.length, tried)) {
      const letter = letters[Number(digit)]
      if (letter !== undefined) await deliverFive(office, letter)
    }
  }
}

/** What is told to come back comes back, as it would from the carrier. */
async function deliverFive(office: PostOffice, letter: Letter): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const statuses = await Promise.all(Array.from({ length: 5 }, () => office.deliver(letter)))
    if (statuses.some((status) => status < 300)) return
  }
}

/** The first order of `count` things that was tried least. Counts it. */
function nextOrder(count: number, tried: Map<string, number>): string {
  const least = permutations(count).sort((a, b) => (tried.get(a) ?? 0) - (tried.get(b) ?? 0))[0] ?? ''
  tried.set(least, (tried.get(least) ?? 0) + 1)
  return least
}

function permutations(count: number): string[] {
  const grow = (rest: string[]): string[] =>
    rest.length === 0
      ? ['']
      : rest.flatMap((one) => grow(rest.filter((other) => other !== one)).map((tail) => one + tail))
  return grow(Array.from({ length: count }, (_, index) => String(index)))
}

function factorial(count: number): number {
  return count <= 1 ? 1 : count * factorial(count - 1)
}

async function cancelAtCarrier(rig: Rig, sid: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${simulatedAccountSid}:${simulatedAuthToken}`).toString('base64')}`
  const path = `/2010-04-01/Accounts/${simulatedAccountSid}/Calls/${sid}.json`
  const body = new URLSearchParams({ Status: 'completed' })
  await fetch(rig.carrierUrl + path, { method: 'POST', headers: { authorization }, body }).catch(() => {})
}

/** Genuine letters again and again, seven days later too, and seventeen kinds of false ones, change nothing. */
function replayedAndForged(ground: Ground): Promise<Outcome> {
  const times = size(ground, 10, 1_000)
  return withOffice(ground, { callsPerSecond: 60, profile: 'all-answer', speed: 60 }, async (rig, office) => {
    await rig.beginRun(people(20))
    await quiet(rig, 90_000)
    const genuine = office.letters.filter((letter) => letter.path.endsWith('/status'))
    const before = await everyCall(rig)
    const replayed = genuine.slice(0, 20)
    for (let round = 0; round < times; round += 1) {
      const statuses = await Promise.all(replayed.map((letter) => office.deliver(letter)))
      const refused = statuses.filter((status) => status !== 204 && status !== 200)
      if (refused.length > 0) rig.findings.push(`a replay was answered ${refused[0]}`)
    }
    await rig.sql`update product_clock set offset_ms = offset_ms + ${7 * 86_400_000}`
    for (const letter of replayed) await office.deliver(letter)
    let forged = 0
    const [first, second] = [genuine[0], genuine.find((letter) => letter.path !== genuine[0]?.path)]
    if (first === undefined || second === undefined) throw new Error('no letters came')
    for (const forgery of forgeries(first, second, office.url)) {
      forged += 1
      const status = await office.deliver(forgery.letter)
      if (!forgery.accepts.includes(status)) rig.findings.push(`forged (${forgery.name}): answered ${status}`)
    }
    if ((await everyCall(rig)) !== before) rig.findings.push('a replayed or forged letter changed a call')
    return { replays: replayed.length * times, forgeries: forged }
  })
}

/** Bodies that make no sense, signed and unsigned, to addresses that exist and that do not. */
function fuzzed(ground: Ground): Promise<Outcome> {
  const letters = size(ground, 1_000, 20_000)
  return withOffice(ground, { callsPerSecond: 60, profile: 'all-answer', speed: 60 }, async (rig, office) => {
    await rig.beginRun(people(20))
    await quiet(rig, 90_000)
    const genuine = [...office.letters]
    const before = await everyCall(rig)
    const random = seededRandom(ground.seed)
    const statuses = new Map<number, number>()
    let left = letters
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        const { status } = await office.insist(fuzzedLetter(random, genuine, office.url))
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: 16 }, lane))
    const errors = [...statuses].filter(([status]) => status >= 500)
    for (const [status, times] of errors) rig.findings.push(`${times} fuzzed letters were answered ${status}`)
    const toldToComeBack = office.delivered.filter(({ status }) => status === 503)
    if (toldToComeBack.some(({ againAfterMs }) => againAfterMs === null))
      rig.findings.push('a letter was told to come back, but not when')
    if ((await everyCall(rig)) !== before) rig.findings.push('a fuzzed letter changed a call')
    const told = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`)
    return { letters, 'told to come back': toldToComeBack.length, answers: told.join(', ') }
  })
}

/** The database is cut off, then silent: webhooks are told to come back, none is taken that is not written. */
async function databaseAway(ground: Ground): Promise<Outcome> {
  let cable: Cable | null = null
  const [recipients, times, awayMs] = [size(ground, 200, 2_000), size(ground, 2, 20), 3_000]
  const database = async (url: string) => (cable = await cableTo(url)).url
  const outages: { from: number; to: number; silent: boolean }[] = []
  try {
    return await withOffice(
      ground,
      { callsPerSecond: 60, database },
      async (rig, office) => {
        await rig.beginRun(people(recipients))
        for (let round = 0; round < times; round += 1) {
          const wanted = Math.floor((recipients / (times + 1)) * (round + 1))
          await until(`${wanted} calls`, 180_000, async () => (await rig.accepted()) >= wanted)
          const silent = round % 2 === 1
          const from = Date.now()
          if (silent) cable?.hold()
          else cable?.cut()
          await delay(awayMs)
          outages.push({ from, to: Date.now(), silent })
          if (silent) cable?.release()
          else cable?.mend()
        }
        return {
          recipients,
          outages: times,
          ...answersMeanwhile(rig, office, { outages, slowestMs: within(ground, 2_500) }),
        }
      },
      { withinMs: 120_000 },
    )
  } finally {
    await (cable as Cable | null)?.close()
  }
}

/** What was answered to letters that came while the database was surely away. */
function answersMeanwhile(
  rig: Rig,
  office: PostOffice,
  { outages, slowestMs }: { outages: readonly { from: number; to: number }[]; slowestMs: number },
): Figures {
  const graceMs = 100
  const meanwhile = office.delivered.filter(({ sentAt, tookMs }) =>
    outages.some(({ from, to }) => sentAt > from + graceMs && sentAt + tookMs < to),
  )
  const taken = meanwhile.filter(({ status }) => status < 300).length
  const slowest = Math.max(0, ...meanwhile.map(({ tookMs }) => tookMs))
  if (meanwhile.length === 0) rig.findings.push('no webhook came while the database was away')
  if (taken > 0) rig.findings.push(`${taken} webhooks were taken while the database was away`)
  if (meanwhile.some(({ status }) => status !== 503 && status >= 300))
    rig.findings.push(`a webhook was answered ${meanwhile.find(({ status }) => status !== 503)?.status}`)
  if (slowest > slowestMs) rig.findings.push(`a webhook was answered after ${slowest} ms`)
  return { 'told to come back': meanwhile.length - taken, 'slowest answer ms': slowest }
}

/** Everything about calls that a report could change, as one text. */
async function everyCall(rig: Rig): Promise<string> {
  const rows = await rig.sql`
    select id, state, reason, carrier_sid, started_at, ended_at, duration, heard, playback, hang_up from calls order by id`
  const strays = await rig.sql`select carrier_sid from stray_calls order by 1`
  return JSON.stringify([rows, strays])
}
