import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { createClock, type ProductClock } from './product-clock.ts'

let database: TestDatabase
let first: ProductClock
let second: ProductClock

beforeAll(async () => {
  database = await createTestDatabase()
  first = createClock(database.sql)
  second = createClock(database.sql)
  await Promise.all([first.start(), second.start()])
})
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()])
  await database.drop()
})

test('a clock agrees with the database', async () => {
  const [row] = await database.sql<{ at: Date }[]>`select clock_timestamp() as at`
  expect(Math.abs((row?.at.getTime() ?? 0) - first.now().getTime())).toBeLessThan(250)
})

test('a clock that one process moves is moved in all of them within a second, and the wall clock stays', async () => {
  const target = new Date('2031-03-01T12:00:00Z')
  await first.set(target)
  expect(Math.abs(first.now().getTime() - target.getTime())).toBeLessThan(1_000)
  const apart = () => Math.abs(second.now().getTime() - first.now().getTime())
  await expect.poll(apart, { timeout: 2_000 }).toBeLessThan(250)
  await second.advance(60_000)
  await expect
    .poll(() => first.now().getTime() - target.getTime(), { timeout: 2_000 })
    .toBeGreaterThan(59_000)
  expect(Math.abs(first.wall().getTime() - second.wall().getTime())).toBeLessThan(250)
  expect(first.wall().getFullYear()).toBeLessThan(2031)
})

test('a clock that was not started says so', () => {
  expect(() => createClock(database.sql).now()).toThrow('before it was started')
})
