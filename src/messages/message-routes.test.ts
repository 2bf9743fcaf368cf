import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await createHttpWorld()
})
afterAll(() => world.close())

type Page = { results: { body: string }[]; next: string | null; previous: string | null }

const manager = () => world.people.manager

function send(payload: Record<string, unknown>) {
  return world.as(manager(), 'POST', '/api/messages/', payload)
}

test('a new text waits for its sender and tells its segments, its lane and its history', async () => {
  const answer = await send({ to_number: 9841000000, message: 'तपाईंको पार्सल आइपुग्यो' })
  expect(answer.statusCode).toBe(201)
  expect(answer.json()).toMatchObject({
    to_number: '+9779841000000',
    from_number: '+18005550100',
    body: 'तपाईंको पार्सल आइपुग्यो',
    status: 'queued',
    state: 'queued',
    encoding: 'UCS-2',
    segments: 1,
    lane: 'single',
    kind: 'single',
    message_sid: null,
    history: [{ sequence: 1, kind: 'created', source: 'person', state: 'queued' }],
  })
  const found = await world.as(manager(), 'GET', `/api/messages/${answer.json().message_id}/`)
  expect(found.json()).toEqual(answer.json())
})

test('a text of another workspace is not there, and an agent reads but does not send', async () => {
  const { message_id: id } = (await send({ to_number: '+9779841000001', message: 'Hello' })).json()
  expect((await world.as(world.strangers.manager, 'GET', `/api/messages/${id}/`)).statusCode).toBe(404)
  expect((await world.as(world.strangers.manager, 'GET', '/api/messages/')).json().results).toEqual([])
  expect((await world.as(world.people.agent, 'GET', `/api/messages/${id}/`)).statusCode).toBe(200)
  const payload = { to_number: '+9779841000001', message: 'Hello' }
  expect((await world.as(world.people.agent, 'POST', '/api/messages/', payload)).statusCode).toBe(403)
})

test.each([
  [{ to_number: '12', message: 'x' }, 'invalid_number', 'to_number'],
  [{ to_number: '+9779841000000', message: ' ' }, 'missing_field', 'message'],
  [{ to_number: '+9779841000000', message: 'x'.repeat(1_601) }, 'message_too_long', 'message'],
  [
    { to_number: '+9779841000000', message: 'x', from_number: '+14155550177' },
    'invalid_field',
    'from_number',
  ],
  [
    { to_number: '+9779841000000', message: 'x', schedule_date: '2001-01-01T10:00' },
    'schedule_in_past',
    'schedule_date',
  ],
])('%j is refused with what to do', async (payload, code, param) => {
  const answer = await send(payload)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ code, param })
})

test('pages go through every text once, in both directions, and only through what the filter matches', async () => {
  for (let index = 0; index < 7; index += 1)
    await send({ to_number: `+97798410005${String(index).padStart(2, '0')}`, message: `Page ${index}` })
  const seen: string[] = []
  let url: string | null = '/api/messages/?page_size=3&q=98410005&status=queued'
  let previous: string | null = null
  while (url !== null) {
    const page: Page = (await world.as(manager(), 'GET', url)).json()
    seen.push(...page.results.map((one) => one.body))
    url = page.next
    previous = page.previous
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `Page ${index}`))
  const back = (await world.as(manager(), 'GET', previous ?? '')).json()
  expect(back.results.map((one: { body: string }) => one.body)).toEqual(['Page 3', 'Page 2', 'Page 1'])
  expect((await world.as(manager(), 'GET', '/api/messages/?status=delivered')).json().results).toEqual([])
  const wrong = await world.as(manager(), 'GET', '/api/messages/?status=gone')
  expect(wrong.json()).toMatchObject({ code: 'invalid_field', param: 'status' })
})

test('a request that is repeated with its key makes one text', async () => {
  const token = await world.tokenOf(manager().email)
  const once = () =>
    world.app.inject({
      method: 'POST',
      url: '/api/messages',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'text once' },
      payload: { to_number: '+9779841000777', message: 'Once' },
    })
  const [first, second] = [await once(), await once()]
  expect(second.json()).toEqual(first.json())
  const listed = await world.as(manager(), 'GET', '/api/messages/?q=9841000777')
  expect(listed.json().results).toHaveLength(1)
})

test('the list of received texts is there for staff', async () => {
  const answer = await world.as(world.people.agent, 'GET', '/api/messages/inbound/')
  expect(answer.json()).toEqual({ count: null, next: null, previous: null, results: [] })
})

test.each(['/api/messages/', '/api/calls/'])(
  'a campaign beyond every id is refused by name on %s',
  async (url) => {
    for (const campaign of ['-9223372036854775808', '9223372036854775808', '99999999999999999999']) {
      const answer = await world.as(world.people.admin, 'GET', `${url}?campaign=${campaign}`)
      expect([answer.statusCode, answer.json().errors?.[0]?.param]).toEqual([400, 'campaign'])
    }
  },
)
