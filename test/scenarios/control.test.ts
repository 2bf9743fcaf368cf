import { afterEach, expect, test } from 'vitest'
import { lockCampaign } from '../../src/campaigns/campaign-store.ts'
import { lockRun, setRunState } from '../../src/campaigns/run-store.ts'
import { arrayOf, type Sql } from '../../src/db/sql.ts'
import { beginCampaign, fictionalNumbers, runState, statuses, type TestRun } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed, expectPromiseKept, quiet, verdict } from './verdict.ts'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'

let world: World
afterEach(() => world.close())

async function command(run: TestRun, state: 'stopped' | 'paused' | 'running'): Promise<Date> {
  const now = world.clock.now()
  await world.sql.begin(async (tx) => {
    await lockCampaign(tx, world.workspaceId, run.campaignId)
    const locked = await lockRun(tx, { workspaceId: world.workspaceId, id: run.runId })
    if (locked) await setRunState(tx, locked, state, now)
  })
  return new Date()
}

async function accepted(): Promise<Date[]> {
  return (await ledgerCalls(world.ledgerPath)).map((call) => call.acceptedAt)
}

async function reasons(sql: Sql, run: TestRun): Promise<Record<string, number>> {
  const rows = await sql<{ reason: string; count: number }[]>`
    select coalesce(reason, '') as reason, count(*)::int as count
      from campaign_numbers where campaign_id = ${run.campaignId} group by 1`
  return Object.fromEntries(rows.map((row) => [row.reason, row.count]))
}

async function calling(count: number): Promise<void> {
  await eventually(`${count} calls were made`, async () => (await accepted()).length >= count)
}

test('a stop is obeyed within a second, and what was not called is terminated', async () => {
  world = await createWorld({ callsPerSecond: 100 })
  const run = await beginCampaign(world, fictionalNumbers(400))
  await calling(40)
  const stoppedAt = await command(run, 'stopped')
  await eventually('the rest is terminated', async () => {
    const counts = await statuses(world.sql, run.campaignId)
    return (counts['completed'] ?? 0) + (counts['terminated'] ?? 0) === 400
  })
  await quiet(world)
  const late = (await accepted()).filter((at) => at.getTime() > stoppedAt.getTime() + 1_000)
  expect(late).toEqual([])
  const { ledger, findings } = await verdict(world, [])
  expect(findings).toEqual([])
  expect(await statuses(world.sql, run.campaignId)).toEqual({
    completed: ledger.length,
    terminated: 400 - ledger.length,
  })
  expect(await runState(world.sql, run.runId)).toBe('stopped')
})

test('a pause is obeyed within a second, and the run goes on where it was', async () => {
  world = await createWorld({ callsPerSecond: 100 })
  const numbers = fictionalNumbers(150)
  const run = await beginCampaign(world, numbers)
  await calling(30)
  const pausedAt = await command(run, 'paused')
  await eventually('a second has passed', async () => Date.now() > pausedAt.getTime() + 1_500)
  const before = await accepted()
  expect(before.filter((at) => at.getTime() > pausedAt.getTime() + 1_000)).toEqual([])
  expect(before.length).toBeLessThan(150)
  await command(run, 'running')
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }])
})

test('a command that holds its campaign holds up no claim, so that neither waits for the other', async () => {
  world = await createWorld({ dialing: false })
  const numbers = fictionalNumbers(100)
  const run = await beginCampaign(world, numbers)
  await world.sql.begin(async (tx) => {
    await lockCampaign(tx, world.workspaceId, run.campaignId)
    await world.dialer.start()
    await calling(100)
  })
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }])).toHaveLength(100)
})

test('a person in two campaigns is never called by both at once', async () => {
  const other = '+18005550199'
  world = await createWorld({ carrier: { verifiedNumbers: [other], speed: 5 } })
  const numbers = fictionalNumbers(40)
  const first = await beginCampaign(world, numbers)
  const second = await beginCampaign(world, numbers, { from: other })
  await eventually('the second campaign waits', async () => {
    const found = await reasons(world.sql, second)
    return (found['number_busy'] ?? 0) > 0
  })
  await quiet(world)
  await world.clock.advance(6_000)
  await completed(world, first)
  await completed(world, second)
  const ledger = await expectPromiseKept(world, [
    { run: first, numbers },
    { run: second, numbers },
  ])
  expect(ledger).toHaveLength(80)
})

