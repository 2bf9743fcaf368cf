import { expect, test } from 'vitest'
import { insertCalls, manyCalls, type TestCall } from '../../test/calls.ts'
import { toBoardCall, type BoardCall } from './board-call.ts'
import { lockCalls } from './call-store.ts'
import { callStates } from './call.ts'
import { useCallsServer } from './calls-server.fixture.ts'

const server = useCallsServer()
const board = '/api/hume-twilio/dashboard/outbound/scheduled/'
const start = new Date('2026-11-20T10:00:00.250Z')

/** A workspace of its own with these calls. */
async function boardOf(calls: readonly TestCall[]) {
  const workspaceId = await server.addWorkspace()
  const ids = await insertCalls(server.sql, workspaceId, calls)
  return { workspaceId, ids, token: server.token(workspaceId, 'manager') }
}

function idsIn(calls: readonly BoardCall[]): string[] {
  return calls.map((call) => call.call_id)
}

test('the board of a workspace without calls has four empty buckets', async () => {
  const { token } = await boardOf([])
  const { status, body, headers } = await server.get(token, board)
  expect(status).toBe(200)
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(body).toEqual({
    success: true,
    calls: { pending: [], active: [], completed: [], failed: [] },
    summary: { total_pending: 0, total_active: 0, total_completed: 0, total_failed: 0 },
  })
})

test('every state is in its bucket under its word on the wire, newest first, and a call nobody was dialed by is not there', async () => {
  const calls = callStates.map((state, index) => ({
    state,
    createdAt: new Date(start.getTime() + index * 1_000),
  }))
  const { token } = await boardOf(calls)
  const { body } = await server.get(token, board)
  const words = Object.fromEntries(
    Object.entries(body.calls).map(([bucket, own]) => [
      bucket,
      (own as BoardCall[]).map((call) => `${call.state} ${call.status}`),
    ]),
  )
  expect(words).toEqual({
    pending: ['initiated initiated', 'unknown initiated', 'placing initiated', 'queued initiated'],
    active: ['in_progress in_progress', 'ringing ringing'],
    completed: ['completed completed'],
    failed: ['held failed', 'canceled canceled', 'failed failed', 'no_answer no_answer', 'busy busy'],
  })
  expect(body.summary).toEqual({ total_pending: 4, total_active: 2, total_completed: 1, total_failed: 5 })
})

test('a line of the board is what an event says of the same call, to the letter', async () => {
  const workspaceId = await server.addWorkspace()
  const agentName = 'Ann "the\\ voice"\n\u0001 राम'
  const agentId = await server.addAgent(workspaceId, agentName)
  const calls: TestCall[] = [
    {
      state: 'completed',
      createdAt: start,
      customerName: 'O\'Brien "Bob" \\ \u2028 राम 😀',
      agentId,
      duration: 61,
    },
    { state: 'queued', createdAt: start },
  ]
  const ids = await insertCalls(server.sql, workspaceId, calls)
  const rows = await server.sql.begin((tx) =>
    lockCalls(
      tx,
      ids.map((callId) => ({ workspaceId, callId })),
    ),
  )
  const { body } = await server.get(server.token(workspaceId, 'admin'), board)
  const wanted = rows.map((call) => toBoardCall(call, agentName))
  const order = (call: BoardCall) => ids.indexOf(call.call_id)
  const shown: BoardCall[] = [...body.calls.pending, ...body.calls.completed]
  expect(JSON.stringify(shown.sort((a, b) => order(a) - order(b)))).toBe(
    JSON.stringify(wanted.sort((a, b) => order(a) - order(b))),
  )
  expect(body.calls.completed[0]).toMatchObject({
    created_at: '2026-11-20T10:00:00Z',
    started_at: '2026-11-20T10:00:05Z',
    duration: 61,
    agent: { id: agentId, name: agentName },
  })
  expect(body.calls.pending[0]).toMatchObject({
    call_sid: null,
    customer_name: null,
    started_at: null,
    agent: { id: null, name: 'No Agent' },
  })
})

test('a call that talks has talked since it was answered', async () => {
  const answered = new Date(server.clock.now().getTime() - 120_000)
  const { token } = await boardOf([{ state: 'in_progress', createdAt: new Date(answered.getTime() - 5_000) }])
  const { body } = await server.get(token, board)
  expect(body.calls.active[0].duration).toBeGreaterThanOrEqual(120)
  expect(body.calls.active[0].duration).toBeLessThan(150)
})

test('a status filters to one bucket, and the summary counts what was filtered', async () => {
  const { token } = await boardOf([
    { state: 'queued', createdAt: start },
    { state: 'ringing', createdAt: start },
    { state: 'completed', createdAt: start },
    { state: 'busy', createdAt: start },
  ])
  for (const [word, bucket] of [
    ['pending', 'pending'],
    ['in_progress', 'active'],
    ['Active', 'active'],
    ['failed', 'failed'],
  ]) {
    for (const more of ['', '&limit=5']) {
      const { body } = await server.get(token, `${board}?status=${word}${more}`)
      const counts = Object.entries<BoardCall[]>(body.calls).map(([name, own]) => [name, own.length])
      expect(counts.filter(([, count]) => count === 1)).toEqual([[bucket, 1]])
      expect(Object.values<number>(body.summary).reduce((sum, count) => sum + count)).toBe(1)
      expect(body.summary[`total_${bucket}`]).toBe(1)
      expect(body.ignored).toBeUndefined()
    }
  }
  const { body } = await server.get(token, `${board}?status=initiated`)
  expect(body).toMatchObject({ ignored: ['status'], summary: { total_pending: 1, total_active: 1 } })
})

