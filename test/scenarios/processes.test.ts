import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../../src/log.ts'
import { claim } from '../../src/dialer/claim.ts'
import { dialRules } from '../../src/dialer/dial-rules.ts'
import { usualPatience } from '../../src/dialer/reconcile.ts'
import { createWorker } from '../../src/dialer/worker.ts'
import { parseFaultSettings } from '../../simulator/fault-settings.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { cableTo, type Cable } from '../cable.ts'
import { beginCampaign, fictionalNumbers, runState, statuses } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed, expectPromiseKept } from './verdict.ts'

let world: World
afterEach(() => world.close())

function noop(): void {}

async function calling(count: number): Promise<void> {
  await eventually(
    `${count} calls were made`,
    async () => (await ledgerCalls(world.ledgerPath)).length >= count,
  )
}

test('two dialers on one database call everybody once, within one budget', async () => {
  const limits = { callsPerSecond: 100, maxConcurrentCalls: 40 }
  world = await createWorld({ ...limits, carrier: { speed: 20 } })
  const other = await world.anotherDialer()
  await other.start()
  const numbers = fictionalNumbers(250)
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }], limits)
  const owners = await world.sql`select owner from calls where phase <> 'void' group by owner`
  expect(owners).toHaveLength(2)
})

test('a dialer that loses its lock stops at once, and its place is taken', async () => {
  world = await createWorld({ callsPerSecond: 100 })
  const numbers = fictionalNumbers(250)
  const run = await beginCampaign(world, numbers)
  for (let times = 1; times <= 4; times += 1) {
    await calling(times * 40)
    await world.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'trunkline worker' and datname = current_database()`
  }
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }])
  const [row] = await world.sql<{ workers: number }[]>`select count(*)::int as workers from workers`
  expect(row?.workers).toBe(5)
})

test('every connection to the database is cut again and again: everybody is called once', async () => {
  world = await createWorld({ callsPerSecond: 100, unknownAfterMs: 1_500 })
  const numbers = fictionalNumbers(250)
  const run = await beginCampaign(world, numbers)
  for (let times = 1; times <= 6; times += 1) {
    await calling(times * 30)
    await world.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`
  }
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }])).toHaveLength(numbers.length)
})

test('what the database answers is lost again and again, commits included: everybody is called once', async () => {
  let cable: Cable | null = null
  world = await createWorld({
    callsPerSecond: 100,
    unknownAfterMs: 1_500,
    dialerDatabaseUrl: async (url) => (cable = await cableTo(url)).url,
  })
  const numbers = fictionalNumbers(250)
  const run = await beginCampaign(world, numbers)
  for (let times = 1; times <= 12; times += 1) {
    await calling(times * 15)
    await (cable as Cable | null)?.loseAnswers()
  }
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }])).toHaveLength(numbers.length)
  await world.dialer.stop()
  await (cable as Cable | null)?.close()
})

test('a dialer that stops gives back what it has not sent, and another one goes on', async () => {
  world = await createWorld({ callsPerSecond: 100 })
  const other = await world.anotherDialer()
  const numbers = fictionalNumbers(200)
  const run = await beginCampaign(world, numbers)
  await calling(50)
  await world.dialer.stop()
  const [left] = await world.sql<{ placing: number }[]>`
    select count(*)::int as placing from calls where state in ('placing', 'unknown')`
  expect(left?.placing).toBe(0)
  await other.start()
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }])
})

test('intents of a process that died before it sent them are given back and called by another', async () => {
  world = await createWorld({ dialing: false, unknownAfterMs: 1_000 })
  const numbers = fictionalNumbers(40)
  const run = await beginCampaign(world, numbers)
  const worker = createWorker({ databaseUrl: world.database.url, name: 'mortal', log: silentLog })
  await worker.start()
  const claimed = await claim(
    {
      sql: world.sql,
      carrierAccountId: world.dialer.carrierAccountId,
      live: false,
      readRules: dialRules,
      soundPath: () => '/audio/none.wav',
    },
    { workerId: worker.current() ?? 0, now: () => world.clock.now(), limit: 25 },
  )
  expect(claimed?.intents.length).toBeGreaterThan(20)
  await worker.stop()
  await world.dialer.start()
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers }])
  expect(ledger).toHaveLength(40)
})

test('calls of a process that is gone are looked up at once: what the carrier told of them came to nobody', async () => {
  const faults = parseFaultSettings({ percent: { 'callbacks-lost': 100 } })
  world = await createWorld({ carrier: { faults }, patience: usualPatience })
  const numbers = fictionalNumbers(20)
  const run = await beginCampaign(world, numbers)
  await calling(numbers.length)
  await world.dialer.stop()
  const other = await world.anotherDialer()
  await other.start()
  await eventually(
    'every call is over',
    async () => (await world.sql`select from calls where phase = 'open' limit 1`).length === 0,
    usualPatience.shortestSilenceMs / 2,
  )
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }])).toHaveLength(20)
})

test('a worker that was taken for gone claims nothing', async () => {
  world = await createWorld({ dialing: false })
  await beginCampaign(world, fictionalNumbers(5))
  const [gone] = await world.sql<{ id: number }[]>`
    insert into workers (name, settled_at) values ('gone', clock_timestamp()) returning id`
  const claimed = await claim(
    {
      sql: world.sql,
      carrierAccountId: world.dialer.carrierAccountId,
      live: false,
      readRules: dialRules,
      soundPath: () => '/audio/none.wav',
    },
    { workerId: gone?.id ?? 0, now: () => world.clock.now(), limit: 25 },
  )
  expect(claimed).toMatchObject({ intents: [], looked: 0 })
})

test('a claim that finds another one of the account under way leaves it alone', async () => {
  world = await createWorld({ dialing: false })
  await beginCampaign(world, fictionalNumbers(5))
  const [worker] = await world.sql<
    { id: number }[]
  >`insert into workers (name) values ('second') returning id`
  const deps = {
    sql: world.sql,
    carrierAccountId: world.dialer.carrierAccountId,
    live: false,
    readRules: dialRules,
    soundPath: () => '/audio/none.wav',
  }
  const ask = { workerId: worker?.id ?? 0, now: () => world.clock.now(), limit: 25 }
  await world.sql.begin(async (tx) => {
    await tx`select from carrier_accounts for no key update`
    expect(await claim(deps, ask)).toBeNull()
  })
  expect((await claim(deps, ask))?.intents).toHaveLength(5)
})

test('numbers that another claim held and gave up are not left behind by the watermark', async () => {
  world = await createWorld({ dialing: false })
  const numbers = fictionalNumbers(80)
  const run = await beginCampaign(world, numbers)
  let release: () => void = noop
  const held = new Promise<void>((letGo) => {
    release = letGo
  })
  // Another worker's claim: it holds the first thirty numbers, and rolls back.
  const other = world.sql
    .begin(async (tx) => {
      await tx`select id from campaign_numbers order by id limit 30 for update`
      await world.dialer.start()
      await held
      throw new Error('rolled back')
    })
    .catch(() => {})
  await calling(50)
  await eventually('the watermark is past everything', async () => {
    const [row] = await world.sql<{ ahead: boolean }[]>`
      select watermark >= (select max(id) from campaign_numbers) as ahead from runs`
    return row?.ahead === true
  })
  expect(await runState(world.sql, run.runId)).toBe('running')
  release()
  await other
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers }])
  expect(ledger).toHaveLength(80)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 80 })
})
