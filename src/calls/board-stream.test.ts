import { request as httpRequest, type IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { insertCalls, manyCalls, type TestCall } from '../../test/calls.ts'
import { until } from '../../test/embedded-folder.ts'
import type { BoardCall } from './board-call.ts'
import { useCallsServer } from './calls-server.fixture.ts'

const server = useCallsServer()
const board = '/api/hume-twilio/dashboard/outbound/scheduled/'
const start = new Date('2026-11-20T10:00:00.250Z')

/** Who may see the board of a workspace of its own with these calls. */
async function boardOf(calls: readonly TestCall[]) {
  const workspaceId = await server.addWorkspace()
  await insertCalls(server.sql, workspaceId, calls)
  return { workspaceId, token: server.token(workspaceId, 'manager') }
}

/** Opens the board on a real connection and reads nothing of it yet. */
function open(token: string): Promise<{ answer: IncomingMessage; leave(): void }> {
  return new Promise((opened, failed) => {
    const request = httpRequest(`${server.origin}${board}`, { headers: { authorization: `Bearer ${token}` } })
    request.on('response', (answer) => opened({ answer, leave: () => request.destroy() }))
    request.on('error', failed)
    request.end()
  })
}

async function boardStatements(): Promise<{ state: string; wait: string | null; query: string }[]> {
  return server.sql`
    select state, wait_event as wait, query from pg_stat_activity
     where application_name = 'board' and datname = current_database() and state <> 'idle'`
}

test('a reader that stops reading makes the database wait, and leaving frees the connection at once', async () => {
  const { token } = await boardOf(manyCalls(40_000, ['completed', 'failed'], start))
  const { answer, leave } = await open(token)
  await until(async () => {
    const [statement] = await boardStatements()
    return statement?.wait === 'ClientRead' && answer.readableLength > 0
  })
  leave()
  const left = performance.now()
  await server.boardSql`select 1`
  expect(performance.now() - left).toBeLessThan(1_000)
  expect(await boardStatements()).toEqual([])
}, 60_000)

test('what a slow reader gets is one moment of the board, though calls move meanwhile', async () => {
  const { token, workspaceId } = await boardOf(manyCalls(12_000, ['completed', 'failed'], start))
  const { answer } = await open(token)
  await server.sql`update calls set state = 'failed' where workspace_id = ${workspaceId} and state = 'completed'`
  let text = ''
  for await (const part of answer.setEncoding('utf8')) text += part
  const { calls, summary } = JSON.parse(text)
  const shown: BoardCall[] = [...calls.completed, ...calls.failed]
  expect(summary).toMatchObject({ total_completed: 6_000, total_failed: 6_000 })
  expect(new Set(shown.map((call) => call.call_id)).size).toBe(12_000)
}, 60_000)

test('leaving while the database is still computing cancels the statement', async () => {
  const { token } = await boardOf([{ state: 'completed', createdAt: start }])
  const locker = await server.sql.reserve()
  await locker`begin`
  await locker`lock table calls in access exclusive mode`
  const request = httpRequest(`${server.origin}${board}`, { headers: { authorization: `Bearer ${token}` } })
  const closed = new Promise((resolve) => request.on('error', resolve))
  request.end()
  await until(async () => (await boardStatements()).some((one) => one.wait === 'relation'))
  request.destroy()
  await closed
  await server.boardSql`select 1`
  expect(await boardStatements()).toEqual([])
  await locker`rollback`
  locker.release()
})

test('a connection that the database closes in the middle ends the answer, never as if it were whole', async () => {
  const { token } = await boardOf(manyCalls(40_000, ['completed'], start))
  const { answer } = await open(token)
  await until(async () => (await boardStatements()).some((one) => one.wait === 'ClientRead'))
  await server.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'board' and datname = current_database()`
  const read = async () => {
    for await (const part of answer) void part
  }
  await expect(read()).rejects.toThrow('aborted')
  await until(async () => {
    const { status, body } = await server.get(token, `${board}?limit=1`)
    return status === 200 && body.summary.total_completed === 40_000
  })
}, 60_000)