test('pages of a bucket hold every call once, and the summary counts all of them whatever the limit', async () => {
  const { token, ids } = await boardOf(manyCalls(25, ['completed', 'busy', 'queued'], start))
  const first = await server.get(token, `${board}?limit=4`)
  expect(first.body.summary).toEqual({
    total_pending: 8,
    total_active: 0,
    total_completed: 9,
    total_failed: 8,
  })
  expect(first.body.pagination.active).toEqual({ next: null })
  const seen: string[] = []
  for (const bucket of ['pending', 'completed', 'failed']) {
    let answer = first
    for (let page = 0; page < 10; page += 1) {
      seen.push(...idsIn(answer.body.calls[bucket]))
      const { next } = answer.body.pagination[bucket]
      if (next === null) break
      answer = await server.get(token, next)
      expect(answer.body.summary[`total_${bucket}`]).toBe(first.body.summary[`total_${bucket}`])
    }
  }
  expect(seen).toHaveLength(25)
  expect([...seen].sort()).toEqual([...ids].sort())
  expect(idsIn(first.body.calls.completed)).toEqual([ids[24], ids[21], ids[18], ids[15]])
})

test('a cursor of another filter, a made-up one, and one without its bucket are refused', async () => {
  const { token } = await boardOf(manyCalls(3, ['completed'], start))
  const { body } = await server.get(token, `${board}?limit=1`)
  const next = new URL(body.pagination.completed.next)
  expect((await server.get(token, `${next.href}&q=1`)).body.code).toBe('invalid_cursor')
  expect((await server.get(token, `${board}?status=completed&cursor=abc.def`)).body.code).toBe(
    'invalid_cursor',
  )
  next.searchParams.delete('status')
  expect(await server.get(token, next.href)).toMatchObject({
    status: 400,
    body: { code: 'missing_field', param: 'status' },
  })
})

test('campaign, agent, time, number and name narrow the board, with and without a limit', async () => {
  const workspaceId = await server.addWorkspace()
  const agentId = await server.addAgent(workspaceId, 'Ann')
  const [campaign] = await server.sql<{ id: number }[]>`
    insert into campaigns (workspace_id, name, service, created_at, updated_at)
    values (${workspaceId}, 'C', 'PHONE', ${start}, ${start}) returning id`
  const at = (minute: number) => new Date(start.getTime() + minute * 60_000)
  const [ofCampaign, ofAgent, named] = await insertCalls(server.sql, workspaceId, [
    { state: 'completed', createdAt: at(0), campaignId: campaign?.id ?? 0, to: '+12125550001' },
    { state: 'busy', createdAt: at(1), agentId, to: '+12125550002' },
    { state: 'queued', createdAt: at(2), customerName: 'Sita 100% _Devi', to: '+9779841000003' },
  ])
  const token = server.token(workspaceId, 'manager')
  const asked: [string, (string | undefined)[]][] = [
    [`campaign=${campaign?.id}`, [ofCampaign]],
    [`agent=${agentId}`, [ofAgent]],
    ['from=2026-11-20T10:01:00Z', [named, ofAgent]],
    ['to=2026-11-20T10:01:00', [ofCampaign]],
    ['from=2026-11-20T15:46:00+05:45&to=2026-11-20T10:02:00Z', [ofAgent]],
    ['from=2026-11-20', [named, ofCampaign, ofAgent]],
    ['q=sita%20100%25', [named]],
    ['q=_', [named]],
    ['q=977-984', [named]],
    ['q=%2B1%20(212)', [ofCampaign, ofAgent]],
    ['q=nobody', []],
    ['campaign=999999', []],
  ]
  for (const [query, wanted] of asked) {
    for (const more of ['', '&limit=10']) {
      const { body } = await server.get(token, `${board}?${query}${more}`)
      const lanes = Object.values<BoardCall[]>(body.calls)
      expect({ query, ids: lanes.flatMap(idsIn) }).toEqual({ query, ids: wanted })
      expect(Object.values(body.summary)).toEqual(lanes.map((lane) => lane.length))
    }
  }
  expect((await server.get(token, `${board}?from=yesterday`)).body).toMatchObject({
    code: 'invalid_field',
    param: 'from',
  })
})

test('an agent sees the own calls only, nobody sees another workspace, and a hero sees no board', async () => {
  const workspaceId = await server.addWorkspace()
  const ann = await server.addAgent(workspaceId, 'Ann')
  const bob = await server.addAgent(workspaceId, 'Bob')
  const [own] = await insertCalls(server.sql, workspaceId, [
    { state: 'completed', createdAt: start, agentId: ann },
    { state: 'completed', createdAt: start, agentId: bob },
    { state: 'completed', createdAt: start },
  ])
  const asAnn = server.token(workspaceId, 'agent', ann)
  for (const query of ['', '?limit=5', `?agent=${ann}`]) {
    const { body } = await server.get(asAnn, `${board}${query}`)
    expect(idsIn(body.calls.completed)).toEqual([own])
    expect(body.summary.total_completed).toBe(1)
  }
  for (const token of [asAnn, server.token(workspaceId, 'agent')]) {
    expect((await server.get(token, `${board}?agent=${bob}`)).body.summary.total_completed).toBe(0)
  }
  expect(
    (await server.get(server.token(server.otherWorkspaceId, 'admin'), board)).body.calls.completed,
  ).toEqual([])
  expect((await server.get(server.token(workspaceId, 'hero'), board)).status).toBe(403)
})
