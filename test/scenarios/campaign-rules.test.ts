import { afterEach, expect, test } from 'vitest'
import type { CampaignRules } from '../../src/campaigns/campaign-rules.ts'
import { lockCampaign } from '../../src/campaigns/campaign-store.ts'
import { lockRun, newestRun, setRunState } from '../../src/campaigns/run-store.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { PROFILES } from '../../simulator/profile.ts'
import { beginCampaign, fictionalNumbers, statuses, type TestRun } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed, expectPromiseKept, quiet, verdict } from './verdict.ts'

let world: World
afterEach(() => world.close())

const minuteMs = 60_000
const magic = (digits: string) => `+120255501${digits}`

type Waiting = { number: string; reason: string | null; minutes: number; attempts: number }

async function waiting(run: TestRun): Promise<Waiting[]> {
  const rows = await world.sql<(Omit<Waiting, 'minutes'> & { dueAt: Date })[]>`
    select e164 as number, reason, due_at as "dueAt", attempts from campaign_numbers
     where campaign_id = ${run.campaignId} and status = 'queued' order by e164`
  const nowMs = world.clock.now().getTime()
  return rows.map(({ dueAt, ...row }) => ({
    ...row,
    minutes: Math.round((dueAt.getTime() - nowMs) / minuteMs),
  }))
}

async function callsTo(number: string): Promise<number> {
  return (await ledgerCalls(world.ledgerPath)).filter((call) => call.to === number).length
}

const again = (times: number, delayMinutes: number) => ({ times, delayMinutes })

test('whoever did not answer is called again by the policy of the campaign, and nobody above the cap', async () => {
  world = await createWorld()
  const numbers = ['02', '03', '10', '11', '00', '01'].map(magic)
  const retry: CampaignRules['retry'] = {
    maxAttempts: 3,
    after: { no_answer: again(5, 30), busy: again(1, 10) },
  }
  const message =
    'This is a message that takes longer to say than anybody who hangs up at once will listen to it.'
  const run = await beginCampaign(world, numbers, { message, rules: { retry } })
  const round = async (expected: Waiting[]) => {
    await eventually('the others wait', async () => (await waiting(run)).length === expected.length)
    expect(await waiting(run)).toEqual(expected)
  }
  const noAnswer = { reason: 'retry_after_no_answer', minutes: 30 }
  const busy = { reason: 'retry_after_busy', minutes: 10 }
  await round([
    { number: magic('02'), ...noAnswer, attempts: 1 },
    { number: magic('03'), ...busy, attempts: 1 },
    { number: magic('10'), ...noAnswer, attempts: 1 },
    { number: magic('11'), ...noAnswer, attempts: 1 },
  ])
  await world.clock.advance(31 * minuteMs)
  await round([
    { number: magic('02'), ...noAnswer, attempts: 2 },
    { number: magic('11'), ...busy, attempts: 2 },
  ])
  await world.clock.advance(31 * minuteMs)
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }])
  expect(await Promise.all(numbers.map(callsTo))).toEqual([3, 2, 2, 3, 1, 1])
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 3, hungup: 1, unanswered: 2 })
})

test('a stop ends what waits for its next attempt, and a pause keeps it', async () => {
  world = await createWorld()
  const numbers = [magic('02')]
  const retry: CampaignRules['retry'] = { maxAttempts: 3, after: { no_answer: again(2, 30) } }
  const run = await beginCampaign(world, numbers, { rules: { retry } })
  await eventually('it waits', async () => (await waiting(run)).length === 1)
  await command(run, 'paused')
  await world.clock.advance(60 * minuteMs)
  await quiet(world)
  expect(await callsTo(magic('02'))).toBe(1)
  await command(run, 'running')
  await eventually('it was called again', async () => (await callsTo(magic('02'))) === 2)
  await eventually('it waits', async () => (await waiting(run)).length === 1)
  await command(run, 'stopped')
  await eventually('it is over', async () => (await waiting(run)).length === 0)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ terminated: 1 })
  expect((await verdict(world, [])).findings).toEqual([])
})

