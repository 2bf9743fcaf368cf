/** Who gets through the dialer's door, and how often. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLeadWorld, intakeUrl, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

test('an address outside the list is 403, more than the limit is 429, and both are kept', async () => {
  const leads = { user: 'agent1', full_name: 'Kept Back' }
  await world.set({ intake_allow_list: ['10.0.0.0/8'] })
  const outside = await world.post(leads)
  expect([outside.statusCode, outside.json().code]).toEqual([403, 'address_not_allowed'])
  await world.set({ intake_allow_list: ['127.0.0.0/8', '::1'], intake_per_minute: 1 })
  expect((await world.post(leads)).statusCode).toBe(201)
  const limited = await world.post(leads)
  expect(limited.statusCode).toBe(429)
  expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
  await world.set({ intake_allow_list: [], intake_per_minute: 30_000 })
  const log = await world.as(
    world.people.manager,
    'GET',
    '/api/leads/intake-log/?status=rejected&page_size=2',
  )
  expect(log.json().results.map((entry: { error_code: string }) => entry.error_code)).toEqual([
    'too_many_requests',
    'address_not_allowed',
  ])
})

test('a page of a listed origin may read the answer, one of another workspace’s may not', async () => {
  await world.set({ allowed_origins: ['https://dialer.example.com'] })
  await world.as(world.strangers.admin, 'PATCH', '/api/settings/', {
    allowed_origins: ['https://other.example.com'],
  })
  const ask = (origin: string) =>
    world.app.inject({
      method: 'OPTIONS',
      url: intakeUrl,
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-dialer-api-key',
      },
    })
  await expect
    .poll(async () => (await ask('https://dialer.example.com')).headers['access-control-allow-origin'], {
      timeout: 10_000,
    })
    .toBe('https://dialer.example.com')
  const preflight = await ask('https://dialer.example.com')
  expect(preflight.headers['access-control-allow-headers']).toContain('x-dialer-api-key')
  expect((await ask('https://stranger.example.com')).headers['access-control-allow-origin']).toBeUndefined()
  const post = async (origin: string) =>
    (await world.post({ user: 'agent1' }, { headers: { origin } })).headers['access-control-allow-origin']
  expect(await post('https://dialer.example.com')).toBe('https://dialer.example.com')
  expect(await post('https://other.example.com')).toBeUndefined()
})

const sendOnce = () =>
  world.post({ user: 'agent1', full_name: 'Once' }, { headers: { 'idempotency-key': 'once-1' } })

test('the same Idempotency-Key is one message', async () => {
  const [first, second] = [await sendOnce(), await sendOnce()]
  expect(second.json()).toEqual(first.json())
  expect(second.headers['idempotent-replayed']).toBe('true')
})
