import { beforeAll, expect, test } from 'vitest'
import { useCampaignServer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0
const url = '/api/do-not-call/'

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

test('a number is on the list before the answer returns, however it was written, and once', async () => {
  const first = await server.send(token, 'POST', url, { number: '9843 812-344', reason: 'asked by phone' })
  expect(first).toMatchObject({ status: 201, body: { number: '+9779843812344', reason: 'asked by phone' } })
  const rows = await server.sql`select number, reason from do_not_call where workspace_id = ${workspaceId}`
  expect([...rows]).toEqual([{ number: '+9779843812344', reason: 'asked by phone' }])
  const again = await server.send(token, 'POST', '/api/do-not-call', { number: 9843812344 })
  expect(again).toMatchObject({ status: 200, body: { number: '+9779843812344', reason: 'asked by phone' } })
  const form = await server.sendForm(token, url, [['number', '+12125550101']])
  expect(form.status).toBe(201)
  const list = await server.send(token, 'GET', url)
  expect(list.body).toMatchObject({ count: 2, next: null, previous: null })
  const one = await server.send(token, 'GET', `${url}?number=9843812344`)
  expect(one.body.results).toHaveLength(1)
})

test('a number leaves the list by body or query, and twice is no error', async () => {
  await server.send(token, 'POST', url, { number: '9851023212' })
  const byBody = await server.send(token, 'DELETE', url, { number: '+977 9851023212' })
  expect(byBody).toMatchObject({ status: 200, body: { number: '+9779851023212', removed: true } })
  const byQuery = await server.send(token, 'DELETE', `${url}?number=9851023212`)
  expect(byQuery).toMatchObject({ status: 200, body: { removed: false } })
  expect((await server.send(token, 'DELETE', url)).body).toMatchObject({ status: 400, param: 'number' })
})

test('an unreadable number is refused', async () => {
  for (const number of ['n/a', '911', '']) {
    expect((await server.send(token, 'POST', url, { number })).status).toBe(400)
  }
})

test('the list belongs to the workspace, and agents may not see it', async () => {
  const other = await server.addWorkspace()
  expect((await server.send(other.token, 'GET', url)).body.count).toBe(0)
  const agent = await server.addUser(workspaceId, 'agent')
  expect((await server.send(agent, 'GET', url)).status).toBe(403)
  const manager = await server.addUser(workspaceId, 'manager')
  expect((await server.send(manager, 'GET', url)).status).toBe(200)
})

test('whoever dials is told of an opt-out at once, and of many at once that there were some', async () => {
  const other = await server.addWorkspace()
  const { sql } = server
  const told: string[] = []
  const { unlisten } = await sql.listen('trunkline_do_not_call', (person) => told.push(person))
  await server.send(other.token, 'POST', '/api/do-not-call/', { number: '+9779843812399' })
  await server.send(other.token, 'POST', '/api/do-not-call/', { number: '+9779843812399' })
  await sql`
    insert into do_not_call (workspace_id, number, created_at)
    select ${other.workspaceId}, '+97798430' || n, ${server.clock.now()} from generate_series(10000, 10200) n`
  await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
  await unlisten()
  expect(told).toEqual([`${other.workspaceId} +9779843812399`, ''])
})
