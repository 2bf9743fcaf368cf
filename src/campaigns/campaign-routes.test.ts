import { beforeAll, expect, test } from 'vitest'
import { useCampaignServer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

const sample = {
  name: 'sample individual campaign',
  services: 'PHONE',
  individual_number: [9876543210, 98675432123],
  description: 'This campaign is to notify users that an IPO has been opened',
}

async function create(more: Record<string, unknown> = {}, holder = token): Promise<number> {
  const answer = await server.send(holder, 'POST', '/api/system/campaigns/', { ...sample, ...more })
  expect(answer.status).toBe(201)
  return answer.body.data.details.id
}

test.each(['/api/system/campaigns', '/api/system/campaigns/'])(
  'the sample of the documents makes a campaign at %s',
  async (url) => {
    const answer = await server.send(token, 'POST', url, sample)
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      status: 201,
      success: true,
      message: 'Campaign Created Successfully',
      errors: [],
      data: {
        details: {
          name: 'sample individual campaign',
          user_phone: [],
          services: 'PHONE',
          description: sample.description,
          usable_tags: [],
          status: 'Not Started',
          number_count: 2,
          accepted: 2,
          rejected: [],
        },
      },
    })
  },
)

test('forms and multipart bodies make the same campaign', async () => {
  const fields: [string, string][] = [
    ['name', 'form'],
    ['services', 'phone'],
    ['individual_number', '9876543210'],
    ['individual_number', '98675432123'],
  ]
  const asText: [string, string][] = [
    ['name', 'text'],
    ['services', 'Phone'],
    ['individual_number', '[9876543210, "98675432123"]'],
  ]
  for (const given of [fields, asText]) {
    const form = await server.sendForm(token, '/api/system/campaigns', given)
    const parts = await server.sendParts(
      token,
      '/api/system/campaigns/',
      given.map(([name, value]) => ({ name, value })),
    )
    for (const answer of [form, parts]) {
      expect(answer.status).toBe(201)
      expect(answer.body.data.details).toMatchObject({ services: 'PHONE', accepted: 2, number_count: 2 })
    }
  }
})

test('the list has the shape of the documents, newest first', async () => {
  const own = await server.addWorkspace()
  for (const name of ['one', 'two', 'three']) await create({ name }, own.token)
  const answer = await server.send(own.token, 'GET', '/api/system/campaigns')
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({
    pagination: {
      total_items: 3,
      total_pages: 1,
      page_number: 1,
      has_next: false,
      has_previous: false,
      links: [],
    },
    result: { messages: 'Campaign Successfully Retrieved' },
  })
  const lists = answer.body.result['campaign-lists']
  expect(lists.map((one: { name: string }) => one.name)).toEqual(['three', 'two', 'one'])
  expect(lists[0]).toMatchObject({
    user_phone: [],
    services: 'PHONE',
    usable_tags: [],
    status: 'Not Started',
    number_count: 2,
  })
  const second = await server.send(own.token, 'GET', '/api/system/campaigns/?page=2&page_size=2')
  expect(second.body.pagination).toMatchObject({ total_pages: 2, page_number: 2, has_previous: true })
  expect(second.body.pagination.links).toHaveLength(2)
  expect((await server.send(own.token, 'GET', '/api/system/campaigns/?page=3&page_size=2')).status).toBe(404)
})

test('a number that cannot be called is kept with its reason and reported', async () => {
  const answer = await server.send(token, 'POST', '/api/system/campaigns/', {
    ...sample,
    individual_number: ['9843812344', '98 43 81 23 44', 'n/a', 911],
  })
  expect(answer.body.data.details).toMatchObject({
    accepted: 1,
    duplicates: 1,
    number_count: 3,
    rejected_count: 2,
  })
  expect(answer.body.data.details.rejected).toMatchObject([
    { row: 3, number: 'n/a', reason: 'not_a_number' },
    { row: 4, number: '911', reason: 'short_code' },
  ])
})

test('what is missing or wrong is named', async () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ name: 'x', services: 'PHONE' }, 'individual_number'],
    [{ services: 'PHONE', individual_number: [1] }, 'name'],
    [{ ...sample, services: 'FAX' }, 'services'],
    [{ ...sample, name: '   ' }, 'name'],
    [{ ...sample, user_phone: ['+12125550199'] }, 'user_phone'],
    [{ name: 'x', services: 'SMS', send_to_number_file: 'numbers.csv' }, 'send_to_number_file'],
  ]
  for (const [body, param] of cases) {
    const answer = await server.send(token, 'POST', '/api/system/campaigns/', body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ success: false, param, data: {} })
  }
})

