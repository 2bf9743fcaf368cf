import { afterAll, beforeAll, expect, test } from 'vitest'
import type { User } from '../accounts/user.ts'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const asManager = (method: string, url: string, body?: unknown) =>
  world.as(world.people.manager, method, url, body)
const add = async (body: object, by: User = world.people.manager) =>
  (await world.as(by, 'POST', '/api/leads/', body)).json()
const idsOf = async (query: string, by: User = world.people.manager): Promise<number[]> =>
  (await world.as(by, 'GET', `/api/leads/?page_size=100&${query}`))
    .json()
    .results.map((lead: { id: number }) => lead.id)

test('a lead is made, read, changed and deleted', async () => {
  const made = await asManager('POST', '/api/leads/', {
    full_name: 'Sita Rai',
    phone: '9841000400',
    email: 'sita@example.com',
    company_name: 'Momo House',
    assigned_agent: 'agent1',
    timezone: 'Asia/Kathmandu',
  })
  expect(made.statusCode).toBe(201)
  const { id } = made.json()
  expect(made.json()).toMatchObject({
    status: 'cold_call',
    phone_e164: '+9779841000400',
    assigned_agent: world.agent1.id,
    assigned_agent_username: 'agent1',
    local_timezone: 'Asia/Kathmandu',
    do_not_call: false,
    notes: null,
  })
  const url = `/api/leads/${id}`
  expect((await asManager('GET', url)).json()).toEqual(made.json())
  const changed = await asManager('PATCH', url, {
    status: 'QUALIFIED',
    email: '',
    city: 'Patan',
    id: 5,
    created_at: 'x',
  })
  expect(changed.json()).toMatchObject({
    id,
    status: 'qualified',
    email: null,
    city: 'Patan',
    full_name: 'Sita Rai',
  })
  expect((await asManager('DELETE', url)).statusCode).toBe(204)
  expect((await asManager('GET', url)).statusCode).toBe(404)
  expect((await asManager('PATCH', url, { city: 'x' })).statusCode).toBe(404)
})

test('a name is built from its parts, and what is missing or wrong is named', async () => {
  expect(await add({ first_name: 'Hari', last_name: 'Thapa', phone: '9841000401' })).toMatchObject({
    full_name: 'Hari Thapa',
  })
  const empty = await asManager('POST', '/api/leads/', {})
  expect(empty.statusCode).toBe(400)
  expect(empty.json().errors.map((problem: { param: string }) => problem.param)).toEqual([
    'full_name',
    'phone',
  ])
  const wrong = {
    full_name: 'x',
    phone: '123',
    email: 'nobody',
    timezone: 'Mars',
    date_of_birth: '1980-02-30',
  }
  const refused = (await asManager('POST', '/api/leads/', wrong)).json()
  expect(refused.errors.map((problem: { param: string }) => problem.param).sort()).toEqual([
    'date_of_birth',
    'email',
    'phone',
    'timezone',
  ])
  const status = await asManager('POST', '/api/leads/', {
    full_name: 'x',
    phone: '9841000402',
    status: 'happy',
  })
  expect([status.statusCode, status.json().param]).toEqual([400, 'status'])
  const agent = await asManager('POST', '/api/leads/', {
    full_name: 'x',
    phone: '9841000402',
    assigned_agent: 'who',
  })
  expect([agent.statusCode, agent.json().code]).toEqual([400, 'unknown_person'])
  await add({ full_name: 'First', phone: '9841000403', dialer_lead_id: 'taken' })
  const taken = await asManager('POST', '/api/leads/', {
    full_name: 'Second',
    phone: '9841000403',
    dialer_lead_id: 'taken',
  })
  expect([taken.statusCode, taken.json().code]).toEqual([409, 'lead_id_taken'])
})

test('an agent sees and changes the own leads only, and gives none away', async () => {
  const own = await add({ full_name: 'Own', phone: '9841000404' }, world.agent1)
  expect(own.assigned_agent_username).toBe('agent1')
  const other = await add({ full_name: 'Other', phone: '9841000405', assigned_agent: world.agent2.agentId })
  expect(other.assigned_agent).toBe(world.agent2.id)
  const asAgent = (method: string, url: string, body?: unknown) => world.as(world.agent1, method, url, body)
  for (const [method, tail] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', 'timeline/'],
    ['GET', 'history/'],
  ]) {
    expect(
      (await asAgent(method ?? '', `/api/leads/${other.id}/${tail}`, method === 'PATCH' ? {} : undefined))
        .statusCode,
    ).toBe(404)
  }
  expect(await idsOf('', world.agent1)).toContain(own.id)
  for (const query of ['', 'agent=agent2', 'agent=none', `agent=${world.agent2.id}`]) {
    expect(await idsOf(query, world.agent1)).not.toContain(other.id)
  }
  const given = await asAgent('PATCH', `/api/leads/${own.id}/`, { assigned_agent: 'agent2' })
  expect([given.statusCode, given.json().param]).toEqual([403, 'assigned_agent'])
  const moved = await asManager('PATCH', `/api/leads/${own.id}/`, { assigned_agent: 'agent2' })
  expect(moved.json().assigned_agent_username).toBe('agent2')
  expect((await asAgent('GET', `/api/leads/${own.id}/`)).statusCode).toBe(404)
})

