import { expect, test } from 'vitest'
import { insertCalls, manyCalls } from '../../test/calls.ts'
import type { BoardCall } from './board-call.ts'
import { useCallsServer } from './calls-server.fixture.ts'

const server = useCallsServer()
const start = new Date('2026-11-20T10:00:00Z')
const unknownId = '01900000-0000-7000-8000-000000000000'

function ids(results: readonly BoardCall[]): string[] {
  return results.map((call) => call.call_id)
}

async function totals(workspaceId: number): Promise<Record<string, number>> {
  const rows = await server.sql<{ state: string; count: number }[]>`
    select state, count from totals where workspace_id = ${workspaceId} and subject = 'call' and count > 0`
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}

test('pages of calls hold every call once, newest first, forwards and back', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'manager')
  const all = (
    await insertCalls(server.sql, workspaceId, manyCalls(23, ['completed', 'not_placed', 'queued'], start))
  ).reverse()
  let answer = await server.get(token, '/api/calls/?page_size=7')
  expect(answer.body).toMatchObject({ count: null, previous: null })
  const pages: string[][] = [ids(answer.body.results)]
  while (answer.body.next !== null) {
    answer = await server.get(token, answer.body.next)
    pages.push(ids(answer.body.results))
  }
  expect(pages.flat()).toEqual(all)
  const back: string[][] = [pages.at(-1) ?? []]
  while (answer.body.previous !== null) {
    answer = await server.get(token, answer.body.previous)
    back.unshift(ids(answer.body.results))
  }
  expect(back).toEqual(pages)
  const waiting = await server.get(token, '/api/calls/?status=pending&page_size=100')
  expect(waiting.body.results).toHaveLength(7)
  expect(waiting.body.next).toBeNull()
  expect((await server.get(token, '/api/calls/?status=lost')).body).toMatchObject({
    code: 'invalid_field',
    param: 'status',
  })
})

test('a call that does not exist, one of another workspace, one of another agent and no id at all are answered alike', async () => {
  const workspaceId = await server.addWorkspace()
  const ann = await server.addAgent(workspaceId, 'Ann')
  const bob = await server.addAgent(workspaceId, 'Bob')
  const [call] = await insertCalls(server.sql, workspaceId, [
    { state: 'completed', createdAt: start, agentId: ann },
  ])
  const own = await server.get(server.token(workspaceId, 'agent', ann), `/api/calls/${call}/`)
  expect(own).toMatchObject({ status: 200, body: { call_id: call, agent: { id: ann, name: 'Ann' } } })
  const asked: [string, string][] = [
    [server.token(workspaceId, 'admin'), unknownId],
    [server.token(workspaceId, 'admin'), 'none'],
    [server.token(server.otherWorkspaceId, 'admin'), String(call)],
    [server.token(workspaceId, 'agent', bob), String(call)],
    [server.token(workspaceId, 'agent'), String(call)],
  ]
  for (const [token, id] of asked) {
    expect(await server.get(token, `/api/calls/${id}/`)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    const hangUp = await server.send(token, 'POST', `/api/calls/${id}/hangup/`)
    expect(hangUp).toMatchObject({ status: 404, body: { code: 'not_found' } })
  }
})

test('a waiting call is canceled at once, an open one is asked to end, and one that is over is a conflict', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'manager')
  const [queued, talking, over] = await insertCalls(server.sql, workspaceId, [
    { state: 'queued', createdAt: start },
    { state: 'in_progress', createdAt: start },
    { state: 'completed', createdAt: start },
  ])
  const hangUp = (id = '') => server.send(token, 'POST', `/api/calls/${id}/hangup`)
  expect(await hangUp(queued)).toMatchObject({
    status: 200,
    body: { state: 'canceled', reason: 'ended_by_person', history: [{ kind: 'hang_up', source: 'person' }] },
  })
  for (const time of ['first', 'second']) {
    const answer = await hangUp(talking)
    expect({ time, ...answer }).toMatchObject({ time, status: 200, body: { state: 'in_progress' } })
  }
  const [row] = await server.sql`select hang_up from calls where id = ${talking ?? ''}`
  expect(row).toEqual({ hang_up: true })
  for (const id of [queued, over])
    expect(await hangUp(id)).toMatchObject({ status: 409, body: { code: 'call_is_over' } })
  expect(await totals(workspaceId)).toEqual({ canceled: 1, in_progress: 1, completed: 1 })
})

test('the mode says which carrier and whose time, and why nobody is dialed', async () => {
  const workspaceId = await server.addWorkspace({ timeZone: 'Asia/Kathmandu' })
  const mode = () => server.get(server.token(workspaceId, 'caller'), '/api/mode')
  expect((await mode()).body).toMatchObject({
    carrier: 'simulated',
    carrier_name: 'simulated',
    workspace: 'Test',
    time_zone: 'Asia/Kathmandu',
    dialing: { blocked_reason: null },
  })
  await server.sql`
    update carrier_accounts set blocked_reason = 'carrier_busy', blocked_until = clock_timestamp() + interval '1 minute'
     where id = ${server.deps.carrierAccountId}`
  expect((await mode()).body.dialing).toEqual({ blocked_reason: 'carrier_busy' })
})
