import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { User } from '../accounts/user.ts'
import { clockStart, createRequestWorld, type RequestWorld } from './request-server.fixture.ts'

let world: RequestWorld

beforeAll(async () => {
  world = await createRequestWorld()
})
afterAll(() => world.close())

const caller = () => world.people.caller
const hero = () => world.people.hero
const code = async (answer: Promise<LightMyRequestResponse>) => {
  const { statusCode, body } = await answer
  return [statusCode, (JSON.parse(body) as { code?: string }).code ?? null]
}
const agree = (user: User, id: number, minutes: number) =>
  world.act(user, id, 'agreed-time', { agreed_time: world.at(minutes) })
const refused = async (times: Record<string, unknown>) => {
  const { id } = await world.ask()
  const answer = (await world.act(hero(), id, 'accept', times)).json()
  return [
    answer.status,
    answer.errors.map((one: { param: string; code: string }) => `${one.param} ${one.code}`),
  ]
}
const wanted = () => ({ hero_id: hero().heroId, message: 'Hello', estimated_length: 30 })

describe('asking for a call', () => {
  const url = '/api/v1/call-requests/'
  test('needs a verified e-mail, phone and payment, each named', async () => {
    const { as, people, database } = world
    expect(await code(as(people.manager, 'POST', url, wanted()))).toEqual([403, 'email_unverified'])
    await database.sql`update users set is_verified_email = true where id = ${people.manager.id}`
    expect(await code(as(people.manager, 'POST', url, wanted()))).toEqual([403, 'phone_unverified'])
    await database.sql`update users set is_verified_phone = true where id = ${people.manager.id}`
    expect(await code(as(people.manager, 'POST', url, {}))).toEqual([403, 'payment_unverified'])
  })

  test('names every wrong member, also as the documents’ clients read them', async () => {
    const { as } = world
    const wrong = { hero_id: 999_999, message: ' ', estimated_length: 20 }
    const answer = (await as(caller(), 'POST', url, wrong)).json()
    expect(answer).toMatchObject({
      status: 400,
      hero_id: [expect.any(String)],
      estimated_length: [expect.any(String)],
    })
    expect(answer.errors.map((one: { param: string }) => one.param)).toEqual([
      'hero_id',
      'message',
      'estimated_length',
    ])
    expect(await code(as(hero(), 'POST', url, wanted()))).toEqual([400, 'invalid_field'])
    expect(await code(as(caller(), 'POST', url, {}))).toEqual([400, 'missing_field'])
    for (const estimated_length of [0, 14, 135, 'soon'])
      expect((await as(caller(), 'POST', url, { ...wanted(), estimated_length })).statusCode).toBe(400)
    for (const estimated_length of [15, '120'])
      expect((await as(caller(), 'POST', url, { ...wanted(), estimated_length })).statusCode).toBe(200)
    for (const [letter, times, status] of [
      ['x', 501, 400],
      ['😀', 501, 400],
      ['😀', 500, 200],
    ] as const) {
      const message = letter.repeat(times)
      expect((await as(caller(), 'POST', url, { ...wanted(), message })).statusCode).toBe(status)
    }
  })

  test('of a hero who is away or of another workspace is refused', async () => {
    const { as, people, strangers } = world
    const profile = `/api/v1/heroes/${hero().heroId}/`
    await as(hero(), 'PATCH', profile, { active: false })
    expect((await as(people.agent, 'POST', url, wanted())).json()).toMatchObject({
      status: 400,
      param: 'hero_id',
    })
    await as(hero(), 'PATCH', profile, { active: true })
    const foreign = await as(caller(), 'POST', url, { ...wanted(), hero_id: strangers.hero.heroId })
    expect(foreign.json()).toMatchObject({ status: 400, param: 'hero_id' })
  })

  test('with the same Idempotency-Key makes one request', async () => {
    const headers = { authorization: await world.tokenOf('caller@first.test'), 'idempotency-key': 'ask-1' }
    const ask = () => world.app.inject({ method: 'POST', url, headers, payload: wanted() })
    const [first, second] = [await ask(), await ask()]
    expect(second.json()).toEqual(first.json())
    expect(second.headers['idempotent-replayed']).toBe('true')
  })
})