test('a campaign of which too much fails pauses by itself, says why, and counts anew when it is resumed', async () => {
  const outcomes = { completed: 0, hung_up: 0, no_answer: 0, busy: 0, failed: 1 }
  const profile = { ...PROFILES['all-answer'], outcomes }
  world = await createWorld({ carrier: { profile }, callsPerSecond: 100, maxConcurrentCalls: 10 })
  const numbers = fictionalNumbers(200)
  const breaker = { failedPercent: 80, ofLast: 20 }
  const run = await beginCampaign(world, numbers, { rules: { breaker } })
  const paused = async () =>
    (await newestRun(world.sql, world.workspaceId, run.campaignId))?.state === 'paused'
  await eventually('the campaign pauses', paused)
  await quiet(world)
  const first = (await ledgerCalls(world.ledgerPath)).length
  expect(first).toBeGreaterThanOrEqual(20)
  expect(first).toBeLessThan(60)
  const reason = (await newestRun(world.sql, world.workspaceId, run.campaignId))?.pauseReason
  expect(reason).toMatchObject({ code: 'breaker' })
  expect(reason?.message).toMatch(/^20 of the last 20 failed \(100 %\)/)
  const [event] = await world.sql<{ data: unknown }[]>`
    select data from events where kind = 'campaign.changed' order by position desc limit 1`
  expect(event?.data).toMatchObject({ campaign_id: run.campaignId, status: 'Paused', reason })
  await command(run, 'running')
  await eventually('it pauses once more', async () => {
    return (await ledgerCalls(world.ledgerPath)).length >= first + 20 && (await paused())
  })
  await quiet(world)
  expect((await ledgerCalls(world.ledgerPath)).length).toBeLessThan(first + 60)
  expect((await verdict(world, [])).findings).toEqual([])
})

test('a text that failed is sent again by the policy of its campaign, one that arrived is not', async () => {
  world = await createWorld()
  const numbers = ['30', '31'].map(magic)
  const retry: CampaignRules['retry'] = { maxAttempts: 3, after: { failed: again(1, 20) } }
  const run = await beginCampaign(world, numbers, { service: 'SMS', rules: { retry } })
  await eventually('one waits', async () => (await waiting(run)).length === 1)
  expect(await waiting(run)).toEqual([
    { number: magic('31'), reason: 'retry_after_failed', minutes: 20, attempts: 1 },
  ])
  await world.clock.advance(21 * minuteMs)
  await completed(world, run)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 1, failed: 1 })
  const sent = await world.sql<{ to: string; texts: number }[]>`
    select to_number as to, count(*)::int as texts from texts group by 1 order by 1`
  expect(sent.map(({ to, texts }) => [to, texts])).toEqual([
    [magic('30'), 1],
    [magic('31'), 2],
  ])
})

const everyDay = (from: string, until: string) =>
  Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [from, until] as const]),
  )

test('the hours of a campaign are kept where its list, else the lead, else the number says the person is', async () => {
  world = await createWorld({ settings: { callingHours: everyDay('08:00', '20:00') } })
  await world.clock.set(new Date('2027-01-12T15:30:00Z')) // 10:30 in New York, 07:30 in Los Angeles, 21:15 in Kathmandu
  const [byNumber, byTag, byLead, wrongTag] = fictionalNumbers(4) as [string, string, string, string]
  await world.sql`
    insert into leads (workspace_id, phone, phone_e164, time_zone, source, created_at, updated_at)
    values (${world.workspaceId}, ${byLead}, ${byLead}, 'Asia/Kathmandu', 'person', ${world.clock.now()}, ${world.clock.now()})`
  const zones = new Map([
    [byTag, 'America/Los_Angeles'],
    [wrongTag, 'Mars/Olympus'],
  ])
  const run = await beginCampaign(world, [byNumber, byTag, byLead, wrongTag], {
    rules: { callingHours: everyDay('09:00', '22:00') },
    tagsOf: (number) => (zones.has(number) ? { tags_timezone: zones.get(number) } : {}),
  })
  await eventually('two wait', async () => (await waiting(run)).length === 2)
  await quiet(world)
  expect((await waiting(run)).map(({ number, reason, minutes }) => [number, reason, minutes])).toEqual([
    [byTag, 'outside_window', 90],
    [byLead, 'outside_window', 705],
  ])
  await world.clock.advance(91 * minuteMs)
  await eventually('Los Angeles is called', async () => (await callsTo(byTag)) === 1)
  await world.clock.advance(615 * minuteMs)
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers: [byNumber, byTag, byLead, wrongTag] }])
})

async function command(run: TestRun, state: 'stopped' | 'paused' | 'running'): Promise<void> {
  const now = world.clock.now()
  await world.sql.begin(async (tx) => {
    await lockCampaign(tx, world.workspaceId, run.campaignId)
    const locked = await lockRun(tx, { workspaceId: world.workspaceId, id: run.runId })
    if (locked) await setRunState(tx, locked, state, now)
  })
}
