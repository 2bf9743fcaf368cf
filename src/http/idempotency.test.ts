import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { AppError } from '../errors.ts'
import { idempotent } from './idempotency.ts'

let world: HttpWorld
let effects = 0
const tokens = new Map<string, string>()
let release: (() => void) | null = null

beforeAll(async () => {
  world = await createHttpWorld({}, (app, { sql }) =>
    app.route<{ Body: { fail?: string; wait?: boolean } }>({
      method: 'POST',
      url: '/test/effect/',
      config: { allow: 'signed_in' },
      handler: async (request, reply) =>
        idempotent(request, reply, sql, async (tx) => {
          effects += 1
          const { fail, wait } = request.body
          await tx`insert into rate_limits (key, count, window_ends_at) values (${`effect ${effects}`}, 1, now())`
          if (fail === 'conflict') throw new AppError('conflict', 'not_found', 'No.', { param: 'x' })
          if (fail === 'limit') throw new AppError('too_many', 'too_many_requests', 'Slowly.')
          if (fail === 'bug') throw new Error('a bug')
          if (wait) await new Promise<void>((resolve) => (release = resolve))
          return { status: 201, body: { effect: effects, z: 1, a: 2 } }
        }),
    }),
  )
})
afterAll(() => world.close())

async function send(key: string, payload: object, email = 'admin@first.test') {
  const token = tokens.get(email) ?? (await world.tokenOf(email))
  tokens.set(email, token)
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key }
  return world.app.inject({ method: 'POST', url: '/test/effect', headers, payload })
}

const written = async () =>
  (await world.database.sql`select key from rate_limits where key like 'effect %'`).length

test('the same request has one effect and one answer, to the letter', async () => {
  const first = await send('one', { b: 1, a: [{ y: 1, x: 2 }] })
  const second = await send('one', { a: [{ x: 2, y: 1 }], b: 1 })
  expect([second.statusCode, second.body]).toEqual([201, first.body])
  expect(first.headers).not.toHaveProperty('idempotent-replayed')
  expect(second.headers['idempotent-replayed']).toBe('true')
  expect(effects).toBe(1)
})

test('the same key with another body is 422, and for another person it is another key', async () => {
  expect((await send('one', { b: 2 })).json()).toMatchObject({ status: 422, code: 'idempotency_mismatch' })
  expect((await send('one', { b: 2 }, 'manager@first.test')).statusCode).toBe(201)
})

test('while the first is running the second is told so at once', async () => {
  const first = send('running', { wait: true })
  await expect.poll(() => release !== null).toBe(true)
  const started = performance.now()
  const second = await send('running', { wait: true })
  expect(second.json()).toMatchObject({ status: 409, code: 'idempotency_in_progress' })
  expect(performance.now() - started).toBeLessThan(1_000)
  release?.()
  expect((await first).statusCode).toBe(201)
  expect((await send('running', { wait: true })).headers['idempotent-replayed']).toBe('true')
})

test('50 at once have one effect', async () => {
  const before = effects
  const answers = await Promise.all(Array.from({ length: 50 }, () => send('many', {})))
  expect(effects).toBe(before + 1)
  const statuses = new Set(answers.map((answer) => answer.statusCode))
  expect([...statuses].filter((status) => status !== 201 && status !== 409)).toEqual([])
})

test('a refusal is kept and leaves nothing else behind; a bug and a limit are not kept', async () => {
  const [rows, before] = [await written(), effects]
  for (const replayed of [undefined, 'true']) {
    const answer = await send('refused', { fail: 'conflict' })
    expect([answer.statusCode, answer.json().param]).toEqual([409, 'x'])
    expect(answer.headers['idempotent-replayed']).toBe(replayed)
  }
  expect(effects).toBe(before + 1)
  for (const [fail, status] of [
    ['bug', 500],
    ['limit', 429],
  ] as const) {
    for (const _ of [1, 2]) expect((await send(fail, { fail })).statusCode).toBe(status)
  }
  expect(effects).toBe(before + 5)
  expect(await written()).toBe(rows)
})

test('a key is forgotten after 24 hours', async () => {
  const first = await send('old', {})
  await world.database
    .sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'old'`
  const second = await send('old', { other: true })
  expect([first.statusCode, second.statusCode]).toEqual([201, 201])
  expect(second.json().effect).toBe(first.json().effect + 1)
})

test('a key has at most 255 characters', async () => {
  expect((await send('k'.repeat(256), {})).json()).toMatchObject({ status: 400, param: 'Idempotency-Key' })
})