describe('the order of checks', () => {
  const actions = ['accept', 'decline', 'new-times', 'agreed-time', 'cancel']

  test.each(actions)('%s: 403 without credentials, then 404, then 403, then 400', async (action) => {
    const { id } = await world.ask()
    const url = (which: unknown) => `/api/v1/call-requests/${which}/${action}/`
    expect((await world.app.inject({ method: 'PATCH', url: url(id), payload: {} })).statusCode).toBe(403)
    for (const unknown of [999_999, 'x', '0', '99999999999999999999'])
      expect((await world.as(hero(), 'PATCH', url(unknown), {})).statusCode).toBe(404)
    expect((await world.as(world.strangers.hero, 'PATCH', url(id), {})).statusCode).toBe(404)
    // Somebody else with a body that is wrong: 403 comes first.
    expect(await code(world.as(world.people.agent, 'PATCH', url(id), { time_one: 1, force: 'x' }))).toEqual([
      403,
      action === 'accept' || action === 'decline' ? 'not_the_hero' : 'not_a_party',
    ])
    expect((await world.as(hero(), 'PATCH', url(id), {})).statusCode).toBe(400)
    // The body comes before the state.
    await world.act(hero(), id, 'decline', { reason: 'No' })
    const closed = await world.as(hero(), 'PATCH', url(id), {})
    expect(closed.json().code).toBe('missing_field')
  })

  test('only the hero accepts and declines; managers read and cancel but do not negotiate', async () => {
    const { id } = await world.ask()
    const times = { time_one: world.at(60) }
    expect(await code(world.act(caller(), id, 'accept', times))).toEqual([403, 'not_the_hero'])
    expect(await code(world.act(caller(), id, 'decline', { reason: 'No' }))).toEqual([403, 'not_the_hero'])
    for (const boss of [world.people.admin, world.people.manager]) {
      expect((await world.act(boss, id, 'accept', times)).statusCode).toBe(403)
      expect((await world.act(boss, id, 'new-times', times)).statusCode).toBe(403)
      expect((await world.act(boss, id, 'agreed-time', { agreed_time: world.at(60) })).statusCode).toBe(403)
      expect((await world.as(boss, 'GET', `/api/v1/call-requests/${id}/`)).statusCode).toBe(200)
    }
    expect((await world.as(world.people.agent, 'GET', `/api/v1/call-requests/${id}/`)).statusCode).toBe(403)
    expect((await world.as(world.strangers.admin, 'GET', `/api/v1/call-requests/${id}/`)).statusCode).toBe(
      404,
    )
    const cancelled = await world.act(world.people.manager, id, 'cancel', { reason: 'Office closed' })
    expect(cancelled.json()).toMatchObject({ status: 'c', cancelled_by: world.people.manager.id })
  })

  test('a state that does not fit has the sentence of the documents', async () => {
    const id = await world.accepted(60)
    const again = await world.act(hero(), id, 'accept', { time_one: world.at(75) })
    expect([again.statusCode, again.json().error]).toEqual([
      400,
      'Call request must have an open status to accept it.',
    ])
    const { id: open } = await world.ask()
    for (const [action, body] of [
      ['new-times', { time_one: world.at(60) }],
      ['agreed-time', { agreed_time: world.at(60) }],
    ] as const)
      expect(await code(world.act(caller(), open, action, body))).toEqual([400, 'wrong_request_status'])
    await world.act(caller(), open, 'cancel', { reason: 'No' })
    expect(await code(world.act(caller(), open, 'cancel', { reason: 'No' }))).toEqual([
      400,
      'wrong_request_status',
    ])
  })
})

describe('times', () => {
  test('are on a quarter hour, at least half an hour ahead, and distinct', async () => {
    const { at } = world
    expect(await refused({ time_one: at(61) })).toEqual([400, ['time_one not_a_quarter_hour']])
    expect(await refused({ time_one: '2027-03-10T13:00:00.001Z' })).toEqual([
      400,
      ['time_one not_a_quarter_hour'],
    ])
    expect(await refused({ time_one: at(15), time_two: 'soon' })).toEqual([
      400,
      ['time_one too_early', 'time_two not_an_instant'],
    ])
    expect(await refused({ time_one: at(60), time_three: at(60) })).toEqual([400, ['time_three repeated']])
    expect(await refused({ time_two: at(60) })).toEqual([400, ['time_one required']])
  })

  test('an error names the nearest times that are valid', async () => {
    const { id: other } = await world.ask()
    const answer = (await world.act(hero(), other, 'accept', { time_one: world.at(61) })).json()
    expect(answer.time_one[0]).toContain(`${world.at(60)} or ${world.at(75)}`)
    const early = (await world.act(hero(), other, 'accept', { time_one: world.at(15) })).json()
    expect(early.error).toContain('at least 30 minutes ahead')
    expect(early.error).toContain(world.at(45))
  })

  test('carry any offset, are UTC without one, and keep their places', async () => {
    const { id } = await world.ask()
    const answer = await world.act(hero(), id, 'accept', {
      time_one: '2027-03-10T18:45:00+05:45',
      time_three: '2027-03-10T14:00',
    })
    expect(answer.json().times[0]).toMatchObject({
      datetime_one: '2027-03-10T13:00:00.000000Z',
      datetime_two: null,
      datetime_three: '2027-03-10T14:00:00.000000Z',
    })
  })

  test('that were proposed before in this request are 409, whoever proposed them', async () => {
    const id = await world.accepted(600, 615)
    const repeat = await world.act(caller(), id, 'new-times', {
      time_one: world.at(630),
      time_two: world.at(615),
    })
    expect([repeat.statusCode, repeat.json().param]).toEqual([409, 'time_two'])
    expect((await world.act(caller(), id, 'new-times', { time_one: world.at(630) })).statusCode).toBe(200)
    expect(await code(world.act(hero(), id, 'new-times', { time_one: world.at(630) }))).toEqual([
      409,
      'time_already_proposed',
    ])
  })
})

