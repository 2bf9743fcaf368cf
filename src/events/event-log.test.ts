import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { transaction } from '../db/sql.ts'
import { closeBatch, type WorkspaceBatch } from './event-log.ts'

let database: TestDatabase
const now = new Date('2026-11-20T10:00:00Z')

beforeAll(async () => {
  database = await createTestDatabase()
  for (const id of [1, 2, 3]) {
    await database.sql`insert into workspaces (id, slug, name) values (${id}, ${`w${id}`}, 'W')`
    await database.sql`insert into event_heads (workspace_id) values (${id})`
  }
})
afterAll(() => database.drop())

const close = (workspaces: WorkspaceBatch[]) =>
  transaction(database.sql, (tx) => closeBatch(tx, { now, workspaces }))

const event = (value: unknown) => ({ kind: 'call', visibleTo: null, data: value })

const total = (state: string, delta: number) => ({ campaignId: 7, subject: 'call' as const, state, delta })

test('events of one batch get consecutive positions in their order, and their data comes back as it was', async () => {
  const data = { text: 'quote " brace { back\\slash', list: [1, null], name: 'नमस्ते' }
  await close([{ workspaceId: 1, totals: [], events: [event(data), event(null), event('text')] }])
  const rows =
    await database.sql`select position, data, at from events where workspace_id = 1 order by position`
  expect(rows).toEqual([
    { position: 1, data, at: now },
    { position: 2, data: null, at: now },
    { position: 3, data: 'text', at: now },
  ])
})

test('totals are made when they are new, moved when they are not, and changes that cancel out touch nothing', async () => {
  await close([
    { workspaceId: 1, totals: [total('ringing', 2), total('ringing', 1), total('failed', 0)], events: [] },
  ])
  await close([{ workspaceId: 1, totals: [total('ringing', -1), total('completed', 1)], events: [] }])
  const rows = await database.sql`select state, count from totals where campaign_id = 7 order by state`
  expect(rows).toEqual([
    { state: 'completed', count: 1 },
    { state: 'ringing', count: 2 },
  ])
})

test('batches that close at once over the same workspaces leave no gap, no double and no deadlock', async () => {
  const batches = Array.from({ length: 60 }, (_, index) => {
    const both = [2, 3].map((workspaceId) => ({
      workspaceId,
      totals: [{ campaignId: 0, subject: 'call' as const, state: 'queued', delta: 1 }],
      events: [event(index), event(index)],
    }))
    return index % 2 === 0 ? both : both.reverse()
  })
  await Promise.all(batches.map(close))
  for (const workspaceId of [2, 3]) {
    const rows = await database.sql<{ position: number }[]>`
      select position from events where workspace_id = ${workspaceId} order by position`
    expect(rows.map((row) => row.position)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1))
    const [sum] = await database.sql`select count from totals where workspace_id = ${workspaceId}`
    expect(sum).toEqual({ count: 60 })
  }
})

test('a workspace without a head is an error and nothing is written', async () => {
  await expect(close([{ workspaceId: 99, totals: [], events: [event(1)] }])).rejects.toThrow('no event head')
})