test('a lead of another workspace does not exist', async () => {
  const { id } = await add({ full_name: 'Ours', phone: '9841000406' })
  for (const [method, tail] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', 'timeline/'],
    ['GET', `merge/?from=1`],
  ]) {
    const answer = await world.as(
      world.strangers.admin,
      method ?? '',
      `/api/leads/${id}/${tail}`,
      method === 'PATCH' ? {} : undefined,
    )
    expect(answer.statusCode).toBe(404)
  }
})

test('a lead is found by its number in any form, and by its name', async () => {
  const { id } = await add({
    full_name: 'Găinușă Ștefan',
    company_name: '100% Momo_House',
    phone: '+977 984-381-2344',
  })
  for (const search of [
    '984 381',
    '+977 984-381',
    '00977984381',
    '09843812344',
    '(984) 381-2344',
    '9843812344',
    '९८४३८१२३४४',
    '12344',
    'ștefan',
    'MOMO_',
    '100%',
  ]) {
    expect([search, await idsOf(`search=${encodeURIComponent(search)}`)]).toEqual([search, [id]])
  }
  for (const search of ['984381234499', 'momoxhouse', '1000']) {
    expect(await idsOf(`search=${encodeURIComponent(search)}`)).not.toContain(id)
  }
})

test('the list is narrowed by status, agent and campaign, and the facets say how many each would leave', async () => {
  const made = await add({
    full_name: 'Facet',
    phone: '9841000407',
    campaign: 'Facets',
    status: 'won',
    assigned_agent: 'agent2',
  })
  await add({ full_name: 'Facet', phone: '9841000408', campaign: 'Facets', status: 'lost' })
  expect(await idsOf('campaign=Facets&status=won&agent=agent2')).toEqual([made.id])
  expect(await idsOf('campaign=Facets&agent=none')).not.toContain(made.id)
  const facets = (await asManager('GET', '/api/leads/facets/?campaign=Facets&status=won')).json()
  expect(facets.status).toEqual([
    { value: 'lost', count: 1 },
    { value: 'won', count: 1 },
  ])
  expect(facets.agent).toEqual([{ value: world.agent2.id, name: 'Agent Two', count: 1 }])
})

test('do-not-call is in force before the answer, on every number of the person, and goes along to a new number', async () => {
  const { id } = await add({
    full_name: 'Quiet',
    phone: '9841000410',
    alt_phone: '9841000411',
    assigned_agent: 'agent1',
  })
  const isListed = async (number: string) =>
    (await asManager('GET', `/api/do-not-call/?number=${number}`)).json().count === 1
  const set = await world.as(world.agent1, 'PATCH', `/api/leads/${id}/`, { do_not_call: true })
  expect(set.json().do_not_call).toBe(true)
  expect([await isListed('9841000410'), await isListed('9841000411')]).toEqual([true, true])
  const moved = await world.as(world.agent1, 'PATCH', `/api/leads/${id}/`, { phone: '9841000412' })
  expect([moved.json().do_not_call, await isListed('9841000412')]).toEqual([true, true])
  const undone = await world.as(world.agent1, 'PATCH', `/api/leads/${id}/`, { do_not_call: false })
  expect(undone.statusCode).toBe(403)
  expect((await asManager('PATCH', `/api/leads/${id}/`, { do_not_call: false })).json().do_not_call).toBe(
    false,
  )
  expect(await isListed('9841000412')).toBe(false)
  const unread = (await world.post({ user: 'agent1', phone: 'unknown' })).json().lead
  const nothing = await asManager('PATCH', `/api/leads/${unread.id}/`, { do_not_call: true })
  expect([nothing.statusCode, nothing.json().code]).toEqual([400, 'no_number_to_block'])
})

test('a number that the list has already makes the lead one that is not called', async () => {
  await asManager('POST', '/api/do-not-call/', { number: '9841000413' })
  expect((await add({ full_name: 'Listed', phone: '9841000413' })).do_not_call).toBe(true)
})

test('the history says who changed what and when', async () => {
  const { id } = await add({ full_name: 'History', phone: '9841000414', assigned_agent: 'agent1' })
  await world.as(world.agent1, 'PATCH', `/api/leads/${id}/`, { status: 'callback', city: 'Patan' })
  await world.as(world.agent1, 'PATCH', `/api/leads/${id}/`, { city: 'Patan' })
  const { count, results } = (await asManager('GET', `/api/leads/${id}/history/`)).json()
  expect([count, results[0].kind, results[0].by.name]).toEqual([2, 'changed', 'Agent One'])
  expect(results[0].changes).toEqual({
    status: { from: 'cold_call', to: 'callback' },
    city: { from: null, to: 'Patan' },
  })
  expect(results[1]).toMatchObject({
    kind: 'created',
    changes: { assigned_agent: { from: null, to: 'agent1' } },
  })
})

test('an agent is told of the own leads as they change, and of none of the others’', async () => {
  const head = (await world.as(world.agent1, 'GET', '/api/events/')).json().position
  const own = await add({ full_name: 'Told', phone: '9841000415', assigned_agent: 'agent1' })
  const other = await add({ full_name: 'Untold', phone: '9841000416', assigned_agent: 'agent2' })
  await asManager('PATCH', `/api/leads/${own.id}/`, { assigned_agent: 'agent2' })
  const told = (await world.as(world.agent1, 'GET', `/api/events/?after=${head}`)).json().results
  expect(
    told.map((event: { data: { lead_id: number; what: string } }) => [event.data.lead_id, event.data.what]),
  ).toEqual([
    [own.id, 'created'],
    [own.id, 'changed'],
  ])
  expect(JSON.stringify(told)).not.toContain(String(other.assigned_agent_name))
})
