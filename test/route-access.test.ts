/**
 * Who may call what: every route of the application against every kind of caller, by one table. A route that is not in
 * the table fails, so nobody adds one without saying who may call it.
 */
import { createSigner } from 'fast-jwt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deriveKey } from '../src/http/derived-key.ts'
import { familyOf } from '../src/http/families.ts'
import { roles, type Role } from '../src/http/principal.ts'
import { createHttpWorld, testPassword, testSecretKey, type HttpWorld } from './http-world.ts'
import { isConsoleFile, routeTable, type Access } from './route-table.ts'

type Route = { method: string; url: string }
type Caller = {
  name: string
  authorization: string | null
  passes: (access: Access, method: string) => boolean
}

let world: HttpWorld
const routes: Route[] = []
const callers: Caller[] = []

beforeAll(async () => {
  world = await createHttpWorld()
  for (const { method, url } of world.app.declaredRoutes) {
    if (!isConsoleFile(url)) routes.push({ method, url: url.replace(/(.)\/$/, '$1') })
  }
  callers.push(...(await makeCallers()))
})
afterAll(() => world.close())

test('every schema can be compiled', () => {
  expect(() => world.app.compileSchemas()).not.toThrow()
})

test('every route is in the table, and the table names no route that is gone', () => {
  const names = new Set(routes.map(nameOf))
  expect([...names].filter((name) => !(name in routeTable))).toEqual([])
  expect(Object.keys(routeTable).filter((name) => !names.has(name))).toEqual([])
})

test('whoever has no valid credential is refused within five seconds of losing it', async () => {
  for (const { name, authorization } of callers.filter((caller) => !isKnown(caller))) {
    const headers = authorization === null ? {} : { authorization }
    const ask = async () =>
      (await world.app.inject({ method: 'GET', url: '/api/agents', headers })).statusCode
    await expect.poll(ask, { timeout: 5_000, message: name }).toBe(401)
  }
})

test('every route answers every caller as the table says', async () => {
  const wrong: string[] = []
  let checks = 0
  for (const route of routes) {
    const access = routeTable[nameOf(route)]
    if (access === undefined) continue
    for (const caller of callers) {
      const expected = expectedStatus(route, access, caller)
      // A stream that opens does not end.
      if (expected === 'passes' && route.url.endsWith('/stream')) continue
      checks += 1
      const status = await statusFor(route, caller)
      if (!isAsExpected(status, expected)) {
        wrong.push(`${route.method} ${route.url} as ${caller.name}: ${status}, expected ${expected}`)
      }
    }
  }
  console.info(`${checks} checks: ${routes.length} routes, ${callers.length} callers`)
  expect(wrong).toEqual([])
}, 400_000)

function isKnown(caller: Caller): boolean {
  return /^(role|key) /.test(caller.name)
}

/** HEAD is GET without a body. */
function nameOf(route: Route): string {
  return `${route.method === 'HEAD' ? 'GET' : route.method} ${route.url}`
}

type Expected = number | 'passes' | 'refused'

function isAsExpected(status: number, expected: Expected): boolean {
  if (expected === 'refused') return status >= 400 && status < 500
  // In this world there is no carrier to ask: whoever got as far as that has passed.
  return expected === 'passes'
    ? (status < 500 || status === 503) && status !== 401 && status !== 403
    : status === expected
}

function expectedStatus(route: Route, access: Access, caller: Caller): Expected {
  if (access === 'itself') return 'refused'
  if (access === 'anyone' || caller.passes(access, route.method)) return 'passes'
  return isKnown(caller) ? 403 : familyOf(route.url).unauthenticatedStatus
}

/**
 * Bodies are left out and ids lead nowhere, so a caller who passes gets 400 or 404 and changes nothing. Signing out
 * would end the sessions of the next checks, so it is asked with a session of its own.
 */
async function statusFor(route: Route, caller: Caller): Promise<number> {
  const url = route.url
    .replace(/:(\w*[iI]d|id)\b/g, '018f4e9a-0000-7000-8000-000000000000')
    .replace(/:\w+/g, 'none')
    .replace('*', 'none')
  const own = route.url === '/api/accounts/logout' && caller.name.startsWith('role ')
  const email = `${caller.name.replace('role ', '')}@first.test`
  const authorization = own ? `Bearer ${await world.tokenOf(email)}` : caller.authorization
  const headers = authorization === null ? {} : { authorization }
  const answer = await world.app.inject({ method: route.method as 'GET', url, headers })
  return answer.statusCode
}

