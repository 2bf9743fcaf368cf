import { get } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { useCampaignServer, type Answer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

async function create(csv = 'number,name,age\n9832123432,Sita,25\n9843812344,Ram,30\n'): Promise<number> {
  const answer = await server.sendParts(token, '/api/system/campaigns/', [
    { name: 'name', value: 'Tagged' },
    { name: 'services', value: 'PHONE' },
    { name: 'send_to_number_file', value: csv, filename: 'numbers.csv' },
  ])
  expect(answer.status).toBe(201)
  return answer.body.data.details.id
}

const add = (id: number, body: unknown): Promise<Answer> =>
  server.send(token, 'POST', `/api/system/campaigns/number/${id}`, body)

async function numbersOf(id: number): Promise<{ id: number; number: number; status: string }[]> {
  return (await server.send(token, 'GET', `/api/system/campaigns/number/${id}`)).body.data['number-lists']
}

async function countOf(id: number): Promise<number> {
  return (await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)).body.data.details
    .number_count
}

test('the list has the shape of the documents, newest first', async () => {
  const id = await create()
  for (const url of [`/api/system/campaigns/number/${id}`, `/api/system/campaigns/number/${id}/`]) {
    const answer = await server.send(token, 'GET', url)
    expect(answer.body).toMatchObject({ status: 200, success: true, errors: [] })
    expect(answer.body.data['number-lists']).toMatchObject([
      {
        number: 9843812344,
        campaing: 'Tagged',
        campaign: 'Tagged',
        available_tags: { tags_name: 'Ram', tags_age: '30' },
        status: 'not started',
        duration: 0,
        playback: 0,
        credit_consumed: 0,
        e164: '+9779843812344',
      },
      { number: 9832123432 },
    ])
  }
})

test('pages are chosen by asking for them', async () => {
  const id = await create()
  const answer = await server.send(token, 'GET', `/api/system/campaigns/number/${id}?page=2&page_size=1`)
  expect(answer.body.data).toMatchObject({
    pagination: { total_items: 2, total_pages: 2, page_number: 2, has_next: false, has_previous: true },
    'number-lists': [{ number: 9832123432 }],
  })
})

test('a list of many statuses and several pieces holds every number once, in order', async () => {
  const rows = Array.from({ length: 5_000 }, (_, index) => `98${String(40_000_000 + index)}`)
  const id = await create(`number\n${rows.join('\n')}\n`)
  await server.sql`
    update campaign_numbers set status = (array['not_started','failed','completed'])[1 + id % 3]
     where workspace_id = ${workspaceId} and campaign_id = ${id}`
  const list = await numbersOf(id)
  expect(list.map((one) => String(one.number))).toEqual(rows.toReversed())
})

