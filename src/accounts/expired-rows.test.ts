import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { dropExpired } from './expired-rows.ts'

let world: HttpWorld

beforeAll(async () => {
  world = await createHttpWorld()
})
afterAll(() => world.close())

test('what is over goes, and what still counts stays', async () => {
  const { sql } = world.database
  const kept = await world.tokenOf('admin@first.test')
  await world.tokenOf('hero@first.test')
  await sql`update sessions set expires_at = now() - interval '2 days' where user_id = ${world.people.hero.id}`
  await sql`
    insert into rate_limits (key, count, window_ends_at)
    values ('over', 1, now() - interval '1 minute'), ('counting', 1, now() + interval '1 minute')`
  await sql`insert into setup_links (token_hash, expires_at) values ('old', now() - interval '2 days')`

  expect(await dropExpired(sql, world.clock.wall())).toBe(3)
  expect(await dropExpired(sql, world.clock.wall())).toBe(0)
  expect(await sql`select key from rate_limits`).toEqual([{ key: 'counting' }])
  const headers = { authorization: kept }
  expect((await world.app.inject({ method: 'GET', url: '/api/keys/', headers })).statusCode).toBe(200)
})