const nobody = (name: string, authorization: string | null): Caller => ({
  name,
  authorization,
  passes: () => false,
})

/** An API key acts as a manager at most, and never where a person is meant. */
const asKey = (name: string, secret: string, can: { read: boolean; write: boolean }): Caller => ({
  name,
  authorization: `Bearer ${secret}`,
  passes: (access, method) =>
    typeof access === 'object' &&
    !access.personal &&
    access.roles.includes('manager') &&
    (method === 'GET' || method === 'HEAD' ? can.read : can.write),
})

async function makeCallers(): Promise<Caller[]> {
  const { app, people, database } = world
  const token = await world.tokenOf('admin@first.test')
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  const key = deriveKey(testSecretKey, 'tokens')
  const sign = (changes: object) =>
    createSigner({ key, algorithm: 'HS256', noTimestamp: true })({ ...claims, ...changes })
  const seconds = Math.floor(Date.now() / 1000)
  const login = { email: 'admin@first.test', password: testPassword }
  const pair = (await app.inject({ method: 'POST', url: '/api/token/', payload: login })).json()

  // Who may call a route, not what else a person has to prove first.
  await database.sql`
    update users set is_verified_email = true, is_verified_phone = true, is_verified_payment = true`
  const out = await world.tokenOf('admin@first.test')
  await app.inject({ method: 'POST', url: '/api/accounts/logout/', headers: { authorization: out } })
  const disabled = await world.tokenOf('agent@second.test')
  await database.sql`update users set is_active = false where email = 'agent@second.test'`
  const changed = await world.tokenOf('hero@second.test')
  await database.sql`update users set token_version = token_version + 1 where email = 'hero@second.test'`

  const makeKey = async (scopes: string[]) =>
    (await world.as(people.admin, 'POST', '/api/keys/', { name: scopes.join(), scopes })).json().key
  const revoked = await makeKey(['read', 'write'])
  await database.sql`update api_keys set revoked_at = created_at where name = 'read,write'`
  const orphaned = (
    await world.as(world.strangers.admin, 'POST', '/api/keys/', { name: 'left', scopes: ['read'] })
  ).json().key
  await database.sql`update users set is_active = false where email = 'admin@second.test'`
  const asRole = async (role: Role): Promise<Caller> => ({
    name: `role ${role}`,
    authorization: `Bearer ${await world.tokenOf(`${role}@first.test`)}`,
    passes: (access) => typeof access === 'object' && access.roles.includes(role),
  })
  return [
    nobody('nobody', null),
    nobody('garbage', 'Bearer garbage'),
    nobody('basic', `Basic ${Buffer.from('admin@first.test:demo-password').toString('base64')}`),
    nobody('unknown key', `Bearer tk_${'a'.repeat(43)}`),
    nobody('expired', `Bearer ${sign({ exp: seconds - 1 })}`),
    nobody('not yet valid', `Bearer ${sign({ nbf: seconds + 60 })}`),
    nobody(
      'algorithm none',
      `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`,
    ),
    nobody('other key', `Bearer ${createSigner({ key: 'y'.repeat(32), algorithm: 'HS256' })(claims)}`),
    nobody('other issuer', `Bearer ${sign({ iss: 'other' })}`),
    nobody('other audience', `Bearer ${sign({ aud: 'other' })}`),
    nobody('refresh as access', `Bearer ${pair.refresh}`),
    nobody('signed out', `Bearer ${out}`),
    nobody('disabled', `Bearer ${disabled}`),
    nobody('new password', `Bearer ${changed}`),
    nobody('revoked key', `Bearer ${revoked}`),
    nobody('left key', `Bearer ${orphaned}`),
    asKey('key read', await makeKey(['read']), { read: true, write: false }),
    asKey('key write', await makeKey(['write']), { read: false, write: true }),
    ...(await Promise.all(roles.map(asRole))),
  ]
}
