import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { connect, type Sql } from './sql.ts'
import { streamRows, type RawRow, type RowStream } from './row-stream.ts'

let database: TestDatabase
let sql: Sql

beforeEach(async () => {
  database = await createTestDatabase()
  // One connection, so that a leak of it shows at once.
  sql = connect(database.url, { max: 1 })
})
afterEach(async () => {
  await sql.end({ timeout: 1 })
  await database.drop()
})

function numbers(count: number, more: Pick<RowStream, 'take'> & Partial<RowStream>): Promise<void> {
  return streamRows(sql, {
    statement: (connection) => connection`select n from generate_series(1, ${count}::int) n`,
    rowsPerBatch: 100,
    unwanted: new AbortController().signal,
    ...more,
  })
}

function values(rows: readonly RawRow[]): string[] {
  return rows.map((row) => String(row[0]))
}

test('every row is taken once and in order, also when the last batch is not full', async () => {
  for (const count of [0, 1, 99, 100, 101, 1_050]) {
    const taken: string[] = []
    await numbers(count, { take: (rows) => void taken.push(...values(rows)) })
    expect(taken).toEqual(Array.from({ length: count }, (_, index) => String(index + 1)))
  }
})

test('no more than two batches are read ahead of who takes them', async () => {
  let offered = 0
  let resume: (() => void) | null = null
  const leaving = new AbortController()
  const done = numbers(100_000, {
    take: (rows) => {
      offered += rows.length
      return new Promise((resolve) => (resume = resolve))
    },
    unwanted: leaving.signal,
  })
  const observer = database.sql
  const waits = async () => {
    const [row] = await observer<{ wait: string }[]>`
      select wait_event as wait from pg_stat_activity
       where datname = current_database() and query like '%generate_series%' and pid <> pg_backend_pid()`
    return row?.wait === 'ClientRead' && offered > 0
  }
  const deadline = performance.now() + 10_000
  while (!(await waits())) expect(performance.now()).toBeLessThan(deadline)
  expect(offered).toBe(100)
  leaving.abort()
  const finish: unknown = resume
  if (typeof finish === 'function') finish()
  await done
  expect([...(await sql`select 1 as one`)]).toEqual([{ one: 1 }])
})

const failing: RowStream['statement'] = (connection) =>
  connection`select 1 / (500 - n) from generate_series(1, 1000) n`
const refuse = () => Promise.reject(new Error('not taken'))

test('a failure of the statement and of who takes the rows is told, and the connection is free', async () => {
  await expect(numbers(1, { statement: failing, take: () => {} })).rejects.toThrow('division by zero')
  await expect(numbers(50, { take: refuse })).rejects.toThrow('not taken')
  await expect(numbers(5_000, { take: refuse })).rejects.toThrow('not taken')
  expect([...(await sql`select 1 as one`)]).toEqual([{ one: 1 }])
})
