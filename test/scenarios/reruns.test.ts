import { afterEach, expect, test } from 'vitest'
import { noRules } from '../../src/campaigns/campaign-rules.ts'
import { lockCampaign } from '../../src/campaigns/campaign-store.ts'
import type { NumberStatus } from '../../src/campaigns/campaign.ts'
import { insertRun, lockRun, setRunState } from '../../src/campaigns/run-store.ts'
import { pauseAfterTakenMs } from '../../src/dialer/pacing.ts'
import { claim, type ClaimDeps } from '../../src/dialer/claim.ts'
import { dialRules } from '../../src/dialer/dial-rules.ts'
import { connect } from '../../src/db/sql.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { beginCampaign, fictionalNumbers, statuses, type TestRun } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed, expectPromiseKept, quiet } from './verdict.ts'

let world: World
afterEach(() => world.close())

const message =
  'This is a message that takes long enough for people to hang up in the middle of it, some sooner and some later.'

test('after two repeats with a pause in each, the sums of every status are exact', async () => {
  world = await createWorld({ carrier: { profile: 'default' }, callsPerSecond: 150 })
  const numbers = fictionalNumbers(240)
  const first = await beginCampaign(world, numbers, { message })
  await completed(world, first)
  await quiet(world)
  const repeats: NumberStatus[][] = [
    ['unanswered', 'failed'],
    ['hungup', 'unanswered'],
  ]
  for (const wanted of repeats) {
    const before = await eachStatus(first)
    const dialed = await dialedSoFar()
    const chosen = [...before]
      .filter(([, status]) => wanted.includes(status as NumberStatus))
      .map(([to]) => to)
    expect(chosen.length).toBeGreaterThan(20)
    const run = await repeat(first, wanted)
    await eventually('some were called again', async () => (await dialedSoFar()) >= dialed + 5)
    await command(run, 'paused')
    await quiet(world)
    await command(run, 'running')
    await completed(world, run)
    await quiet(world)
    expect(await dialedSoFar()).toBe(dialed + chosen.length)
    const after = await eachStatus(first)
    const others = [...before].filter(([to]) => !chosen.includes(to))
    expect(others.map(([to]) => [to, after.get(to)])).toEqual(others)
  }
  const counted = await statuses(world.sql, first.campaignId)
  expect(Object.values(counted).reduce((sum, count) => sum + count, 0)).toBe(240)
  const kept = await world.sql<{ state: string; count: number }[]>`
    select state, count from totals where subject = 'number' and campaign_id = ${first.campaignId} and count <> 0`
  expect(Object.fromEntries(kept.map((row) => [row.state, row.count]))).toEqual(counted)
  await expectPromiseKept(world, [{ run: first, numbers }])
})

test('an opt-out that races a hundred dispatchers stops every later call', async () => {
  world = await createWorld({ dialing: false, callsPerSecond: 100_000, maxConcurrentCalls: 100_000 })
  const numbers = fictionalNumbers(3_000)
  await beginCampaign(world, numbers)
  const sql = connect(world.database.url, { max: 20 })
  const [worker] = await sql<{ id: number }[]>`insert into workers (name) values ('racing') returning id`
  const deps: ClaimDeps = {
    sql,
    carrierAccountId: world.dialer.carrierAccountId,
    live: false,
    readRules: dialRules,
    soundPath: () => '',
  }
  const listed = new Set(numbers.filter((_, index) => index % 2 === 1))
  const claimed: { to: string; startedMs: number }[] = []
  let optedOutMs = Infinity
  const dispatcher = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) {
      const startedMs = performance.now()
      const done = await claim(deps, {
        workerId: worker?.id ?? 0,
        now: () => world.clock.now(),
        limit: 5,
      })
      if (done === null) {
        round -= 1
        await new Promise((next) => setTimeout(next, pauseAfterTakenMs(3, Math.random())))
      } else claimed.push(...done.intents.map(({ to }) => ({ to, startedMs })))
    }
  }
  const optOut = async (): Promise<void> => {
    await eventually('the dispatchers are at work', async () => claimed.length >= 200)
    await world.sql`
      insert into do_not_call (workspace_id, number, created_at)
      select ${world.workspaceId}, number, ${world.clock.now()} from unnest(${[...listed]}::text[]) as number`
    optedOutMs = performance.now()
  }
  await Promise.all([optOut(), ...Array.from({ length: 100 }, dispatcher)])
  await sql.end()
  const later = claimed.filter(({ startedMs }) => startedMs >= optedOutMs)
  expect(claimed.some(({ to }) => listed.has(to))).toBe(true)
  expect(later.length).toBeGreaterThan(50)
  expect(later.filter(({ to }) => listed.has(to))).toEqual([])
  expect(new Set(claimed.map(({ to }) => to)).size).toBe(claimed.length)
})

