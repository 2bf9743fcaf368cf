import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { dumpTables } from './dump.ts'
import { connect, isConnectionFailure, transaction, type Sql } from './sql.ts'

let database: TestDatabase
let pool: Sql
beforeEach(async () => {
  database = await createTestDatabase()
  pool = connect(database.url, { max: 3, applicationName: 'cut' })
})
afterEach(async () => {
  await pool.end({ timeout: 1 })
  await database.drop()
})

async function cut(): Promise<void> {
  await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'cut' and datname = current_database()`
}

test('connections that close under queries and transactions end neither the process nor the pool', async () => {
  let working = true
  const outcomes: unknown[] = []
  const work = async (act: () => Promise<unknown>) => {
    while (working)
      outcomes.push(
        await act().then(
          () => 'done',
          (error: unknown) => error,
        ),
      )
  }
  const workers = [
    work(() => pool`select 1`),
    work(() => pool`select ${'x'.repeat(2_000)}::text, pg_sleep(0.001)`),
    work(() => transaction(pool, async (tx) => Promise.all([tx`select 1`, tx`select 2`, tx`select 3`]))),
    work(() =>
      transaction(pool, async (tx) => {
        await tx`select pg_sleep(0.002)`
        await tx`select ${1}::int`
        throw new Error('rolled back on purpose')
      }),
    ),
  ]
  for (let times = 0; times < 12; times += 1) {
    const before = outcomes.length
    await cut()
    // Some work gets done between two cuts, or the pool is dead.
    while (outcomes.length < before + 4) await new Promise((next) => setTimeout(next, 5))
  }
  working = false
  await Promise.all(workers)
  const failures = outcomes.filter((outcome) => outcome instanceof Error)
  const unexpected = failures.filter(
    (error) => !isConnectionFailure(error) && (error as Error).message !== 'rolled back on purpose',
  )
  expect(unexpected).toEqual([])
  expect(await pool`select 1 as alive`).toMatchObject([{ alive: 1 }])
})

test('a process that stands still in the middle of a transaction gives its locks up after ten seconds', async () => {
  expect(await pool`show idle_in_transaction_session_timeout`).toEqual([
    { idle_in_transaction_session_timeout: '10s' },
  ])
})

test('tables that are larger than a reader takes at once are copied out one after the other', async () => {
  for (const rows of [20, 30, 40, 50, 60, 100, 3_000])
    await pool`create table ${pool(`wide_${rows}`)} as select repeat('x', 1000) as words from generate_series(1, ${rows}::int)`
  let bytes = 0
  const slow = new Writable({
    highWaterMark: 1_000,
    write(piece: Buffer, _encoding, done) {
      bytes += piece.length
      setImmediate(done)
    },
  })
  for (const _ of [1, 2]) await dumpTables(pool, slow)
  expect(bytes).toBeGreaterThan(2 * 3_300 * 1_000)
}, 20_000)
