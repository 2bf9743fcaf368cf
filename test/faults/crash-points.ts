/** Processes that die, or throw, at every named place of the program. */
import { setTimeout as delay } from 'node:timers/promises'
import { failpointNames, type FailpointName } from '../../src/failpoint.ts'
import { seededRandom } from '../../src/random.ts'
import type { FaultSettings } from '../../simulator/faults.ts'
import { uploadCampaign } from './client.ts'
import {
  faultsAt,
  peopleOf,
  prepare,
  provoke,
  upload,
  usual,
  type Import,
  type Stage,
} from './crash-provoking.ts'
import type { Ground } from './ground.ts'
import { isAlive, kill, terminate, until } from './processes.ts'
import type { Rig, Server } from './installation.ts'
import { people } from './people.ts'
import { inRig, type Outcome, type Row } from './row.ts'

/** Three walks that go on side by side: each place belongs to one of them. */
const walks: Record<string, RegExp> = {
  'around a run': /^(worker\.locked|job|import|run)/,
  'on the way out': /^(claim|send|answer|account)/,
  'on the way back': /^(hook|batch|number|call|worker\.settled|orphan|unknown|silent|stray)/,
}

export const crashPointRows: Row[] = Object.entries(walks).flatMap(([walk, places]) => [
  {
    name: `crash: kill -9 at failpoints ${walk}`,
    run: (ground) => everyPoint(ground, { places, action: 'kill' }),
  },
  {
    name: `crash: throw at failpoints ${walk}`,
    run: (ground) => everyPoint(ground, { places, action: 'throw' }),
    fullOnly: true,
  },
])

const startMs = 180_000
const lifeMs = 60_000
/** Visited a few times at most, so only the first visit can be named beforehand. */
const rare: readonly FailpointName[] = [
  'worker.locked',
  'job.taken',
  'import.finishing',
  'run.begun',
  'run.due',
  'account.blocking',
  'call.again',
  'worker.settled',
  'orphan.found',
  'stray.ended',
  'run.sweep',
  'run.completing',
  'run.completed',
]

/** What they leave behind is what a neighbour leaves, too: by hand only. */
const onlyInFull: readonly FailpointName[] = [
  'worker.locked',
  'job.taken',
  'import.finishing',
  'claim.budget',
  'claim.intents',
  'send.due',
  'answer.learned',
  'hook.verified',
  'batch.gathered',
  'batch.followed',
  'batch.closed',
  'run.completing',
  'silent.fetched',
]

type Life = { point: FailpointName; hit: number; action: 'kill' | 'throw' }

/**
 * One process after the other, each of which fails at another place, over one database: what one life leaves behind the
 * next one finds. In full every place fails at its first, middle and last visit, by the count of a whole life; else two
 * dozen places at one of their first visits.
 */
function everyPoint(
  ground: Ground,
  { places, action }: { places: RegExp; action: Life['action'] },
): Promise<Outcome> {
  const random = seededRandom(ground.seed)
  const points = failpointNames.filter(
    (name) => places.test(name) && (ground.full || !onlyInFull.includes(name)),
  )
  return inRig(
    ground,
    { callsPerSecond: 100, unknownAfterSeconds: 4, speed: 60, faults: usual },
    async (rig) => {
      const imports: Import[] = []
      const visits = createCounter(rig, { ground, imports })
      const missed: { place: string; why: string }[] = []
      let lives = 0
      for (const point of points) {
        const most = ground.full ? await visits(point) : 1
        const hits = ground.full ? [...new Set([1, Math.ceil(most / 2), most])] : [quickHit(point, random)]
        for (const hit of hits) {
          lives += 1
          const why = await live(rig, { point, hit, action }, { ground, imports })
          if (why !== null) missed.push({ place: `${point}@${hit}`, why })
        }
      }
      // The last visit of another life may not come in this one; the first one has to.
      for (const { place, why } of missed)
        if (place.endsWith('@1') || !ground.full) rig.findings.push(`never came to ${place}: ${why}`)
      await rig.setFaults({})
      await rig.start()
      for (const one of imports) await importIsWhole(rig, one)
      const told = missed.map(({ place, why }) => `${place} (${why})`)
      return { points: points.length, lives, 'not reached': told.join('; ') || 0 }
    },
    { withinMs: 180_000, expected: (finding) => finding.startsWith('audit stray') },
  )
}