test('a number that comes onto the do-not-call list while its run is running is not called', async () => {
  world = await createWorld({ callsPerSecond: 50 })
  const numbers = fictionalNumbers(150)
  const run = await beginCampaign(world, numbers)
  await calling(20)
  const listed = numbers.slice(100)
  await world.sql`
    insert into do_not_call (workspace_id, number, created_at)
    select ${world.workspaceId}, number, ${world.clock.now()} from unnest(${arrayOf(listed)}::text[]) as number`
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers: numbers.slice(0, 100) }])
  expect(ledger).toHaveLength(100)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 100, skipped: 50 })
  expect((await reasons(world.sql, run))['do_not_call']).toBe(50)
})

const everyDay = (from: string, to: string) =>
  Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [from, to]]))

test('nobody is called before the calling hours of their own place begin', async () => {
  world = await createWorld({ settings: { callingHours: everyDay('08:00', '21:00') } })
  await world.clock.set(new Date('2026-11-20T12:30:00Z')) // 07:30 in New York, 04:30 in Los Angeles
  const east = fictionalNumbers(20, 212)
  const west = fictionalNumbers(20, 213)
  const run = await beginCampaign(world, [...east, ...west])
  await eventually('all wait', async () => (await reasons(world.sql, run))['outside_window'] === 40)
  expect(await accepted()).toEqual([])
  await world.clock.set(new Date('2026-11-20T13:00:01Z'))
  await eventually(
    'the east is called',
    async () => (await statuses(world.sql, run.campaignId))['completed'] === 20,
  )
  expect((await ledgerCalls(world.ledgerPath)).map((call) => call.to).sort()).toEqual(east)
  await world.clock.set(new Date('2026-11-20T16:00:01Z'))
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers: [...east, ...west] }])
})

test('nobody is called after the calling hours end, and the rest waits for the next day', async () => {
  world = await createWorld({ callsPerSecond: 40, settings: { callingHours: everyDay('08:00', '21:00') } })
  const end = new Date('2026-11-21T02:00:00Z') // 21:00 in New York
  await world.clock.set(new Date(end.getTime() - 1_500))
  const numbers = fictionalNumbers(200)
  const run = await beginCampaign(world, numbers)
  await eventually(
    'the rest waits',
    async () => ((await reasons(world.sql, run))['outside_window'] ?? 0) > 100,
  )
  await quiet(world)
  const offsetMs = world.clock.now().getTime() - world.clock.wall().getTime()
  const last = Math.max(...(await accepted()).map((at) => at.getTime() + offsetMs))
  expect(last).toBeLessThan(end.getTime() + 1_000)
  await world.clock.set(new Date('2026-11-21T13:00:01Z'))
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }])
})

test('a person is called no more often a day than the workspace allows, over all its campaigns', async () => {
  world = await createWorld({ settings: { frequencyCap: { perDay: 1 } } })
  await world.clock.set(new Date('2026-11-20T18:00:00Z'))
  const numbers = fictionalNumbers(30)
  const first = await beginCampaign(world, numbers)
  const second = await beginCampaign(world, numbers)
  await eventually('one of the two waits for midnight', async () => {
    const found = [await reasons(world.sql, first), await reasons(world.sql, second)]
    await world.clock.advance(6_000)
    const waiting = found.reduce((sum, one) => sum + (one['frequency_cap'] ?? 0), 0)
    // The first call of a person may have been given back unsent: then their second one waits, and so does the first.
    return waiting === 30 && (await accepted()).length >= 30
  })
  await quiet(world)
  expect(await accepted()).toHaveLength(30)
  await world.clock.set(new Date('2026-11-21T05:00:01Z')) // midnight in New York
  await completed(world, first)
  await completed(world, second)
  await expectPromiseKept(world, [
    { run: first, numbers },
    { run: second, numbers },
  ])
})

