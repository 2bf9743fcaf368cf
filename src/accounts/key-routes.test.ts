import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'

let world: HttpWorld

beforeAll(async () => {
  world = await createHttpWorld()
})
afterAll(() => world.close())

const json = { 'content-type': 'application/json' }

describe('agents', () => {
  test('an agent is a person of the workspace or a voice, never both', async () => {
    const { people, strangers, as } = world
    const voice = await as(people.manager, 'POST', '/api/agents/', { name: 'Rija', voice: 'np_rija' })
    expect(voice.statusCode).toBe(201)
    expect(voice.json()).toMatchObject({ name: 'Rija', voice: 'np_rija', user: null })
    const both = { name: 'x', voice: 'np_rija', user: people.manager.id }
    expect((await as(people.manager, 'POST', '/api/agents/', both)).statusCode).toBe(400)
    const stranger = await as(people.manager, 'POST', '/api/agents/', { name: 'x', user: strangers.agent.id })
    expect(stranger.json()).toMatchObject({ status: 400, code: 'agent_user_unknown' })
    const twice = await as(people.manager, 'POST', '/api/agents/', { name: 'x', user: people.agent.id })
    expect(twice.json().code).toBe('agent_exists')
    const turned = await as(people.manager, 'PATCH', `/api/agents/${voice.json().id}/`, {
      user: people.manager.id,
    })
    expect(turned.json()).toMatchObject({ name: 'Rija', voice: null, user: people.manager.id })
  })
})

describe('API keys', () => {
  test('a key is shown once, works within its scopes, and ends when it is deleted', async () => {
    const made = await world.as(world.people.admin, 'POST', '/api/keys/', {
      name: 'reader',
      scopes: ['read'],
    })
    expect(made.statusCode).toBe(201)
    const { key, id } = made.json()
    expect(key).toMatch(/^tk_[\w-]{43}$/)
    const listed = await world.as(world.people.admin, 'GET', '/api/keys/')
    expect(listed.body).not.toContain(key)
    const headers = { authorization: `Bearer ${key}` }
    const read = await world.app.inject({ method: 'GET', url: '/api/agents/', headers })
    expect(read.statusCode).toBe(200)
    const write = await world.app.inject({
      method: 'POST',
      url: '/api/agents/',
      headers,
      payload: { name: 'x' },
    })
    expect(write.statusCode).toBe(403)
    const people = await world.app.inject({ method: 'GET', url: '/api/users/', headers })
    expect(people.statusCode).toBe(403)
    const used = await world.as(world.people.admin, 'GET', '/api/keys/')
    expect(used.json().results[0].last_used).not.toBeNull()

    expect((await world.as(world.people.admin, 'DELETE', `/api/keys/${id}/`)).statusCode).toBe(204)
    await expect
      .poll(
        async () => (await world.app.inject({ method: 'GET', url: '/api/agents/', headers })).statusCode,
        { timeout: 5_000 },
      )
      .toBe(401)
  })

  test('a repeated request with the same Idempotency-Key is told the same key, which no table holds', async () => {
    const token = await world.tokenOf('admin@first.test')
    const headers = { ...json, authorization: `Bearer ${token}`, 'idempotency-key': 'make-a-key' }
    const make = () =>
      world.app.inject({ method: 'POST', url: '/api/keys/', headers, payload: { name: 'once' } })
    const [first, second] = [await make(), await make()]
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect(second.json()).toEqual(first.json())
    const stored = await world.database.sql`select answer from idempotency_keys`
    expect(JSON.stringify(stored)).not.toContain(first.json().key.slice(8))
  })
})