/** An import has two steps there: what the first one left is what the next life goes on from. */
function quickHit(point: FailpointName, random: () => number): number {
  if (point === 'import.inserted' || point === 'import.stepped') return 2
  return rare.includes(point) ? 1 : 1 + Math.floor(random() * 4)
}

type Visits = ReadonlyMap<string, number>

/** Tells how often a process passes a place while an import and a campaign on the place's ground come to their end. */
function createCounter(rig: Rig, stage: Stage): (point: FailpointName) => Promise<number> {
  const counted = new Map<string, Visits>()
  return async (point) => {
    const faults = faultsAt(point)
    const ground = JSON.stringify(faults)
    const visits = counted.get(ground) ?? (await countVisits(rig, faults, stage))
    counted.set(ground, visits)
    return visits.get(point) ?? 1
  }
}

async function countVisits(rig: Rig, faults: Partial<FaultSettings>, stage: Stage): Promise<Visits> {
  await rig.setFaults(faults)
  const server = await rig.start({ failpoints: 'count' })
  await upload(rig, server.url, stage)
  await rig.beginRun(people(peopleOf(stage.ground)))
  await until('the counted life is over', 240_000, async () => {
    const [row] = await rig.sql<{ open: number }[]>`
      select ((select count(*) from runs where state = 'running')
              + (select count(*) from jobs where status in ('queued', 'running')))::int as open`
    return row?.open === 0
  })
  await terminate(server.child)
  const told = [...rig.log(0).matchAll(/^failpoints (\{.*\})$/gm)].at(-1)?.[1] ?? '{}'
  return new Map(Object.entries(JSON.parse(told) as Record<string, number>))
}

/**
 * One life of a server, from its start to the place where it fails. Null when it came there, else what
 * came in between.
 */
async function live(rig: Rig, { point, hit, action }: Life, stage: Stage): Promise<string | null> {
  const wording = `failpoint ${point}@${hit}=${action}`
  const before = count(rig.logIfAny(0), wording)
  await prepare(rig, point)
  const server = await rig.start({ failpoints: `${point}@${hit}=${action}`, wait: false })
  let why = 'nothing led there'
  const struck = (): boolean => count(rig.logIfAny(0), wording) > before
  try {
    await until(
      'it answers',
      startMs,
      async () => struck() || !isAlive(server.child) || (await answers(server)),
    )
    // What the death of the server cuts off fails; that is seen when it did not die.
    if (!struck()) await provoke(rig, server, { point, stage }).catch((error) => (why = String(error)))
    await until(point, lifeMs, () => struck() || !isAlive(server.child))
    // One that threw has to go on, or to end: what it does then is part of the test.
    if (action === 'throw') await delay(1_500)
  } catch (error) {
    // Told by the caller, with all the others that were not reached.
    why = `${why}; ${String(error)}`
  }
  if (action === 'kill' || !isAlive(server.child)) await kill(server.child)
  else await terminate(server.child)
  return struck() ? null : why
}

/** An import is resumed to its last row, or it is absent; no row is there twice. */
async function importIsWhole(rig: Rig, one: Import): Promise<void> {
  const client = await rig.client()
  const campaignId = one.campaignId ?? (await uploadCampaign(rig.origin(0), client, one))
  const read = async () => {
    const [row] = await rig.sql<{ rows: number; told: number; state: string }[]>`
      select (select count(*)::int from campaign_numbers where campaign_id = ${campaignId}) as rows,
             coalesce((state ->> 'accepted')::int, -1) as told, status as state
        from jobs where campaign_id = ${campaignId}`
    return row
  }
  const isDone = async (): Promise<boolean> => (await read())?.state === 'done'
  await until('the import is done', 60_000, isDone).catch(() => {})
  const found = await read()
  if (found?.state !== 'done' || found.rows !== one.rows || found.told !== one.rows)
    rig.findings.push(
      `an import of ${one.rows} rows has ${found?.rows}, says ${found?.told}, and is ${found?.state}`,
    )
}

async function answers(server: Server): Promise<boolean> {
  return fetch(`${server.url}/healthz`).then(
    (answer) => answer.ok,
    () => false,
  )
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}
