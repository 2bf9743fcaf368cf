/** Several processes on one database: killed, stopped, gone on with; one budget, one schedule, one word of command. */
import { setTimeout as delay } from 'node:timers/promises'
import { failpointNames, type FailpointName } from '../../src/failpoint.ts'
import { seededRandom } from '../../src/random.ts'
import type { LedgerCall } from '../../simulator/ledger-calls.ts'
import { begin, command, makeCampaign } from './client.ts'
import { size, within, type Ground } from './ground.ts'
import { isAlive, isStopped, kill, until } from './processes.ts'
import { type Rig, type Server } from './installation.ts'
import { quiet, referenced } from './verdict.ts'
import { people } from './people.ts'
import { passTime } from './product-time.ts'
import { inRig, type Figures, type Outcome, type Row } from './row.ts'

const three = { slots: 3 }

export const workerRows: Row[] = [
  { name: 'workers: three, killed and stopped at random', run: killedAndStopped },
  { name: 'workers: stopped at failpoints', run: stoppedAtPoints },
  { name: 'workers: a schedule fires once', run: schedules },
  { name: 'workers: a stop is obeyed everywhere', run: stopsEverywhere },
  { name: 'workers: a stop is obeyed by one that stood still', run: stopWhileStandingStill },
]

async function startAll(rig: Rig): Promise<Server[]> {
  return Promise.all([0, 1, 2].map((slot) => rig.start({ slot })))
}

/** Rates and numbers of open calls hold for all together, while each of them dies, stands still and comes back. */
function killedAndStopped(ground: Ground): Promise<Outcome> {
  // Calls last some seconds here: first the rate holds them back, then the number of those that are open.
  const callsPerSecond = ground.full ? 60 : 10
  const limits = { callsPerSecond, maxConcurrentCalls: ground.full ? 180 : 45 }
  const recipients = size(ground, 180, 1_000)
  const random = seededRandom(ground.seed)
  const stopMs = () => (ground.full ? 5_000 + random() * 25_000 : 2_000 + random() * 4_000)
  return inRig(
    ground,
    { ...limits, ...three, speed: 4 },
    async (rig) => {
      const servers = await startAll(rig)
      await rig.beginRun(people(recipients))
      // Both limits are reached before anybody falls out.
      await until('many are called', 180_000, async () => (await rig.accepted()) > 100)
      const done = { kills: 0, stops: 0 }
      const standing: Promise<void>[] = []
      let starts = servers.length
      while ((await rig.accepted()) < recipients * 0.9) {
        await delay(ground.full ? 1_500 + random() * 3_000 : 600 + random() * 1_200)
        const slot = Math.floor(random() * servers.length)
        const server = servers[slot]
        if (server === undefined || isStopped(server.child)) continue
        if (random() < 0.5) {
          await kill(server.child)
          servers[slot] = await rig.start({ slot })
          starts += 1
          done.kills += 1
        } else {
          standing.push(standStill(server, stopMs()))
          done.stops += 1
        }
      }
      await Promise.all(standing)
      await quiet(rig, 180_000)
      const [row] = await rig.sql<{ workers: number }[]>`select count(*)::int as workers from workers`
      if ((row?.workers ?? 0) > starts)
        rig.findings.push(`${row?.workers} workers for ${starts} processes: a living one was taken for gone`)
      return { recipients, ...done }
    },
    { limits: { ...limits, jitterMs: 800 }, withinMs: 60_000 },
  )
}

async function standStill(server: Server, ms: number): Promise<void> {
  server.child.kill('SIGSTOP')
  await delay(ms)
  server.child.kill('SIGCONT')
}

const quickPoints: FailpointName[] = ['claim.committed', 'send.due', 'send.written']
/** Nothing stands there long enough to matter, or nobody comes there in this row. */
const notHere = /^(migration|import|job|run|call|stray|account|worker)\./

