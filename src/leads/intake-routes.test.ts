import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDialerKey } from '../../test/http-world.ts'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const statusAfter = async (more: object) =>
  (await world.post({ user: 'agent1', lead_id: 'status', ...more })).json().lead.status

test('nobody named is 400, nobody known is 404, in the words of the document', async () => {
  const nobody = await world.post({ full_name: 'Nobody', user: ' ', dialer_user_id: '' })
  expect([nobody.statusCode, nobody.json().error]).toEqual([400, 'Missing required fields: user'])
  const unknown = await world.post({ full_name: 'Nobody', user: 'agent9' })
  expect([unknown.statusCode, unknown.json().error]).toEqual([404, "Agent with username 'agent9' not found"])
  const both = await world.post({ full_name: 'Nobody', user: 'agent9', dialer_user_id: 'x9' })
  expect(both.json().error).toBe("Agent with username 'agent9' not found")
  const id = await world.post({ full_name: 'Nobody', dialer_user_id: 'x9' })
  expect([id.statusCode, id.json().error]).toEqual([404, "Agent with dialer_user_id 'x9' not found"])
  for (const user of ['VDAD', 'VDCL']) expect((await world.post({ user })).statusCode).toBe(404)
  // People of another part, people of another workspace, and people who have left are no agents.
  for (const user of ['hero@first.test', 'caller@first.test', 'agent@second.test']) {
    expect((await world.post({ user })).statusCode).toBe(404)
  }
})

test('a member that is nested beyond measure costs no lead', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const answer = await world.app.inject({
    method: 'POST',
    url: '/api/leads/from-dialer/',
    headers: { 'x-dialer-api-key': testDialerKey, 'content-type': 'application/json' },
    payload: `{"user":"agent1","full_name":"Deep","lead_id":"deep","list":${deep}}`,
  })
  expect(answer.statusCode).toBe(201)
})

test('the dialer id counts before the username, any letter case of the username counts, and managers map too', async () => {
  const answer = await world.post({ user: 'agent2', dialer_user_id: 'vicidial_user_123', lead_id: 'order-1' })
  expect(answer.json().lead.assigned_agent_username).toBe('agent1')
  const fallback = await world.post({ user: 'AGENT2', dialer_user_id: 'unmapped', lead_id: 'order-2' })
  expect(fallback.json().lead.assigned_agent_username).toBe('agent2')
  const manager = await world.post({ user: 'Manager@First.Test', lead_id: 'order-3' })
  expect(manager.json().lead.assigned_agent_username).toBe('manager@first.test')
})

test('two ids with one phone are two leads; an id that is new takes the lead that has none', async () => {
  const phone = '+9779841000100'
  const first = (await world.post({ user: 'agent1', phone })).json()
  const named = (await world.post({ user: 'agent1', phone, lead_id: 'two-1' })).json()
  expect([named.lead.id, named.lead.dialer_lead_id]).toEqual([first.lead.id, 'two-1'])
  const other = (await world.post({ user: 'agent1', phone, lead_id: 'two-2' })).json()
  expect(other.message).toBe('Lead created successfully')
  // Without an id the one that was updated last is meant.
  const bare = (await world.post({ user: 'agent1', phone: '9841000100' })).json()
  expect(bare.lead.id).toBe(other.lead.id)
})

test('a phone is compared as a number, with the country code of its own member', async () => {
  const made = (await world.post({ user: 'agent1', phone_number: '9841000101', phone_code: '977' })).json()
  expect(made.lead).toMatchObject({ phone: '9841000101', phone_e164: '+9779841000101', phone_code: '977' })
  for (const form of [
    { phone: '+977 984-100-0101' },
    { phone: 9841000101 },
    { phone: '09841000101', phone_code: 977 },
    { phone: '9779841000101', phone_code: '977' },
  ]) {
    expect((await world.post({ user: 'agent1', ...form })).json().lead.id).toBe(made.lead.id)
  }
})

test('without id and phone the same uniqueid is the same lead, and without any of them it is somebody new', async () => {
  const one = (await world.post({ user: 'agent1', first_name: 'Ana', uniqueid: '1435944017.210' })).json()
  const two = await world.post(`{"user":"agent1","last_name":"Lama","uniqueid":1435944017.210}`)
  expect(two.json().lead).toMatchObject({ id: one.lead.id, full_name: 'Ana Lama' })
  const ids = await Promise.all(
    ['a', 'b'].map(async () => (await world.post({ user: 'agent1' })).json().lead.id),
  )
  expect(new Set(ids).size).toBe(2)
})

test.each([
  ['a dialer id', { lead_id: 'fifty' }],
  ['a phone', { phone: '+9779841000102' }],
  ['a phone that cannot be read', { phone: 'ask reception' }],
  ['a uniqueid', { uniqueid: '1700000000.99' }],
])('fifty posts at once of one person, known by %s, make one lead', async (_how, identity) => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      world.post({ user: 'agent1', notes: `line ${index}`, ...identity }),
    ),
  )
  expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([201]))
  expect(new Set(answers.map((answer) => answer.json().lead.id)).size).toBe(1)
  const created = answers.filter((answer) => answer.json().message === 'Lead created successfully')
  expect(created).toHaveLength(1)
  const last = (await world.post({ user: 'agent1', ...identity })).json().lead
  expect(String(last.notes).split('\n')).toHaveLength(50)
})

