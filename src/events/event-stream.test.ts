import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { openStream, type StreamClient } from '../../test/stream-client.ts'
import { connect, transaction } from '../db/sql.ts'
import { closeBatch } from './event-log.ts'

let world: HttpWorld
let origin: string
const open: StreamClient[] = []

beforeAll(async () => {
  world = await createHttpWorld()
  origin = await world.app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  for (const client of open) client.close()
  await world.close()
})

async function stream(email: string, lastId: number | null = null): Promise<StreamClient> {
  const client = await openStream(origin, await world.tokenOf(email), lastId)
  open.push(client)
  await expect.poll(() => client.blocks.length, { timeout: 5_000 }).toBeGreaterThan(0)
  return client
}

type Told = { workspaceId?: number; visibleTo?: string | null; data?: unknown }

async function tell(count: number, told: Told = {}): Promise<void> {
  const { workspaceId = world.workspaceId, visibleTo = null, data = {} } = told
  const events = Array.from({ length: count }, () => ({ kind: 'call', visibleTo, data }))
  await transaction(world.database.sql, (tx) =>
    closeBatch(tx, { now: world.clock.now(), workspaces: [{ workspaceId, totals: [], events }] }),
  )
}

const ids = (client: StreamClient) => client.events().map((block) => block.id)

test('a reader that comes and goes while batches commit misses nothing and is told nothing twice', async () => {
  const first = await stream('admin@first.test')
  const start = first.lastId()
  const writer = connect(world.database.url, { max: 4 })
  const total = 400
  const writing = Promise.all(
    Array.from({ length: total / 2 }, () =>
      transaction(writer, (tx) => {
        const events = [1, 2].map((n) => ({ kind: 'call', visibleTo: null, data: { n } }))
        const workspaces = [{ workspaceId: world.workspaceId, totals: [], events }]
        return closeBatch(tx, { now: world.clock.now(), workspaces })
      }),
    ),
  )
  const seen: (number | null)[] = []
  let lastId = start
  while (lastId < start + total) {
    const client = await stream('manager@first.test', lastId)
    await expect.poll(() => client.lastId(), { timeout: 5_000 }).toBeGreaterThan(lastId)
    client.close()
    seen.push(...ids(client))
    lastId = client.lastId()
  }
  await writing
  await writer.end()
  const expected = Array.from({ length: total }, (_, index) => start + index + 1)
  expect(seen).toEqual(expected)
  await expect.poll(() => first.events().length, { timeout: 5_000 }).toBe(total)
  expect(ids(first)).toEqual(expected)
  first.close()
})

test('an agent is told only what names the agent, and another workspace nothing at all', async () => {
  const agent = await stream('agent@first.test')
  const manager = await stream('manager@first.test')
  const stranger = await stream('admin@second.test')
  await tell(1, { data: { for: 'board' } })
  await tell(1, { visibleTo: world.people.hero.id, data: { for: 'hero' } })
  await tell(1, { visibleTo: world.people.agent.id, data: { for: 'agent' } })
  await expect.poll(() => manager.events().length).toBe(3)
  await expect.poll(() => agent.events().length).toBe(1)
  expect(agent.events()[0]?.data).toMatchObject({ for: 'agent' })
  expect(stranger.events()).toEqual([])
  for (const client of [agent, manager, stranger]) client.close()
})

test('an id that is older than what is kept gets a reset event with the newest position', async () => {
  const before = await stream('admin@first.test')
  const lastId = before.lastId()
  before.close()
  await tell(3)
  await world.database.sql`
    delete from events where workspace_id = ${world.workspaceId} and position = ${lastId + 1}`
  const client = await stream('admin@first.test', lastId)
  expect(client.blocks[0]).toMatchObject({ event: 'reset', id: lastId + 3 })
  await tell(1)
  await expect.poll(() => ids(client)).toEqual([lastId + 4])
  client.close()
})

test('a stream is closed within 5 seconds of signing out', async () => {
  const token = await world.tokenOf('caller@first.test')
  const client = await openStream(origin, token)
  open.push(client)
  await expect.poll(() => client.blocks.length).toBeGreaterThan(0)
  const headers = { authorization: `Bearer ${token}` }
  await world.app.inject({ method: 'POST', url: '/api/accounts/logout/', headers })
  await expect.poll(() => client.closed, { timeout: 5_000 }).toBe(true)
})

test('a reader that stops reading is closed, and the others are told everything', async () => {
  const slow = await stream('admin@first.test')
  const fast = await stream('manager@first.test')
  slow.pause()
  const had = fast.events().length
  const note = 'x'.repeat(20_000)
  for (let batch = 0; batch < 20; batch += 1) await tell(50, { data: { note } })
  await expect.poll(() => fast.events().length - had, { timeout: 15_000 }).toBe(1_000)
  // A paused socket does not notice its end before it reads on.
  slow.resume()
  await expect.poll(() => slow.closed, { timeout: 5_000 }).toBe(true)
  expect(slow.events().length).toBeLessThan(1_000)
  fast.close()
})

test('a token in the address opens nothing', async () => {
  const token = await world.tokenOf('admin@first.test')
  const answer = await world.app.inject({ method: 'GET', url: `/api/events/stream?token=${token}` })
  expect(answer.statusCode).toBe(401)
})

test('the same events can be read without a stream', async () => {
  const { people, as } = world
  const start = (await as(people.admin, 'GET', '/api/events/')).json().position
  await tell(3, { data: { n: 1 } })
  const page = (await as(people.admin, 'GET', `/api/events/?after=${start}&limit=2`)).json()
  expect(page).toMatchObject({ position: start + 2, reset: false })
  const rest = (await as(people.admin, 'GET', `/api/events/?after=${page.position}`)).json()
  expect(rest.results).toMatchObject([{ id: start + 3, kind: 'call', data: { n: 1 } }])
  expect((await as(people.admin, 'GET', '/api/events/?after=999999')).json().reset).toBe(true)
})
