import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const asAdmin = (method: string, url: string, body?: unknown) =>
  world.as(world.people.admin, method, url, body)
const statusWith = async (key: string) =>
  (await world.post({ user: 'agent1' }, { headers: { 'x-dialer-api-key': key } })).statusCode

test('a key opens the intake, is shown once, and is in no table', async () => {
  const made = await asAdmin('POST', '/api/dialer-keys/', { name: 'Floor 2' })
  expect(made.statusCode).toBe(201)
  const { id, key } = made.json()
  expect(await statusWith(key)).toBe(201)
  const listed = (await asAdmin('GET', '/api/dialer-keys/')).json().results
  expect(listed.find((one: { id: string }) => one.id === id)).toMatchObject({
    name: 'Floor 2',
    overlap_ends: null,
  })
  expect(JSON.stringify(listed)).not.toContain(key)
  const stored = await world.database
    .sql`select from dialer_key_secrets secret where secret::text like ${`%${key}%`}`
  expect(stored).toHaveLength(0)
})

test('rotations at once each give a secret of their own', async () => {
  const { id } = (await asAdmin('POST', '/api/dialer-keys/', { name: 'Hurried' })).json()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => asAdmin('POST', `/api/dialer-keys/${id}/rotate/`, { overlap_hours: 1 })),
  )
  expect(answers.map((answer) => answer.statusCode)).toEqual(Array(8).fill(200))
  const keys = answers.map((answer) => answer.json().key)
  expect(new Set(keys).size).toBe(8)
  for (const key of keys) expect(await statusWith(key)).toBe(201)
})

test('after a rotation the new secret opens, and the old one until the overlap is over', async () => {
  const { id, key } = (await asAdmin('POST', '/api/dialer-keys/', { name: 'Rotated' })).json()
  const second = (await asAdmin('POST', `/api/dialer-keys/${id}/rotate/`, { overlap_hours: 1 })).json()
  expect(second.key).not.toBe(key)
  expect(second.overlap_ends).not.toBeNull()
  expect([await statusWith(key), await statusWith(second.key)]).toEqual([201, 201])
  const third = (await asAdmin('POST', `/api/dialer-keys/${id}/rotate/`, { overlap_hours: 0 })).json()
  expect([await statusWith(key), await statusWith(second.key), await statusWith(third.key)]).toEqual([
    401, 401, 201,
  ])
})

test('a key that was deleted opens nothing, and the configured one is not made again', async () => {
  expect(await statusWith('demo-dialer-key')).toBe(201)
  const listed = (await asAdmin('GET', '/api/dialer-keys/')).json().results
  const configured = listed.find((one: { name: string }) => one.name === 'DIALER_API_KEY')
  expect((await asAdmin('DELETE', `/api/dialer-keys/${configured.id}/`)).statusCode).toBe(204)
  expect(await statusWith('demo-dialer-key')).toBe(401)
  expect((await asAdmin('DELETE', `/api/dialer-keys/${configured.id}/`)).statusCode).toBe(404)
})

test('a key brings leads to its own workspace only', async () => {
  const { key } = (await world.as(world.strangers.admin, 'POST', '/api/dialer-keys/', {})).json()
  expect(await statusWith(key)).toBe(404)
  const answer = await world.post({ user: 'agent@second.test' }, { headers: { 'x-dialer-api-key': key } })
  expect(answer.statusCode).toBe(201)
  const [row] = await world.database.sql<{ workspace_id: number }[]>`
    select workspace_id from leads where id = ${answer.json().lead.id}`
  expect(row?.workspace_id).toBe(world.otherWorkspaceId)
})
