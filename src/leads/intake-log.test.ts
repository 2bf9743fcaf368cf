import { afterAll, beforeAll, expect, test } from 'vitest'
import { dropOldIntake } from './intake-store.ts'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const logUrl = '/api/leads/intake-log/'
const asManager = (method: string, url: string, body?: unknown) =>
  world.as(world.people.manager, method, url, body)
const countOf = async (query: string) => (await asManager('GET', `${logUrl}?${query}`)).json().count
const newest = async (query = 'status=rejected') =>
  (await asManager('GET', `${logUrl}?${query}`)).json().results[0]

test('a lead whose agent nobody knows waits in the log and is taken after the mapping is mended', async () => {
  const body = {
    user: '7777',
    lead_id: 'wait-1',
    first_name: 'Maya',
    phone: '+9779841000300',
    uniqueid: '9.1',
  }
  expect((await world.post(body)).statusCode).toBe(404)
  const entry = await newest()
  expect(entry).toMatchObject({
    status: 'rejected',
    error_code: 'agent_not_found',
    error: "Agent with username '7777' not found",
    user: '7777',
    name: 'Maya',
    phone: '+9779841000300',
    lead_id: null,
  })
  const replay = () => asManager('POST', `${logUrl}${entry.id}/replay/`)
  expect((await replay()).statusCode).toBe(404)
  expect(await newest()).toMatchObject({ id: entry.id, replays: 1 })

  await world.as(world.people.admin, 'PATCH', `/api/users/${world.agent2.id}/`, { dialer_user_id: '7777' })
  const taken = await replay()
  expect(taken.statusCode).toBe(200)
  expect(taken.json().lead).toMatchObject({ full_name: 'Maya', assigned_agent_username: 'agent2' })
  const after = (await asManager('GET', `${logUrl}${entry.id}/`)).json()
  expect(after).toMatchObject({ status: 'taken', lead_id: taken.json().lead.id, error: null, replays: 2 })
  expect(after.body.members).toMatchObject({ first_name: 'Maya' })
  const again = await replay()
  expect([again.statusCode, again.json().code]).toEqual([409, 'already_taken'])
})

test('two replays at once take the message once', async () => {
  await world.post({ user: '8888', first_name: 'Twice' })
  const { id } = await newest()
  await world.as(world.people.admin, 'PATCH', `/api/users/${world.agent1.id}/`, { dialer_user_id: '8888' })
  const answers = await Promise.all([1, 2].map(() => asManager('POST', `${logUrl}${id}/replay/`)))
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 409])
  expect(await world.database.sql`select from leads where full_name = 'Twice'`).toHaveLength(1)
})

test('a replay does not undo what a person edited since the message came', async () => {
  const { lead } = (await world.post({ user: 'agent1', lead_id: 'late', city: 'First' })).json()
  await world.post({ user: '9999', lead_id: 'late', city: 'Second', address1: 'Street' })
  const { id } = await newest()
  await world.as(world.agent1, 'PATCH', `/api/leads/${lead.id}/`, { city: 'Third' })
  await world.as(world.people.admin, 'PATCH', `/api/users/${world.agent2.id}/`, { dialer_user_id: '9999' })
  const taken = (await asManager('POST', `${logUrl}${id}/replay/`)).json().lead
  expect(taken).toMatchObject({ id: lead.id, city: 'Third', address1: 'Street' })
})

test.each([
  ['broken JSON', '{"user": "agent1", "first_name": ', 'application/json', 400, 'unreadable_body'],
  ['a list', '[{"user": "agent1"}]', 'application/json', 400, 'unreadable_body'],
  ['an unknown content type', '<lead/>', 'application/xml', 415, 'unsupported_media_type'],
  ['parts without their boundary', 'user=agent1', 'multipart/form-data; boundary=x', 400, 'unreadable_body'],
  ['nobody named', '{"first_name": "Kept"}', 'application/json', 400, 'missing_field'],
  [
    'a field that is too long',
    `{"user": "agent1", "gender": "${'x'.repeat(11)}"}`,
    'application/json',
    400,
    'invalid_field',
  ],
])('%s is refused and kept', async (...[, body, type, status, code]) => {
  const answer = await world.post(body, { headers: { 'content-type': type } })
  expect([answer.statusCode, answer.json().code]).toEqual([status, code])
  const entry = await newest()
  expect(entry.error_code).toBe(code)
  const kept = (await asManager('GET', `${logUrl}${entry.id}/`)).json().body
  expect(JSON.stringify(kept).length).toBeGreaterThan(10)
})

test('a message that was sent with the wrong content type is read by its replay', async () => {
  await world.post('{"user": "agent1", "lead_id": "typed", "first_name": "Typed"}', {
    headers: { 'content-type': 'text/xml' },
  })
  const { id } = await newest()
  expect((await asManager('POST', `${logUrl}${id}/replay/`)).json().lead.full_name).toBe('Typed')
})

test('the log is narrowed by status, reason and the dialer’s user', async () => {
  await world.post({ user: 'narrow-user' })
  expect(await countOf('user=narrow-user')).toBe(1)
  expect(await countOf('user=narrow-user&status=taken')).toBe(0)
  expect(await countOf('error_code=agent_not_found&user=narrow-user')).toBe(1)
})

test('nothing is kept without a valid key', async () => {
  const before = (await asManager('GET', logUrl)).json().count
  await world.post({ user: 'agent1' }, { headers: { 'x-dialer-api-key': 'wrong' } })
  expect((await asManager('GET', logUrl)).json().count).toBe(before)
})

test('what was taken is forgotten after 30 days, what was rejected after 90', async () => {
  const days = (count: number) => new Date(world.clock.now().getTime() + count * 24 * 60 * 60 * 1000)
  const statuses = async () =>
    (
      await world.database.sql<{ status: string }[]>`select distinct status from dialer_intake order by 1`
    ).map((row) => row.status)
  await world.post({ user: 'agent1' })
  await dropOldIntake(world.database.sql, days(29))
  expect(await statuses()).toEqual(['rejected', 'taken'])
  await dropOldIntake(world.database.sql, days(31))
  expect(await statuses()).toEqual(['rejected'])
  await dropOldIntake(world.database.sql, days(91))
  expect(await statuses()).toEqual([])
})