test('a week’s cap counts texts and calls together, whichever campaign they are of', async () => {
  world = await createWorld({ settings: { frequencyCap: { perDay: 3, perWeek: 1 } } })
  await world.clock.set(new Date('2026-11-20T18:00:00Z'))
  const numbers = fictionalNumbers(20)
  const texts = [
    await beginCampaign(world, numbers, { service: 'SMS', message: 'Your parcel is here.' }),
    await beginCampaign(world, numbers, { service: 'SMS', message: 'Your parcel is still here.' }),
  ]
  const sent = async () => (await ledgerTexts(world.ledgerPath)).length
  const waiting = async (runs: readonly TestRun[]) => {
    const found = await Promise.all(runs.map((run) => reasons(world.sql, run)))
    return found.reduce((sum, one) => sum + (one['frequency_cap'] ?? 0), 0)
  }
  await eventually('each was texted once', async () => (await sent()) === 20 && (await waiting(texts)) === 20)
  const call = await beginCampaign(world, numbers)
  await eventually('nobody is called', async () => (await waiting([call])) === 20)
  // Six midnights later those texts still count.
  await world.clock.set(new Date('2026-11-26T18:00:00Z'))
  await eventually('all were looked at again', async () => {
    const due = await world.sql`
      select from campaign_numbers where status = 'queued' and due_at <= ${world.clock.now()}`
    return due.length === 0 && (await waiting([...texts, call])) === 40
  })
  expect([await sent(), (await accepted()).length]).toEqual([20, 0])
  await world.clock.set(new Date('2026-11-27T18:00:00Z'))
  await eventually('each was contacted once more', async () => {
    return (await sent()) + (await accepted()).length === 40 && (await waiting([...texts, call])) === 20
  })
})

test('the account’s calls per second and calls at once are kept', async () => {
  const limits = { callsPerSecond: 25, maxConcurrentCalls: 6 }
  world = await createWorld({ ...limits, carrier: { speed: 10 } })
  const numbers = fictionalNumbers(60)
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }], limits)).toHaveLength(numbers.length)
})

test('a workspace’s own limits are kept', async () => {
  const limits = { callsPerSecond: 20, maxConcurrentCalls: 4 }
  world = await createWorld({ settings: limits, carrier: { speed: 20 } })
  const numbers = fictionalNumbers(50)
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }], limits)).toHaveLength(numbers.length)
})

test('a message that does not fit into the request is fetched and heard whole', async () => {
  world = await createWorld()
  const numbers = fictionalNumbers(20)
  const message = 'This message is long, and it says: {name}. '.repeat(120)
  const run = await beginCampaign(world, numbers, { message, tags: { name: 'a name' } })
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers }])
  const expected = message.replaceAll('{name}', 'a name').trim()
  for (const call of ledger) {
    expect(call.url).not.toBeNull()
    expect(call.heard.map((part) => [part.text?.trim(), part.complete])).toEqual([[expected, true]])
  }
})

test('a call that somebody ends is ended at the carrier', async () => {
  world = await createWorld({ carrier: { speed: 1 } })
  const numbers = fictionalNumbers(3)
  const run = await beginCampaign(world, numbers, { message: 'long '.repeat(400) })
  await eventually('all are talking', async () => {
    const rows = await world.sql`select 1 from calls where state = 'in_progress'`
    return rows.length === 3
  })
  const calls = await world.sql<{ id: string }[]>`select id from calls`
  for (const { id } of calls)
    await world.dialer.writer.write({
      workspaceId: world.workspaceId,
      callId: id,
      source: 'person',
      at: world.clock.now(),
      news: { kind: 'hang_up', reason: 'ended_by_user' },
    })
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers }])
  expect(ledger.map((call) => call.reason)).toEqual(numbers.map(() => 'the account ended the call'))
})