test('update changes what is given and keeps the rest', async () => {
  const id = await create()
  const changes = { name: 'new campaign name', services: 'SMS', description: 'Election campaign for 2023' }
  for (const url of [`/api/system/campaigns/${id}/update`, `/api/system/campaigns/${id}/update/`]) {
    const answer = await server.send(token, 'PUT', url, changes)
    expect(answer.body).toMatchObject({
      status: 200,
      message: 'Campaign details successfully updated.',
      data: { details: { id, ...changes } },
    })
  }
  const phones = await server.send(token, 'PUT', `/api/system/campaigns/${id}/update/`, {
    user_phone: ['+1 212 555 0100'],
  })
  expect(phones.body.data.details).toMatchObject({ user_phone: ['+12125550100'], name: 'new campaign name' })
})

test('details tell the progress by status and never delete', async () => {
  const id = await create()
  const answer = await server.send(token, 'GET', `/api/system/campaigns/${id}/details`)
  expect(answer.body.data).toMatchObject({
    messages: 'Campaign Successfully Retrieved',
    details: {
      id,
      status: 'Not Started',
      number_count: 2,
      progress: { 'not started': 2, queued: 0, completed: 0 },
    },
  })
  const slip = await server.send(token, 'DELETE', `/api/system/campaigns/${id}/details/`)
  expect(slip.status).toBe(405)
  expect(slip.headers['allow']).toContain('GET')
  expect((await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)).status).toBe(200)
})

test('a deleted campaign is gone from every answer, and its run is stopped', async () => {
  const id = await create()
  await server.send(token, 'POST', `/api/system/campaigns/${id}/begin/`, { message: 'hi' })
  const answer = await server.send(token, 'DELETE', `/api/system/campaigns/${id}/delete`)
  expect(answer.status).toBe(200)
  expect(answer.body.data).toEqual({ camaign: 'Campaign Deleted Succesfully' })
  for (const path of [`campaigns/${id}/details/`, `campaigns/number/${id}`]) {
    expect((await server.send(token, 'GET', `/api/system/${path}`)).status).toBe(404)
  }
  expect((await server.send(token, 'DELETE', `/api/system/campaigns/${id}/delete/`)).status).toBe(404)
  const [run] =
    await server.sql`select state, swept from runs where campaign_id = ${id} and workspace_id = ${workspaceId}`
  expect(run).toEqual({ state: 'stopped', swept: true })
  const statuses = await server.sql`
    select distinct status from campaign_numbers where workspace_id = ${workspaceId} and campaign_id = ${id}`
  expect([...statuses]).toEqual([{ status: 'terminated' }])
})

test('a repeated create with the same key makes one campaign', async () => {
  const own = await server.addWorkspace()
  const headers = {
    authorization: `Bearer ${own.token}`,
    'content-type': 'application/json',
    'idempotency-key': 'once',
  }
  const request = {
    method: 'POST' as const,
    url: '/api/system/campaigns/',
    headers,
    payload: JSON.stringify(sample),
  }
  const first = await server.app.inject(request)
  const second = await server.app.inject(request)
  expect(second.headers['idempotent-replayed']).toBe('true')
  expect(second.json().data.details.id).toBe(first.json().data.details.id)
  expect((await server.send(own.token, 'GET', '/api/system/campaigns/')).body.pagination.total_items).toBe(1)
})

test('another workspace sees a campaign and its numbers as if they did not exist', async () => {
  const id = await create()
  const list = await server.send(token, 'GET', `/api/system/campaigns/number/${id}`)
  const number = list.body.data['number-lists'][0].id
  const other = await server.addWorkspace()
  const requests: [string, string, unknown?][] = [
    ['GET', `campaigns/${id}/details/`],
    ['PUT', `campaigns/${id}/update/`, { name: 'mine' }],
    ['DELETE', `campaigns/${id}/delete/`],
    ['POST', `campaigns/${id}/begin/`, { message: 'hi' }],
    ['POST', `campaigns/${id}/pause/`],
    ['POST', `campaigns/${id}/stop/`],
    ['GET', `campaigns/number/${id}`],
    ['POST', `campaigns/number/${id}`, { number: 9843812344 }],
    ['DELETE', `campaigns/number/${number}/delete/`],
    ['GET', `number/${number}/`],
    ['POST', `number/${number}/`, { number: 9843812344 }],
  ]
  for (const [method, path, payload] of requests) {
    const answer = await server.send(other.token, method as 'GET', `/api/system/${path}`, payload)
    expect({ method, path, status: answer.status }).toEqual({ method, path, status: 404 })
  }
  expect(
    (await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)).body.data.details.number_count,
  ).toBe(2)
})

test('heroes and callers may not see campaigns; agents may look and not touch', async () => {
  const id = await create()
  for (const role of ['hero', 'caller'] as const) {
    const holder = await server.addUser(workspaceId, role)
    expect((await server.send(holder, 'GET', '/api/system/campaigns/')).status).toBe(403)
  }
  const agent = await server.addUser(workspaceId, 'agent')
  expect((await server.send(agent, 'GET', `/api/system/campaigns/${id}/details/`)).status).toBe(200)
  expect(
    (await server.send(agent, 'POST', `/api/system/campaigns/${id}/begin/`, { message: 'x' })).status,
  ).toBe(403)
})