test('an update writes what came with a value, blanks nothing and keeps the agent', async () => {
  const made = (
    await world.post({ user: 'agent1', lead_id: 'update', first_name: 'Sita', email: 's@example.com' })
  ).json()
  const updated = (
    await world.post({
      user: 'agent2',
      lead_id: 'update',
      first_name: '',
      email: null,
      city: 'Pokhara',
      notes: 'a',
    })
  ).json()
  expect(updated.lead).toMatchObject({
    id: made.lead.id,
    full_name: 'Sita',
    email: 's@example.com',
    city: 'Pokhara',
    assigned_agent_username: 'agent1',
    notes: 'a',
  })
  expect((await world.post({ user: 'agent1', lead_id: 'update', notes: 'b' })).json().lead.notes).toBe('a\nb')
})

test('a lead becomes interested, unless another status was sent or it is closed', async () => {
  expect(await statusAfter({ status: 'Appointment Set' })).toBe('appointment_set')
  expect(await statusAfter({})).toBe('interested')
  expect(await statusAfter({ status: 'NI' })).toBe('interested')
  for (const closed of ['won', 'lost', 'sale_made', 'sale_lost']) {
    expect(await statusAfter({ status: closed })).toBe(closed)
    expect(await statusAfter({})).toBe(closed)
  }
})

test('a retry does not overwrite what a person edited since, a new call does', async () => {
  const body = {
    user: 'agent1',
    lead_id: 'retry',
    uniqueid: '1.1',
    city: 'Leeds',
    last_name: 'Rai',
    notes: 'hello',
  }
  const { lead } = (await world.post(body)).json()
  const edited = await world.as(world.agent1, 'PATCH', `/api/leads/${lead.id}/`, {
    city: 'York',
    status: 'qualified',
  })
  expect(edited.statusCode).toBe(200)
  const retried = (await world.post({ ...body, address1: 'New' })).json().lead
  expect(retried).toMatchObject({ city: 'York', status: 'qualified', address1: 'New', notes: 'hello' })
  const fresh = (await world.post({ ...body, uniqueid: '1.2' })).json().lead
  expect(fresh).toMatchObject({ city: 'Leeds', status: 'interested' })
})

test('a session id is the same call for ten minutes', async () => {
  const body = { user: 'agent1', lead_id: 'session', session_id: '8600051', city: 'Leeds' }
  const { lead } = (await world.post(body)).json()
  await world.as(world.agent1, 'PATCH', `/api/leads/${lead.id}/`, { city: 'York' })
  expect((await world.post(body)).json().lead.city).toBe('York')
  await world.clock.advance(10 * 60_000 + 1_000)
  expect((await world.post(body)).json().lead.city).toBe('Leeds')
})

test('fields that are too long are named, numbers are texts, and what cannot be read of a phone is kept as it came', async () => {
  const long = await world.post({ user: 'agent1', city: 'x'.repeat(101), title: 'y'.repeat(51) })
  expect(long.statusCode).toBe(400)
  expect(
    long
      .json()
      .errors.map((problem: { param: string }) => problem.param)
      .sort(),
  ).toEqual(['city', 'title'])
  const wide = await world.post({ user: 'agent1', city: '𑐣'.repeat(100), first_name: '𑐣'.repeat(100) })
  expect([wide.statusCode, wide.json().lead?.city]).toEqual([201, '𑐣'.repeat(100)])
  expect((await world.post({ user: 'agent1', date_of_birth: '31/12/1980' })).json().param).toBe(
    'date_of_birth',
  )
  expect((await world.post({ user: 'agent1', city: { name: 'Leeds' } })).json().param).toBe('city')
  const odd = (
    await world.post({ user: 'agent1', lead_id: 77, rank: 5, epoch: 1689065926, phone: 'none', email: 'x' })
  ).json()
  expect(odd.lead).toMatchObject({
    dialer_lead_id: '77',
    rank: '5',
    epoch: '1689065926',
    phone: 'none',
    email: 'x',
  })
  expect(odd.lead.phone_e164).toBeNull()
  const log = await world.as(world.people.manager, 'GET', '/api/leads/intake-log/?page_size=1')
  expect(log.json().results[0].note).toBe(
    'phone "none" is no number that can be called. email "x" is no address.',
  )
})

test('a person who asked not to be called again is on the do-not-call list before the answer', async () => {
  const body = { user: 'agent1', lead_id: 'dnc', phone: '+9779841000103', dispo: 'DNC' }
  expect((await world.post(body)).json().lead.do_not_call).toBe(true)
  const listed = await world.as(world.people.manager, 'GET', '/api/do-not-call/?number=9841000103')
  expect(listed.json().count).toBe(1)
})