/** One of two processes stands still at a named place for longer than any lease would last; the other goes on. */
function stoppedAtPoints(ground: Ground): Promise<Outcome> {
  const points = ground.full ? failpointNames.filter((name) => !notHere.test(name)) : quickPoints
  const stopMs = ground.full ? 15_000 : 4_000
  return inRig(
    ground,
    {
      callsPerSecond: 40,
      unknownAfterSeconds: 4,
      slots: 2,
      faults: { percent: { 'reset-after': 5, '500-without': 4, '429': 0.5, 'callbacks-lost': 10 } },
    },
    async (rig) => {
      await rig.start({ slot: 0 })
      const missed: string[] = []
      for (const point of points) {
        const server = await rig.start({ slot: 1, failpoints: `${point}@2=stop` })
        // Both have work now: whoever stands still does so in the middle of it.
        await rig.beginRun(people(ground.full ? 120 : 60))
        try {
          await until(
            `stands still at ${point}`,
            30_000,
            () => isStopped(server.child) || !isAlive(server.child),
          )
          await delay(stopMs)
          server.child.kill('SIGCONT')
          await delay(1_000)
        } catch {
          missed.push(point)
        }
        await kill(server.child)
      }
      if (missed.length > points.length / 3)
        rig.findings.push(`stood still nowhere near ${missed.join(', ')}`)
      return { points: points.length, 'stopped for s': stopMs / 1_000, 'not reached': missed.join(' ') || 0 }
    },
    { limits: { callsPerSecond: 40, maxConcurrentCalls: 200, jitterMs: 800 }, withinMs: 180_000 },
  )
}

/** Each campaign that was scheduled is called once, within two seconds of its time. */
function schedules(ground: Ground): Promise<Outcome> {
  const [count, lateMs] = [size(ground, 20, 200), within(ground, 2_000)]
  const [aheadMs, closeMs] = [10 * 60_000, 3_500]
  const due = new Map<string, number>()
  let movedMs = 0
  return inRig(
    ground,
    { callsPerSecond: 200, ...three, faults: { acceptDelayMs: [0, 50], answerDelayMs: [0, 50] } },
    async (rig) => {
      const servers = await startAll(rig)
      const client = await rig.client()
      const urls = servers.map(({ url }) => url)
      const planned: { url: string; to: string; campaignId: number }[] = []
      for (const [index, to] of people(count).entries()) {
        const url = urls[index % urls.length] ?? rig.origin(0)
        planned.push({ url, to, campaignId: await makeCampaign(url, client, [to]) })
      }
      // Later than the last of them is told; then product time passes until they are close.
      const first = Date.now() + aheadMs
      const schedule = async ({ url, to, campaignId }: (typeof planned)[number], at: number) => {
        due.set(to, at)
        const body = { schedule_date: new Date(at).toISOString() }
        rig.wanted.push({ runId: await begin(url, client, { campaignId, body }), numbers: [to] })
      }
      const spread = 1_000
      const throughOne = async (url: string): Promise<void> => {
        for (const [index, one] of planned.entries())
          if (one.url === url) await schedule(one, first + Math.floor((index * spread) / count))
      }
      await Promise.all(urls.map(throughOne))
      movedMs = await passTime(rig, first - closeMs - Date.now())
      return { schedules: count, processes: 3 }
    },
    {
      withinMs: 180_000,
      look: (ledger, rig) => {
        const lags = ledger.map((call) => call.acceptedAt.getTime() + movedMs - (due.get(call.to) ?? 0))
        const [earliest, latest] = [Math.min(...lags), Math.max(...lags)]
        if (earliest < 0) rig.findings.push(`a schedule fired ${-earliest} ms before its time`)
        if (latest > lateMs) rig.findings.push(`a schedule fired ${latest} ms late`)
        return { 'latest ms': latest }
      },
    },
  )
}