describe('agreeing', () => {
  test('takes a time of the other party’s newest proposal, never one’s own', async () => {
    const id = await world.accepted(1005, 1020)
    expect((await agree(hero(), id, 1005)).json()).toMatchObject({
      status: 400,
      error: 'User cannot accept his own time suggestions.',
    })
    await world.act(caller(), id, 'new-times', { time_one: world.at(1035) })
    await world.act(hero(), id, 'new-times', { time_one: world.at(1050) })
    // The hero's first proposal is not the newest any more; the caller's own counter-proposal takes nothing away.
    expect(await code(agree(caller(), id, 1005))).toEqual([400, 'time_not_proposed'])
    expect(await code(agree(caller(), id, 1035))).toEqual([400, 'own_time'])
    await world.act(caller(), id, 'new-times', { time_one: world.at(1065) })
    expect((await agree(caller(), id, 1050)).json()).toMatchObject({ agreed_time: world.at(1050) })
  })

  test('nobody may agree when the other party proposed nothing', async () => {
    const { id } = await world.ask()
    await world.act(hero(), id, 'accept', { time_one: world.at(1095) })
    expect((await agree(hero(), id, 1200)).json().error).toBe('User cannot accept his own time suggestions.')
  })

  test('on the same time again changes nothing; on another one it needs a newer proposal', async () => {
    const id = await world.accepted(1305, 1320)
    const first = (await agree(caller(), id, 1305)).json()
    expect((await agree(caller(), id, 1305)).json()).toEqual(first)
    expect(await code(agree(caller(), id, 1320))).toEqual([400, 'no_newer_proposal'])
    // A counter-proposal leaves the agreed time until a new one is agreed.
    const counter = await world.act(hero(), id, 'new-times', { time_one: world.at(1335) })
    expect(counter.json().agreed_time).toBe(world.at(1305))
    const moved = await agree(caller(), id, 1335)
    expect(moved.json()).toMatchObject({ agreed_time: world.at(1335), status: 'a' })
    const [row] = await world.database.sql`
      select remind_at, step_at, agreements from call_requests where id = ${id}`
    expect(row).toEqual({
      remind_at: new Date(world.at(1320)),
      step_at: new Date(world.at(1335)),
      agreements: 2,
    })
  })

  test('on a time that has passed is refused', async () => {
    const id = await world.accepted(45)
    await world.clock.set(new Date(clockStart.getTime() + 46 * 60_000))
    expect(await code(agree(caller(), id, 45))).toEqual([400, 'time_passed'])
    await world.clock.set(clockStart)
  })

  test('an overlap with another agreed call of either party is 409, the next quarter hour is not', async () => {
    await world.agreed(1500)
    const { id } = await world.ask({ estimated_length: 30 })
    await world.act(hero(), id, 'accept', { time_one: world.at(1485), time_two: world.at(1515) })
    expect(await code(agree(caller(), id, 1485))).toEqual([409, 'time_overlaps'])
    expect((await agree(caller(), id, 1515)).statusCode).toBe(200)
  })

  test('gives the time back when it moves and when it is cancelled', async () => {
    const id = await world.agreed(1710)
    await world.act(hero(), id, 'new-times', { time_one: world.at(1770) })
    await agree(caller(), id, 1770)
    await world.agreed(1710)
    await world.act(caller(), id, 'cancel', { reason: 'No', force: true })
    expect(await world.agreed(1770)).toBeGreaterThan(id)
  })
})
