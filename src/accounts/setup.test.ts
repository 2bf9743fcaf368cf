import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHttpWorld, testPassword, type HttpWorld } from '../../test/http-world.ts'
import { createSetupLink, ensureFirstAdmin, needsSetup } from './setup.ts'

let world: HttpWorld

beforeEach(async () => {
  world = await createHttpWorld()
  // A world begins with people in it; here there is nobody yet.
  await world.database.sql`truncate workspaces cascade`
})
afterEach(() => world.close())

const defaults = { timeZone: 'Asia/Kathmandu', defaultRegion: 'NP' }

async function newToken(wall = world.clock.wall()): Promise<string> {
  const { url } = await createSetupLink(world.database.sql, 'http://127.0.0.1:8000', wall)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8000\/setup#[\w-]{32}$/)
  return url.split('#')[1] ?? ''
}

const setUp = (token: string, more: object = {}) =>
  world.app.inject({
    method: 'POST',
    url: '/api/setup/',
    payload: { token, email: 'boss@example.com', password: testPassword, ...more },
  })

test('a setup link lets one administrator in, who owns the installation, and is used up', async () => {
  const status = () => world.app.inject({ method: 'GET', url: '/api/setup/' })
  expect((await status()).json()).toEqual({ needed: true })
  const token = await newToken()
  const place = { time_zone: 'Asia/Kathmandu', default_region: 'np', workspace_name: 'Yeti Travel' }
  const answers = await Promise.all([
    setUp(token, place),
    setUp(token, { ...place, email: 'second@example.com' }),
  ])
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([201, 409])
  expect((await status()).json()).toEqual({ needed: false })

  const email = answers.find((answer) => answer.statusCode === 201)?.json().email
  const authorization = `Bearer ${await world.tokenOf(email)}`
  const settings = await world.app.inject({
    method: 'GET',
    url: '/api/settings/',
    headers: { authorization },
  })
  expect(settings.json()).toMatchObject({
    name: 'Yeti Travel',
    time_zone: 'Asia/Kathmandu',
    default_region: 'NP',
  })
})

test('a link is refused after 30 minutes, and so is a token nobody printed', async () => {
  const old = await newToken(new Date(world.clock.wall().getTime() - 30 * 60_000 - 1))
  for (const token of [old, 'x'.repeat(32)]) {
    expect((await setUp(token)).json()).toMatchObject({ status: 403, code: 'setup_link_invalid' })
  }
  expect(await needsSetup(world.database.sql)).toBe(true)
})

test('a mistake in the form does not use the link up', async () => {
  const token = await newToken()
  expect((await setUp(token, { password: 'short' })).json().param).toBe('password')
  expect((await setUp(token, { time_zone: 'Nowhere' })).json().param).toBe('time_zone')
  expect((await setUp(token)).statusCode).toBe(201)
})

test('servers that start at once with ADMIN_EMAIL make one administrator', async () => {
  const { sql } = world.database
  const firstAdmin = { email: 'boss@example.com', password: testPassword }
  expect(await ensureFirstAdmin(sql, { firstAdmin: null, ...defaults }, world.clock.now())).toBe(
    'needs_setup',
  )
  const start = () => ensureFirstAdmin(sql, { firstAdmin, ...defaults }, world.clock.now())
  expect(await Promise.all([start(), start(), start()])).toEqual(['ready', 'ready', 'ready'])
  const people = await sql`select email, role, is_owner from users`
  expect(people).toEqual([{ email: 'boss@example.com', role: 'admin', is_owner: true }])
})