test('an opt-out among many dialers at work is obeyed by each of them: by the carrier’s ledger, nobody is dialed a second later', async () => {
  world = await createWorld({ callsPerSecond: 150, maxConcurrentCalls: 10_000 })
  for (let count = 1; count < 12; count += 1) await (await world.anotherDialer()).start()
  const numbers = fictionalNumbers(900)
  const listed = new Set(numbers.filter((_, index) => index % 2 === 1))
  const run = await beginCampaign(world, numbers)
  await eventually('the dialers are at work', async () => (await dialedSoFar()) >= 150)
  await world.sql`
    insert into do_not_call (workspace_id, number, created_at)
    select ${world.workspaceId}, number, ${world.clock.now()} from unnest(${[...listed]}::text[]) as number`
  const optedOutMs = Date.now()
  await completed(world, run, 120_000)
  const ledger = await ledgerCalls(world.ledgerPath)
  const ofListed = ledger.filter((call) => listed.has(call.to))
  expect(ofListed.filter((call) => call.acceptedAt.getTime() > optedOutMs + 1_000)).toEqual([])
  expect(ofListed.length).toBeGreaterThan(0)
  expect(await statuses(world.sql, run.campaignId)).toEqual({
    completed: ledger.length,
    skipped: listed.size - ofListed.length,
  })
  expect(new Set(ledger.map((call) => call.to)).size).toBe(ledger.length)
})

test('numbers that were skipped for want of credit are called by a run that names them', async () => {
  world = await createWorld({ settings: { creditLimit: 5 } })
  const numbers = fictionalNumbers(20)
  const first = await beginCampaign(world, numbers)
  await completed(world, first)
  expect(await statuses(world.sql, first.campaignId)).toEqual({ completed: 5, skipped: 15 })
  await world.sql`update workspaces set settings = settings || '{"credit_limit": 12}' where id = ${world.workspaceId}`
  await completed(world, await repeat(first, ['skipped']))
  expect(await statuses(world.sql, first.campaignId)).toEqual({ completed: 12, skipped: 8 })
  await world.sql`update workspaces set settings = settings || '{"credit_limit": null}' where id = ${world.workspaceId}`
  await completed(world, await repeat(first, ['skipped']))
  expect(await statuses(world.sql, first.campaignId)).toEqual({ completed: 20 })
  const dialed = (await ledgerCalls(world.ledgerPath)).map((call) => call.to)
  expect(dialed.toSorted()).toEqual(numbers.toSorted())
})

async function eachStatus(run: TestRun): Promise<Map<string, string>> {
  const rows = await world.sql<{ e164: string; status: string }[]>`
    select e164, status from campaign_numbers where campaign_id = ${run.campaignId}`
  return new Map(rows.map((row) => [row.e164, row.status]))
}

async function dialedSoFar(): Promise<number> {
  return (await ledgerCalls(world.ledgerPath)).length
}

async function repeat(first: TestRun, wanted: readonly NumberStatus[]): Promise<TestRun> {
  const now = world.clock.now()
  const run = await world.sql.begin(async (tx) => {
    await lockCampaign(tx, world.workspaceId, first.campaignId)
    return insertRun(
      tx,
      {
        workspaceId: world.workspaceId,
        campaignId: first.campaignId,
        state: 'running',
        message,
        voice: 'np_rija',
        audioId: null,
        priority: 'message',
        spokenBy: 'carrier',
        rules: noRules,
        fromNumbers: ['+18005550100'],
        statuses: wanted,
        individual: null,
        scheduledFor: null,
        timeZone: null,
        createdBy: null,
      },
      now,
    )
  })
  return { campaignId: first.campaignId, runId: run.id }
}

async function command(run: TestRun, state: 'paused' | 'running'): Promise<void> {
  const now = world.clock.now()
  await world.sql.begin(async (tx) => {
    await lockCampaign(tx, world.workspaceId, run.campaignId)
    const locked = await lockRun(tx, { workspaceId: world.workspaceId, id: run.runId })
    if (locked) await setRunState(tx, locked, state, now)
  })
}