/** A second after the answer to a stop or a pause nobody of that campaign is called, whoever was at work on it. */
function stopsEverywhere(ground: Ground): Promise<Outcome> {
  const rounds = size(ground, 1, 5)
  const stops: { runId: number; at: number }[] = []
  return inRig(
    ground,
    { callsPerSecond: 100, ...three },
    async (rig) => {
      await startAll(rig)
      const client = await rig.client()
      const obeyed = async (word: 'stop' | 'pause', slot: number): Promise<void> => {
        const campaignId = await makeCampaign(rig.origin(0), client, people(1_000))
        const runId = await begin(rig.origin(0), client, { campaignId })
        const called = () => rig.sql`
          select from calls where run_id = ${runId} and phase <> 'void' and sid_confirmed offset 40 limit 1`
        await until('calls are made', 180_000, async () => (await called()).length > 0)
        await command(rig.origin(slot), client, { campaignId, command: word })
        stops.push({ runId, at: Date.now() })
        // Whoever does not obey a pause goes on for longer than is borne.
        await delay(within(ground, 1_000) + 1_500)
        if (word === 'pause') await command(rig.origin(slot), client, { campaignId, command: 'stop' })
      }
      for (let round = 0; round < rounds; round += 1)
        await Promise.all([obeyed('stop', round % 3), obeyed('pause', (round + 1) % 3)])
      return { stops: stops.length, processes: 3 }
    },
    {
      withinMs: 90_000,
      look: (ledger, rig) => calledAfter(ledger, rig, { stops, within: within(ground, 1_000) }),
    },
  )
}

/** It had numbers in its hands when it stopped; the campaign was stopped meanwhile. */
function stopWhileStandingStill(ground: Ground): Promise<Outcome> {
  const stops: { runId: number; at: number }[] = []
  const rounds = size(ground, 1, 5)
  return inRig(
    ground,
    { callsPerSecond: 100, slots: 2 },
    async (rig) => {
      for (let round = 0; round < rounds; round += 1) {
        const point = (['claim.committed', 'send.due'] as const)[round % 2] ?? 'send.due'
        const holder = await rig.start({ slot: 0, failpoints: `${point}@3=stop` })
        const { runId, campaignId } = await startUnwanted(rig, holder.url)
        await until('it stands still', 180_000, () => isStopped(holder.child))
        const other = await rig.start({ slot: 1 })
        await command(other.url, await rig.client(), { campaignId, command: 'stop' })
        stops.push({ runId, at: Date.now() })
        // What it would send now comes later than is borne.
        await delay(within(ground, 1_000) + 2_000)
        holder.child.kill('SIGCONT')
        await delay(2_000)
        await kill(other.child)
        await kill(holder.child)
      }
      await rig.start({ slot: 1 })
      return { stops: rounds }
    },
    {
      withinMs: 90_000,
      look: (ledger, rig) => calledAfter(ledger, rig, { stops, within: within(ground, 1_000) }),
    },
  )
}

/** A run of which not everybody must be called: it will be stopped. */
async function startUnwanted(rig: Rig, url: string): Promise<{ runId: number; campaignId: number }> {
  const client = await rig.client()
  const campaignId = await makeCampaign(url, client, people(300))
  return { runId: await begin(url, client, { campaignId }), campaignId }
}

async function calledAfter(
  ledger: readonly LedgerCall[],
  rig: Rig,
  { stops, within: withinMs }: { stops: readonly { runId: number; at: number }[]; within: number },
): Promise<Figures> {
  const rows = await rig.sql<
    { id: string; runId: number }[]
  >`select id, run_id as "runId" from calls where run_id is not null`
  const runs = new Map(rows.map((row) => [row.id, row.runId]))
  const after = stops.map(({ runId, at }) =>
    Math.max(
      0,
      ...ledger
        .filter((call) => runs.get(referenced(call) ?? '') === runId)
        .map((call) => call.acceptedAt.getTime() - at),
    ),
  )
  const last = Math.max(...after)
  if (last > withinMs) rig.findings.push(`somebody was called ${last} ms after a stop`)
  return { 'last call after a stop ms': last }
}
