import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { until } from '../../test/embedded-folder.ts'
import { holdServerLock } from './server-lock.ts'
import { connect } from './sql.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

async function cutConnection(): Promise<void> {
  await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'trunkline server lock'`
}

async function isHeld(): Promise<boolean> {
  const [row] = await database.sql`
    select count(*) from pg_locks
     where locktype = 'advisory' and classid = 730832 and granted
       and database = (select oid from pg_database where datname = current_database())`
  return row?.['count'] === 1
}

it('one server at a time holds the lock of a database, and its end frees it', async () => {
  const lock = await holdServerLock(database.url)
  await expect(
    holdServerLock(database.url, { waitMs: 100, subject: 'the blue folder' }),
  ).rejects.toMatchObject({
    code: 'server_running',
    message: 'Another Trunkline server is running on the blue folder. Stop that one first.',
  })
  await lock.release()
  const next = await holdServerLock(database.url, { waitMs: 2_000 })
  await next.release()
  await until(async () => !(await isHeld()))
})

it('a broken connection takes the lock again', async () => {
  const lock = await holdServerLock(database.url)
  const released = new EventEmitter()
  const outcome = Promise.race([lock.lost.then(() => 'lost'), once(released, 'done').then(() => 'kept')])
  await cutConnection()
  await until(async () => !(await isHeld()))
  await until(isHeld)
  await lock.release()
  released.emit('done')
  expect(await outcome).toBe('kept')
})

it('a lock that another server took is reported as lost', async () => {
  const lock = await holdServerLock(database.url, { waitMs: 200 })
  const rival = connect(database.url, { max: 1, applicationName: 'rival' })
  const taken = rival`select pg_advisory_lock(730832, 1)`.execute()
  await until(async () => {
    const [row] = await database.sql`
      select count(*) from pg_stat_activity where application_name = 'rival' and wait_event = 'advisory'`
    return row?.['count'] === 1
  })
  await cutConnection()
  await taken
  await lock.lost
  await rival.end()
  expect(await isHeld()).toBe(false)
})

it('a database that cannot be reached is an error at the start', async () => {
  const nowhere = new URL(database.url)
  nowhere.password = 'wrong'
  nowhere.pathname = '/absent_database'
  await expect(holdServerLock(nowhere.href)).rejects.toMatchObject({
    code: expect.stringMatching(/28P01|3D000/),
  })
})
