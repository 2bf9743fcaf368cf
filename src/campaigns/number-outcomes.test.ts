import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Call } from '../calls/call.ts'
import { closeBatch } from '../events/event-log.ts'
import { beginCampaign, fictionalNumbers, statuses } from '../../test/campaign.ts'
import { createWorld, eventually, type World } from '../../test/world.ts'
import { lockCampaign } from './campaign-store.ts'
import { recordNumberOutcomes } from './number-outcomes.ts'
import { lockRun, setRunState } from './run-store.ts'
import { sweepStoppedRuns } from './stop-sweep.ts'

let world: World
beforeEach(async () => {
  world = await createWorld({ dialing: false })
})
afterEach(() => world.close())

test('a number that is given back while its run is being stopped is not left waiting', async () => {
  const { sql, workspaceId, clock } = world
  const run = await beginCampaign(world, fictionalNumbers(1))
  const [number] = await sql<{ id: number }[]>`
    update campaign_numbers set status = 'calling', run_id = ${run.runId} returning id`
  const totals = [0, run.campaignId].flatMap((campaignId) => [
    { campaignId, subject: 'number' as const, state: 'not_started', delta: -1 },
    { campaignId, subject: 'number' as const, state: 'calling', delta: 1 },
  ])
  await sql.begin((tx) =>
    closeBatch(tx, { now: clock.now(), workspaces: [{ workspaceId, totals, events: [] }] }),
  )
  const call: Call = {
    workspaceId,
    id: '01980000-0000-7000-8000-000000000001',
    campaignId: run.campaignId,
    runId: run.runId,
    numberId: number?.id ?? 0,
    attempt: 1,
    agentId: null,
    toNumber: '+12125550000',
    fromNumber: '+18005550100',
    customerName: null,
    messageSeconds: 1,
    state: 'not_placed',
    reason: 'not_at_carrier',
    carrierSid: null,
    sidConfirmed: false,
    createdAt: clock.now(),
    startedAt: null,
    endedAt: clock.now(),
    duration: 0,
    heard: false,
    playback: 0,
    hangUp: false,
    answeredBy: null,
    pressed: null,
    recording: null,
    entries: 3,
  }
  const before: Call = { ...call, state: 'unknown', endedAt: null }
  let stopped = Promise.resolve()
  await sql.begin(async (tx) => {
    const workspaces = await recordNumberOutcomes(tx, [{ before, after: call }], clock.now())
    await closeBatch(tx, { now: clock.now(), workspaces })
    // The stop comes while the report is not committed yet, and sweeps what it can see.
    stopped = stopAndSweep(run)
    await eventually('the stop is done or waits', async () => {
      const [row] = await sql<{ done: boolean }[]>`
        select (select swept from runs) or exists (
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as done`
      return row?.done === true
    })
  })
  await stopped
  await sweepStoppedRuns(sql, clock.now())
  expect(await statuses(sql, run.campaignId)).toEqual({ terminated: 1 })
})

async function stopAndSweep(run: { campaignId: number; runId: number }): Promise<void> {
  const now = world.clock.now()
  await world.sql.begin(async (tx) => {
    await lockCampaign(tx, world.workspaceId, run.campaignId)
    const locked = await lockRun(tx, { workspaceId: world.workspaceId, id: run.runId })
    if (locked) await setRunState(tx, locked, 'stopped', now)
  })
  await sweepStoppedRuns(world.sql, now)
}
