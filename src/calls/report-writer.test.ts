import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorkspace } from '../accounts/workspace-store.ts'
import { closeBatch } from '../events/event-log.ts'
import { silentLog } from '../log.ts'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import type { News, Report, Source } from './report.ts'
import { maxEntries } from './report.ts'
import type { Follower } from './report-batch.ts'
import { createReportWriter, type ReportWriter } from './report-writer.ts'

let database: TestDatabase
let workspaceId = 0
let accountId = 0
let workerId = 0
const at = new Date('2026-11-20T08:00:00Z')
const sid = (digit: string) => `CA${digit.repeat(32)}`

beforeEach(async () => {
  database = await createTestDatabase()
  const { sql } = database
  const workspace = await sql.begin((tx) => createWorkspace(tx, { name: 'Test', settings: {} }, at))
  workspaceId = workspace.id
  const [account] = await sql<{ id: number }[]>`
    insert into carrier_accounts (account_sid, calls_per_second, max_concurrent_calls) values ('AC1', 1, 1) returning id`
  const [worker] = await sql<{ id: number }[]>`insert into workers (name) values ('test') returning id`
  accountId = account?.id ?? 0
  workerId = worker?.id ?? 0
})
afterEach(() => database.drop())

function writer(followers: readonly Follower[] = []): ReportWriter {
  return createReportWriter({ sql: database.sql, log: silentLog, carrierAccountId: accountId, followers })
}

async function openCall(state = 'placing', changes: { entries?: number } = {}): Promise<string> {
  const id = randomUUID()
  const to = `+1212555${String(Math.floor(Math.random() * 10_000)).padStart(4, '0')}`
  await database.sql.begin(async (tx) => {
    await tx`
      insert into calls (workspace_id, id, carrier_account_id, to_number, from_number, state, owner, created_at, ended_at, entries)
      values (${workspaceId}, ${id}, ${accountId}, ${to}, '+18005550100', ${state}, ${workerId}, ${at},
              ${state === 'not_placed' ? at : null}, ${changes.entries ?? 1})`
    const total = { campaignId: 0, subject: 'call' as const, state, delta: 1 }
    await closeBatch(tx, { now: at, workspaces: [{ workspaceId, totals: [total], events: [] }] })
  })
  return id
}

function report(callId: string, news: News, source: Source = 'webhook'): Report {
  return { workspaceId, callId, source, at, news }
}
const ringing = (id: string): News => ({ kind: 'progress', sid: id, state: 'ringing' })
const completed = (id: string): News => ({ kind: 'progress', sid: id, state: 'completed', duration: 1 })

async function stateOf(id: string) {
  const [row] = await database.sql<{ state: string; sid: string | null; entries: number }[]>`
    select state, carrier_sid as sid, entries from calls where id = ${id}`
  return row
}

test('a report is durable when its promise resolves', async () => {
  const id = await openCall()
  expect(await writer().write(report(id, ringing(sid('a'))))).toBe('changed')
  expect(await stateOf(id)).toEqual({ state: 'ringing', sid: sid('a'), entries: 2 })
  expect(await writer().write(report(randomUUID(), ringing(sid('b'))))).toBe('unknown_call')
})

test('a stray is remembered even when nothing else is written', async () => {
  const id = await openCall('not_placed', { entries: maxEntries })
  expect(await writer().write(report(id, ringing(sid('a'))))).toBe('known')
  const strays = await database.sql`select carrier_sid from stray_calls where call_id = ${id}`
  expect(strays).toMatchObject([{ carrier_sid: sid('a') }])
})

test('one carrier id is never bound to two calls, even when both are reported together', async () => {
  const ids = await Promise.all([openCall(), openCall()])
  const one = writer()
  await Promise.all(ids.map((id) => one.write(report(id, ringing(sid('a')), 'answer'))))
  const states = await Promise.all(ids.map(stateOf))
  expect(states.map((row) => row?.state).sort()).toEqual(['ringing', 'unknown'])
})

test('two writers never bind one carrier id to two calls', async () => {
  const ids = await Promise.all([openCall(), openCall()])
  await Promise.all(ids.map((id) => writer().insist(report(id, ringing(sid('a')), 'answer'))))
  const states = await Promise.all(ids.map(stateOf))
  expect(states.map((row) => row?.state).sort()).toEqual(['ringing', 'unknown'])
})

