/** Programs outside are told what happens, through the loop that a server runs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transaction } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import {
  createListeningWorld,
  eventually,
  told,
  verify,
  type ListeningWorld,
} from './listening-world.fixture.ts'
import { createWebhookSender } from './webhook-sender.ts'
let world: ListeningWorld

beforeAll(async () => {
  world = await createListeningWorld()
})
afterAll(() => world?.close())

test('an endpoint is told what it asked for, signed as Standard Webhooks says, and the log keeps the answer', async () => {
  const sink = await world.openSink()
  const { id, secret } = await world.register(sink.url, ['do_not_call.changed'])
  await world.happen('+9779800000001')
  await eventually(() => told(sink), ['+9779800000001'])
  const [letter] = sink.letters
  expect(verify(secret, letter)).toEqual({
    type: 'do_not_call.changed',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    data: { number: '+9779800000001', blocked: true },
  })
  await eventually(async () => (await world.deliveries(id))[0], {
    id: expect.any(String),
    message_id: letter?.headers['webhook-id'],
    event: 'do_not_call.changed',
    status: 'delivered',
    attempts: 1,
    created: expect.any(String),
    next_attempt: null,
    ended: expect.any(String),
    problem: null,
    request: { url: sink.url, body: letter?.body },
    response: { status: 204, body: '', ms: expect.any(Number), at: expect.any(String) },
  })
})

test('nothing is told that was not asked for, to another workspace, or of what was undone', async () => {
  const [wanted, other] = [await world.openSink(), await world.openSink()]
  await world.register(wanted.url, ['do_not_call.changed'])
  await world.register(other.url, ['lead.changed'])
  await world.happen('+9779800000020', world.otherWorkspaceId)
  const undone = transaction(world.database.sql, async (tx) => {
    const events = [{ kind: 'do_not_call.changed', visibleTo: null, data: { number: 'undone' } }]
    await closeBatch(tx, {
      now: world.clock.now(),
      workspaces: [{ workspaceId: world.workspaceId, totals: [], events }],
    })
    throw new Error('rolled back')
  })
  await expect(undone).rejects.toThrow('rolled back')
  await world.happen('+9779800000021')
  await eventually(() => told(wanted), ['+9779800000021'])
  expect(other.letters).toEqual([])
})

test('whoever of its people an event is for, a program is told it once', async () => {
  const sink = await world.openSink()
  await world.register(sink.url, ['requests.changed'])
  const { admin, manager } = world.people
  const events = [admin, manager].map((person) => ({
    kind: 'requests.changed',
    visibleTo: person.id,
    data: { id: 7, status: 'o' },
  }))
  const workspaces = [{ workspaceId: world.workspaceId, totals: [], events }]
  await transaction(world.database.sql, (tx) => closeBatch(tx, { now: world.clock.now(), workspaces }))
  await world.happen('+9779800000022')
  await eventually(() => sink.letters.length, 1)
  expect(JSON.parse(sink.letters[0]?.body ?? '')).toMatchObject({ data: { id: 7, status: 'o' } })
})

test('what is refused, redirected or not answered comes again under the same id, for three days of product time', async () => {
  const answers = [500, 302, 204]
  const sink = await world.openSink(() => answers.shift() ?? 204)
  const { id } = await world.register(sink.url)
  await world.happen('+9779800000002')
  await eventually(async () => (await world.deliveries(id))[0]?.problem, 'answered_500')
  await world.clock.advance(6_000)
  await eventually(async () => (await world.deliveries(id))[0]?.problem, 'answered_302')
  await world.clock.advance(31_000)
  await eventually(async () => (await world.deliveries(id))[0]?.status, 'delivered')
  expect(new Set(sink.letters.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(sink.letters.map(({ body }) => body)).size).toBe(1)
  expect(sink.letters).toHaveLength(3)
})

test('an endpoint that took nothing for three days is switched off, and can be switched on and sent everything again', async () => {
  const sink = await world.openSink(() => 503)
  const { id } = await world.register(sink.url)
  const url = `/api/webhooks/${id}/`
  await world.happen('+9779800000003')
  await eventually(async () => (await world.deliveries(id))[0]?.problem, 'answered_503')
  await world.clock.advance(73 * 3_600_000)
  await eventually(async () => (await world.as(world.people.admin, 'GET', url)).json().enabled, false)
  expect((await world.as(world.people.admin, 'GET', url)).json().disabled_reason).toBe('failing')
  const [failed] = await world.deliveries(id)
  expect(failed).toMatchObject({
    status: 'failed',
    problem: 'answered_503',
    response: { body: 'answer 503' },
  })
  await world.happen('told to nobody')

  const again = `${url}deliveries/${failed?.id}/resend/`
  expect((await world.as(world.people.admin, 'POST', again)).json().code).toBe('webhook_off')
  sink.answer = () => 204
  const on = await world.as(world.people.admin, 'PATCH', url, { enabled: true })
  expect(on.json()).toMatchObject({ enabled: true, disabled_reason: null, failing_since: null })
  expect((await world.as(world.people.admin, 'POST', again)).statusCode).toBe(202)
  await eventually(async () => (await world.deliveries(id)).map((one) => one.status), ['delivered'])
  expect(new Set(told(sink))).toEqual(new Set(['+9779800000003']))
})

test('an endpoint that answers nothing delays nobody else, and 410 switches off at once', async () => {
  const [silent, gone, quick] = [
    await world.openSink(() => null),
    await world.openSink(() => 410),
    await world.openSink(),
  ]
  await world.register(silent.url)
  const { id } = await world.register(gone.url)
  await world.register(quick.url)
  const numbers = Array.from({ length: 30 }, (_, index) => `+97798000001${index + 10}`)
  for (const number of numbers) await world.happen(number)
  await eventually(() => told(quick).toSorted(), numbers)
  expect(silent.letters.length).toBeLessThanOrEqual(8)
  const url = `/api/webhooks/${id}/`
  await eventually(
    async () => (await world.as(world.people.admin, 'GET', url)).json().disabled_reason,
    'gone',
  )
})

test('until its overlap ends the old secret signs as well', async () => {
  const sink = await world.openSink()
  const { id, secret } = await world.register(sink.url)
  const rotate = (hours: number) =>
    world.as(world.people.admin, 'POST', `/api/webhooks/${id}/rotate/`, { overlap_hours: hours })
  const fresh = (await rotate(1)).json().secret
  await world.happen('+9779800000004')
  await eventually(() => sink.letters.length, 1)
  for (const key of [secret, fresh]) expect(verify(key, sink.letters[0])).toBeTruthy()
  const last = (await rotate(0)).json().secret
  await world.happen('+9779800000005')
  await eventually(() => sink.letters.length, 2)
  expect(verify(last, sink.letters[1])).toBeTruthy()
  expect(() => verify(fresh, sink.letters[1])).toThrow('No matching signature')
})

test('addresses inside a network are refused, when they are given and when they are called', async () => {
  const sender = createWebhookSender(['crm.lan'])
  for (const url of [
    'http://example.com/',
    'https://user:secret@example.com/',
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest',
    'http://crm.lan.example.com/',
    'ftp://crm.lan/',
    'no address',
  ])
    expect([url, sender.mayReach(url)]).toEqual([url, false])
  for (const url of ['https://example.com/in', 'http://crm.lan:9000/in'])
    expect(sender.mayReach(url)).toBe(true)
  const refused = await world.as(world.people.admin, 'POST', '/api/webhooks/', { url: 'https://10.0.0.1/' })
  expect([refused.statusCode, refused.json().code]).toEqual([400, 'address_refused'])
  for (const url of ['https://localhost:1/', 'https://127.0.0.1:1/'])
    expect((await sender.send({ url, body: '', headers: {} })).problem).toBe('address_refused')
  await sender.close()
})

test('a test message can be sent, unknown events are refused by name, and a removed webhook takes its log along', async () => {
  const sink = await world.openSink()
  const { admin, manager } = world.people
  const { id } = await world.register(sink.url, ['lead.changed'])
  const sent = await world.as(admin, 'POST', `/api/webhooks/${id}/test/`)
  expect(sent.statusCode).toBe(202)
  await eventually(() => sink.letters.map(({ headers }) => headers['webhook-id']), [sent.json().message_id])
  const unknown = await world.as(admin, 'PATCH', `/api/webhooks/${id}/`, { events: ['call.sneezed'] })
  expect([unknown.statusCode, unknown.json().errors[0].param]).toEqual([400, 'events.0'])
  expect((await world.as(manager, 'GET', '/api/webhooks/')).statusCode).toBe(403)
  expect((await world.as(admin, 'DELETE', `/api/webhooks/${id}/`)).statusCode).toBe(204)
  expect((await world.as(admin, 'GET', `/api/webhooks/${id}/deliveries/`)).statusCode).toBe(404)
})
