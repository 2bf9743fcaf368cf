/** What leads a server to a named place, surely: each place has a ground on which it cannot be missed. */
import { usualBatchSize } from '../../src/campaigns/import-job.ts'
import type { FailpointName } from '../../src/failpoint.ts'
import type { FaultSettings } from '../../simulator/faults.ts'
import { begin, callNumber, command, makeCampaign, uploadCampaign } from './client.ts'
import type { Ground } from './ground.ts'
import { kill, until } from './processes.ts'
import { sendWebhook, type Rig, type Server } from './installation.ts'
import { people } from './people.ts'
import { passTime } from './product-time.ts'

export type Import = { campaignId: number | null; csv: string; rows: number; key: string }
export type Stage = { ground: Ground; imports: Import[] }

/** What the carrier does wrong all the while, so that every path is walked. */
export const usual: Partial<FaultSettings> = {
  percent: { 'reset-after': 4, '500-without': 3, 'callbacks-lost': 8 },
}
const busy: Partial<FaultSettings> = { percent: { '429': 60 }, retryAfterSeconds: [1, 1] }
/** Under which the place is come to again and again, where the usual faults lead there by chance. */
const groundOf: Partial<Record<FailpointName, Partial<FaultSettings>>> = {
  'account.blocking': busy,
  'call.again': busy,
  'number.given-back': busy,
  'unknown.looked': { percent: { 'reset-after': 60 } },
  'unknown.absent': { percent: { '500-without': 60 } },
  'silent.fetched': { percent: { 'callbacks-lost': 60 } },
}
const peopleOfALife = 25
/** A claim takes as many as have a slot soon, a fifth of a second's worth: these are five claims and more. */
const peopleOfClaims = 90
const peopleOfALifeInFull = 100
const minuteMs = 60_000

export function faultsAt(point: FailpointName): Partial<FaultSettings> {
  return groundOf[point] ?? usual
}

export function peopleOf({ full }: Ground, point: FailpointName | null = null): number {
  if (full) return peopleOfALifeInFull
  return point?.startsWith('claim.') === true ? peopleOfClaims : peopleOfALife
}

/** What has to be there before the server of this life starts. */
export async function prepare(rig: Rig, point: FailpointName): Promise<void> {
  if (point === 'orphan.found') await leaveOrphans(rig)
  await rig.setFaults(faultsAt(point))
}

/** A server that is killed while the carrier takes its time to answer: its calls are nobody's. */
async function leaveOrphans(rig: Rig): Promise<void> {
  await rig.setFaults({ answerDelayMs: [5_000, 5_000] })
  const server = await rig.start()
  const before = await rig.accepted()
  await rig.beginRun(people(5), server.url)
  await until('calls are under way', minuteMs, async () => (await rig.accepted()) > before)
  await kill(server.child)
}

/** Does what leads to the place. Requests that the death of the server cuts off are sent again by the next life. */
export async function provoke(
  rig: Rig,
  server: Server,
  { point, stage }: { point: FailpointName; stage: Stage },
): Promise<void> {
  const url = server.url
  const client = await rig.client()
  switch (point) {
    case 'job.taken':
    case 'import.inserted':
    case 'import.stepped':
    case 'import.finishing':
      return upload(rig, url, stage)
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
    case 'run.due':
      return schedule(rig, url)
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
      await rig.beginRun(people(peopleOf(stage.ground)), url)
      await makeStray(rig, url)
      return
    default:
      await rig.beginRun(people(peopleOf(stage.ground, point)), url)
  }
}

export async function upload(rig: Rig, url: string, { ground, imports }: Stage): Promise<void> {
  // More than one step, so that a cursor can be behind.
  const one = newImport(Math.round(usualBatchSize * (ground.full ? 2.2 : 1.1)))
  imports.push(one)
  one.campaignId = await uploadCampaign(url, await rig.client(), one)
}

/** A run that falls due when product time passes. */
async function schedule(rig: Rig, url: string): Promise<void> {
  const [client, numbers] = [await rig.client(), people(5)]
  const campaignId = await makeCampaign(url, client, numbers)
  const aheadMs = await passTime(rig, 0)
  const body = { schedule_date: new Date(Date.now() + aheadMs + minuteMs).toISOString() }
  rig.wanted.push({ runId: await begin(url, client, { campaignId, body }), numbers })
  await passTime(rig, minuteMs)
}

/** The carrier speaks of a second call for an attempt that is over. */
async function makeStray(rig: Rig, url: string): Promise<void> {
  const find = () => rig.sql<{ workspaceId: number; callId: string }[]>`
    select workspace_id as "workspaceId", id as "callId" from calls where state = 'not_placed' order by id desc limit 1`
  await until('an attempt was given back', minuteMs, async () => (await find()).length > 0)
  const [call] = await find()
  if (call) await sendWebhook(url, call, { CallSid: `CA${'e'.repeat(32)}`, CallStatus: 'ringing' })
}

function newImport(rows: number): Import {
  const csv = `phone,name\n${people(rows)
    .map((number, index) => `${number},Person ${index}`)
    .join('\n')}\n`
  return { campaignId: null, csv, rows, key: `import-${rows}-${people(1)[0]}` }
}
