import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../log.ts'
import { cableTo } from '../../test/cable.ts'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { eventually } from '../../test/world.ts'
import { settleGoneWorkers } from './reconcile-store.ts'
import { createWorker, type Worker, type WorkerTimes } from './worker.ts'

let database: TestDatabase
const workers: Worker[] = []
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop()
  await database.drop()
})

function newWorker(times?: WorkerTimes, databaseUrl = database.url): Worker {
  const made = createWorker({ databaseUrl, name: 'test', log: silentLog, ...(times ? { times } : {}) })
  workers.push(made)
  return made
}

test('a worker whose session is ended is out of force at once, and another takes its place', async () => {
  const one = newWorker()
  await one.start()
  const first = one.current()
  expect(first).not.toBeNull()
  await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'trunkline worker' and datname = current_database()`
  await eventually('it is out of force', async () => one.current() === null, 1_000)
  await eventually('a new worker is there', async () => one.current() !== null)
  expect(one.current()).not.toBe(first)
  expect(await settleGoneWorkers(database.sql, one.current())).toEqual([first])
})

test('a living worker is never taken for gone, not even while it registers', async () => {
  let settled: number[] = []
  let watching = true
  const watch = (async () => {
    while (watching) settled = settled.concat(await settleGoneWorkers(database.sql, null))
  })()
  const made = Array.from({ length: 12 }, () => newWorker())
  await Promise.all(made.map((one) => one.start()))
  watching = false
  await watch
  expect(made.map((one) => one.current())).not.toContain(null)
  expect(settled).toEqual([])
})

test('a worker that is cut off from the database without a word stops before it can be replaced', async () => {
  const cable = await cableTo(database.url)
  try {
    const one = newWorker({ askEveryMs: 50, inForceMs: 400 }, cable.url)
    await one.start()
    expect(one.current()).not.toBeNull()
    cable.silence()
    await eventually('it is out of force', async () => one.current() === null, 1_000)
    // The database still believes in it.
    expect(await settleGoneWorkers(database.sql, null)).toEqual([])
  } finally {
    for (const one of workers.splice(0)) await one.stop()
    await cable.close()
  }
})

test('a worker that somebody took for gone steps back', async () => {
  const one = newWorker({ askEveryMs: 50, inForceMs: 1_000 })
  await one.start()
  const first = one.current()
  await database.sql`update workers set settled_at = clock_timestamp() where id = ${first}`
  await eventually('it is another one', async () => one.current() !== null && one.current() !== first)
  expect(await database.sql`select id from workers`).toHaveLength(2)
})