test('a client that leaves a long list ends the reading of it', async () => {
  const id = await create(
    `number\n${Array.from({ length: 8_000 }, (_, index) => 9840000000 + index).join('\n')}\n`,
  )
  const { port } = new URL(await server.app.listen({ host: '127.0.0.1', port: 0 }))
  for (let visit = 0; visit < 30; visit++) {
    await new Promise<void>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` }
      const options = {
        host: '127.0.0.1',
        port,
        path: `/api/system/campaigns/number/${id}`,
        headers,
      }
      const request = get(options, (answer) => {
        answer.once('data', () => request.destroy())
        answer.once('close', resolve)
        answer.on('error', () => {})
      })
      request.on('error', (error) => (request.destroyed ? resolve() : reject(error)))
    })
  }
  expect(await countOf(id)).toBe(8_000)
})

test('the samples of the documents add numbers', async () => {
  const id = await create()
  const plain = await add(id, { number: 9843812399 })
  expect(plain.status).toBe(201)
  expect(plain.body.data['number-lists']).toMatchObject({
    number: 9843812399,
    available_tags: {},
    status: 'not started',
  })
  const tagged = await add(id, { number: 9832123499, available_tags: { tags_name: 'name', tags_age: 25 } })
  expect(tagged.body.data['number-lists'].available_tags).toEqual({ tags_name: 'name', tags_age: 25 })
  const form = await server.sendForm(token, `/api/system/campaigns/number/${id}/`, [
    ['number', '9832123498'],
    ['available_tags', '{"tags_name": "form"}'],
  ])
  expect(form.body.data['number-lists'].available_tags).toEqual({ tags_name: 'form' })
  const parts = await server.sendParts(token, `/api/system/campaigns/number/${id}`, [
    { name: 'number', value: '9832123497' },
  ])
  expect(parts.status).toBe(201)
  expect(await countOf(id)).toBe(6)
})

test('adding a duplicate gives the existing row and updates its tags', async () => {
  const id = await create()
  const answer = await add(id, { number: '+977 983-2123432', available_tags: { TAGS_AGE: 26 } })
  expect(answer.status).toBe(200)
  expect(answer.body.data['number-lists'].available_tags).toEqual({ tags_name: 'Sita', tags_age: 26 })
  expect(await countOf(id)).toBe(2)
})

test('parallel adds of one number make one row', async () => {
  const id = await create()
  const answers = await Promise.all(Array.from({ length: 20 }, () => add(id, { number: 9843812377 })))
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(19)
  expect(await countOf(id)).toBe(3)
})

test.each([
  [{ number: 'n/a' }, 'invalid_number'],
  [{ number: 112 }, 'invalid_number'],
  [{}, 'missing_field'],
  [{ number: 9843812311, available_tags: { tags_city: 'x' } }, 'unknown_tags'],
  [{ number: 9843812311, available_tags: { tags_name: { first: 'x' } } }, 'invalid_field'],
])('%o is not added: %s', async (body, code) => {
  const id = await create()
  expect((await add(id, body)).body).toMatchObject({ status: 400, code })
  expect(await countOf(id)).toBe(2)
})

test('a number is shown and edited by POST, PUT and PATCH', async () => {
  const id = await create()
  const [number] = await numbersOf(id)
  const url = `/api/system/number/${number?.id}`
  const shown = await server.send(token, 'GET', `${url}/`)
  expect(shown.body.data['number-detail']).toMatchObject({
    id: number?.id,
    number: 9843812344,
    campaing: 'Tagged',
  })

  const tags = await server.send(token, 'PATCH', url, { available_tags: { tags_name: 'New' } })
  expect(tags.body).toMatchObject({
    message: 'Action details successfully updated.',
    data: { 'number-detail': { number: 9843812344, available_tags: { tags_name: 'New' } } },
  })
  const changed = await server.send(token, 'POST', `${url}/`, {
    number: 9832123433,
    available_tags: { tags_name: 'name', tags_age: 25 },
  })
  expect(changed.body.data['number-detail']).toMatchObject({
    number: 9832123433,
    status: 'not started',
    available_tags: { tags_name: 'name', tags_age: 25 },
  })
  const kept = await server.send(token, 'PUT', url, { number: 9832123434 })
  expect(kept.body.data['number-detail'].available_tags).toEqual({ tags_name: 'name', tags_age: 25 })
  const taken = await server.send(token, 'PUT', url, { number: 9832123432 })
  expect(taken.body).toMatchObject({ status: 409, code: 'duplicate_number' })
})

test('a changed number begins anew, an unchanged one keeps its outcome', async () => {
  const id = await create()
  const [number] = await numbersOf(id)
  await server.sql`
    update campaign_numbers set status = 'failed', duration = 9 where workspace_id = ${workspaceId} and id = ${number?.id ?? 0}`
  await server.sql`update totals set count = 1 where workspace_id = ${workspaceId} and campaign_id = ${id} and state = 'not_started'`
  await server.sql`
    insert into totals values (${workspaceId}, ${id}, 'number', 'failed', 1), (${workspaceId}, 0, 'number', 'failed', 1)
    on conflict (workspace_id, subject, campaign_id, state) do update set count = totals.count + 1`
  const url = `/api/system/number/${number?.id}/`
  const same = await server.send(token, 'POST', url, { number: '+977-9843812344' })
  expect(same.body.data['number-detail']).toMatchObject({ status: 'failed', duration: 9 })
  const other = await server.send(token, 'POST', url, { number: 9843812355 })
  expect(other.body.data['number-detail']).toMatchObject({ status: 'not started', duration: 0 })
  const details = await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)
  expect(details.body.data.details.progress).toMatchObject({ 'not started': 2, failed: 0 })
})

test('an invalid number can be mended', async () => {
  const id = await create('number,name\n98438,Sita\n')
  const [number] = await numbersOf(id)
  expect(number?.status).toBe('invalid')
  const mended = await server.send(token, 'POST', `/api/system/number/${number?.id}/`, { number: 9843812344 })
  expect(mended.body.data['number-detail']).toMatchObject({
    status: 'not started',
    reason: null,
    grade: 'valid',
  })
})

test('a number that is being called is neither changed nor deleted', async () => {
  const id = await create()
  const [number] = await numbersOf(id)
  await server.sql`update campaign_numbers set status = 'calling' where workspace_id = ${workspaceId} and id = ${number?.id ?? 0}`
  const edit = await server.send(token, 'POST', `/api/system/number/${number?.id}/`, { number: 9843812300 })
  expect(edit.body).toMatchObject({ status: 409, code: 'number_calling' })
  const gone = await server.send(token, 'DELETE', `/api/system/campaigns/number/${number?.id}/delete/`)
  expect(gone.body).toMatchObject({ status: 409, code: 'number_calling' })
})

test('a deleted number is gone, with the sentence of the documents', async () => {
  const id = await create()
  const [number] = await numbersOf(id)
  const answer = await server.send(token, 'DELETE', `/api/system/campaigns/number/${number?.id}/delete`)
  expect(answer.body.data).toEqual({
    'campaign-details': '9843812344 of campaign Tagged deleted Successfully!!',
  })
  expect((await server.send(token, 'GET', `/api/system/number/${number?.id}/`)).status).toBe(404)
  expect(
    (await server.send(token, 'DELETE', `/api/system/campaigns/number/${number?.id}/delete/`)).status,
  ).toBe(404)
  expect(await countOf(id)).toBe(1)
})
