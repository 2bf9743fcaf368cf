import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { makePartitions } from './upkeep.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const history = 'workspace_id, text_id, sequence, at, kind, source, state'

async function partsOf(table: string): Promise<string[]> {
  const rows = await database.sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = ${table}::regclass order by 1 limit 100`
  return rows.map((row) => row.name)
}

test('the histories of calls and texts have a part for this month and the next, however often it is asked for', async () => {
  const { sql } = database
  const december = new Date('2026-12-31T23:59:59Z')
  await makePartitions(sql, december)
  await makePartitions(sql, december)
  for (const table of ['call_events', 'text_events'])
    expect(await partsOf(table)).toEqual([`${table}_2026_12`, `${table}_2027_01`, `${table}_default`])
  await sql`insert into text_events (${sql.unsafe(history)})
            values (1, gen_random_uuid(), 1, '2027-01-01', 'created', 'person', 'queued')`
  expect(await sql`select from text_events_2027_01`).toHaveLength(1)
})

test('a month whose rows were written before its part was made stays where it is', async () => {
  const { sql } = database
  await sql`insert into text_events (${sql.unsafe(history)})
            values (1, gen_random_uuid(), 1, '2030-05-05', 'created', 'person', 'queued')`
  await makePartitions(sql, new Date('2030-05-06T00:00:00Z'))
  expect(await partsOf('text_events')).not.toContain('text_events_2030_05')
  expect(await sql`select from text_events_default`).toHaveLength(1)
})