test('a report that cannot be written does not take its neighbours with it', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => openCall()))
  const bad = ids[3] ?? ''
  const one = writer([
    async (_tx, moves) => {
      if (moves.some((move) => move.after.id === bad)) throw new Error('poison')
      return []
    },
  ])
  const results = await Promise.allSettled(
    ids.map((id, index) => one.write(report(id, ringing(sid(index.toString(16)))))),
  )
  expect(results.filter((result) => result.status === 'rejected')).toHaveLength(1)
  expect((await stateOf(bad))?.state).toBe('placing')
  expect((await stateOf(ids[4] ?? ''))?.state).toBe('ringing')
})

test('insisting outlasts an error that passes', async () => {
  const id = await openCall()
  let failures = 2
  const one = writer([
    async () => {
      if (failures-- > 0) throw new Error('disk full')
      return []
    },
  ])
  await one.insist(report(id, ringing(sid('a'))))
  expect((await stateOf(id))?.state).toBe('ringing')
})

test('the same webhook ten thousand times changes one call once', async () => {
  const id = await openCall()
  const one = writer()
  const results = await Promise.all(
    Array.from({ length: 10_000 }, () => one.write(report(id, ringing(sid('a'))))),
  )
  expect(results.filter((result) => result === 'changed')).toHaveLength(1)
  expect((await stateOf(id))?.entries).toBe(maxEntries)
  expect(one.backlog()).toBe(0)
})

test('a call that another process moved is read again, and nothing is lost or told twice', async () => {
  const id = await openCall()
  const [one, other] = [writer(), writer()]
  await one.write(report(id, ringing(sid('a'))))
  await other.write(report(id, { kind: 'progress', sid: sid('a'), state: 'in_progress' }))
  await one.write(report(id, { kind: 'progress', sid: sid('a'), state: 'completed', duration: 3 }))
  await other.write(report(id, { kind: 'heard', sid: sid('a') }))
  expect(await stateOf(id)).toEqual({ state: 'completed', sid: sid('a'), entries: 5 })
  const history = await database.sql<{ sequence: number; state: string }[]>`
    select sequence, state from call_events where call_id = ${id} order by sequence`
  expect(history.map((entry) => entry.state)).toEqual(['ringing', 'in_progress', 'completed', 'completed'])
  const totals = await database.sql`
    select state, count from totals where workspace_id = ${workspaceId} and campaign_id = 0 and count <> 0`
  expect([...totals]).toEqual([{ state: 'completed', count: 1 }])
})

test('a call that was remembered and is gone is unknown, and its neighbours are written', async () => {
  const [gone, stays] = [await openCall(), await openCall()]
  const one = writer()
  await Promise.all([one.write(report(gone, ringing(sid('a')))), one.write(report(stays, ringing(sid('b'))))])
  await database.sql`delete from call_events where call_id = ${gone}`
  await database.sql`delete from calls where id = ${gone}`
  const written = await Promise.all([
    one.write(report(gone, completed(sid('a')))),
    one.write(report(stays, completed(sid('b')))),
  ])
  expect(written).toEqual(['unknown_call', 'changed'])
  expect((await stateOf(stays))?.state).toBe('completed')
})

test('what was folded for a batch that failed is not remembered', async () => {
  const id = await openCall()
  let failures = 1
  const one = writer([
    async () => {
      if (failures-- > 0) throw new Error('not now')
      return []
    },
  ])
  await expect(one.write(report(id, ringing(sid('a'))))).rejects.toThrow('not now')
  expect(await one.write(report(id, ringing(sid('a'))))).toBe('changed')
  expect(await stateOf(id)).toEqual({ state: 'ringing', sid: sid('a'), entries: 2 })
})

test('who can come back is told so when a report is not written soon; it is written all the same', async () => {
  const call = await openCall()
  const reports = writer()
  const letGo: (() => void)[] = []
  const held = new Promise<void>((go) => letGo.push(go))
  const holding = database.sql.begin(async (tx) => {
    await tx`select from calls where id = ${call} for update`
    await held
  })
  await expect(reports.writeSoon(report(call, ringing(sid('a'))))).rejects.toMatchObject({
    code: 'overloaded',
  })
  for (const go of letGo) go()
  await holding
  await reports.stop()
  expect(await stateOf(call)).toMatchObject({ state: 'ringing', sid: sid('a') })
})
