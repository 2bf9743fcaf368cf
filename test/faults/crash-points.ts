/** Processes that die, or throw, at every named place of the program. */
import { setTimeout as delay } from 'node:timers/promises'
import { failpointNames, type FailpointName } from '../../src/failpoint.ts'
import { seededRandom } from '../../src/random.ts'
import type { FaultSettings } from '../../simulator/faults.ts'
import { begin, callNumber, command, makeCampaign, uploadCampaign } from './client.ts'
import { size, type Ground } from './ground.ts'
import { isAlive, kill, terminate, until } from './processes.ts'
import { sendWebhook, type Rig, type Server } from './installation.ts'
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

/** What the carrier does wrong all the while, so that every path is walked. */
const usual: Partial<FaultSettings> = { percent: { 'reset-after': 4, '500-without': 3, 'callbacks-lost': 8 } }
const busyCarrier: Partial<FaultSettings> = { percent: { '429': 25 }, retryAfterSeconds: [1, 1] }
const peopleOfALife = 25
const peopleOfALifeInFull = 100
const lifeMs = 60_000
/** Visited a few times at most, so only the first visit can be named beforehand. */
const rare: readonly FailpointName[] = [
  'worker.locked',
  'job.taken',
  'import.inserted',
  'import.stepped',
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
      const counts = ground.full ? await countVisits(rig) : new Map<FailpointName, number>()
      const missed: { place: string; why: string }[] = []
      let lives = 0
      for (const point of points) {
        const most = counts.get(point) ?? 1
        const hits = ground.full
          ? [...new Set([1, Math.ceil(most / 2), most])]
          : [rare.includes(point) ? 1 : 1 + Math.floor(random() * 4)]
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
      return { points: points.length, lives, 'not reached': missed.map(({ place }) => place).join(' ') || 0 }
    },
    { withinMs: 180_000, expected: (finding) => finding.startsWith('audit stray') },
  )
}

/** How often a process passes each place while a campaign is called from its beginning to its end. */
async function countVisits(rig: Rig): Promise<Map<FailpointName, number>> {
  const server = await rig.start({ failpoints: 'count' })
  await rig.beginRun(people(peopleOfALifeInFull))
  await until('the counted life is over', 120_000, async () => {
    const [row] = await rig.sql<
      { open: number }[]
    >`select count(*)::int as open from runs where state = 'running'`
    return row?.open === 0
  })
  await terminate(server.child)
  const text = /^failpoints (\{.*\})$/m.exec(rig.log(0))?.[1] ?? '{}'
  return new Map(
    Object.entries(JSON.parse(text) as Record<FailpointName, number>) as [FailpointName, number][],
  )
}

type Import = { campaignId: number | null; csv: string; rows: number; key: string }
type Stage = { ground: Ground; imports: Import[] }

/**
 * One life of a server, from its start to the place where it fails. Null when it came there, else what
 * came in between.
 */
async function live(rig: Rig, { point, hit, action }: Life, stage: Stage): Promise<string | null> {
  const wording = `failpoint ${point}@${hit}=${action}`
  const before = count(rig.logIfAny(0), wording)
  const server = await rig.start({ failpoints: `${point}@${hit}=${action}`, wait: false })
  let why = 'nothing led there'
  const struck = (): boolean => count(rig.logIfAny(0), wording) > before
  try {
    await until(
      'it answers',
      60_000,
      async () => struck() || !isAlive(server.child) || (await answers(server)),
    )
    // What the death of the server cuts off fails; that is seen when it did not die.
    if (!struck()) await provoke(rig, server, { point, stage }).catch((error) => (why = String(error)))
    await until(point, lifeMs, () => struck() || !isAlive(server.child))
    // One that threw has to go on, or to end: what it does then is part of the test.
    if (action === 'throw') await delay(1_500)
  } catch {
    // It is told by the caller, with all the others that were not reached.
  }
  if (action === 'kill' || !isAlive(server.child)) await kill(server.child)
  else await terminate(server.child)
  return struck() ? null : why
}

/** Does what leads to the place. Requests that the death of the server cuts off are sent again by the next life. */
async function provoke(rig: Rig, server: Server, { point, stage }: { point: FailpointName; stage: Stage }) {
  const url = server.url
  const client = await rig.client()
  const many = stage.ground.full ? peopleOfALifeInFull : peopleOfALife
  await rig.setFaults(point === 'account.blocking' || point === 'call.again' ? busyCarrier : usual)
  switch (point) {
    case 'job.taken':
    case 'import.inserted':
    case 'import.stepped':
    case 'import.finishing': {
      const one = newImport(size(stage.ground, 6_000, 12_000))
      stage.imports.push(one)
      one.campaignId = await uploadCampaign(url, client, one)
      return
    }
    case 'run.begun': {
      const numbers = people(5)
      const campaignId = await makeCampaign(url, client, numbers)
      const key = `begin-${campaignId}`
      await begin(url, client, { campaignId, key }).catch(async () => {
        await kill(server.child)
        const next = await rig.start()
        const runId = await begin(next.url, client, { campaignId, key })
        rig.wanted.push({ runId, numbers })
        await kill(next.child)
      })
      return
    }
    case 'run.due': {
      const numbers = people(5)
      const campaignId = await makeCampaign(url, client, numbers)
      const body = { schedule_date: new Date(Date.now() + 3_000).toISOString() }
      rig.wanted.push({ runId: await begin(url, client, { campaignId, body }), numbers })
      return
    }
    case 'run.sweep': {
      const campaignId = await makeCampaign(url, client, people(300))
      await begin(url, client, { campaignId })
      await command(url, client, { campaignId, command: 'stop' })
      return
    }
    case 'run.completing':
    case 'run.completed':
      await rig.setFaults({})
      await rig.beginRun(people(5), url)
      return
    case 'call.again':
      for (const to of people(30)) await callNumber(url, client, to)
      return
    case 'stray.ended':
      await rig.beginRun(people(many), url)
      await makeStray(rig, url)
      return
    default:
      await rig.beginRun(people(many), url)
  }
}

/** The carrier speaks of a second call for an attempt that is over. */
async function makeStray(rig: Rig, url: string): Promise<void> {
  const find = () => rig.sql<{ workspaceId: number; callId: string }[]>`
    select workspace_id as "workspaceId", id as "callId" from calls where state = 'not_placed' order by id desc limit 1`
  await until('an attempt was given back', lifeMs, async () => (await find()).length > 0)
  const [call] = await find()
  if (call) await sendWebhook(url, call, { CallSid: `CA${'e'.repeat(32)}`, CallStatus: 'ringing' })
}

function newImport(rows: number): Import {
  const csv = `phone,name\n${people(rows)
    .map((number, index) => `${number},Person ${index}`)
    .join('\n')}\n`
  return { campaignId: null, csv, rows, key: `import-${rows}-${people(1)[0]}` }
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
