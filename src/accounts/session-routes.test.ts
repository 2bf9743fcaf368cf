import { createSigner } from 'fast-jwt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpWorld, testPassword, testSecretKey, type HttpWorld } from '../../test/http-world.ts'
import { deriveKey } from '../http/derived-key.ts'

let world: HttpWorld

beforeAll(async () => {
  world = await createHttpWorld()
})
afterAll(() => world.close())

const logIn = (email: string, password = testPassword, url = '/api/accounts/login/') =>
  world.app.inject({ method: 'POST', url, payload: { email, password } })

const details = (authorization: string) =>
  world.app.inject({ method: 'GET', url: '/api/accounts/user_details/', headers: { authorization } })

/** A revocation is promised within five seconds. */
async function expectRefused(access: string): Promise<void> {
  await expect.poll(async () => (await details(`Bearer ${access}`)).statusCode, { timeout: 5_000 }).toBe(401)
}

type Cookies = { name: string; value: string }[]
const cookieHeader = (cookies: Cookies) => cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
const sameOrigin = { origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' }

function refreshWith(cookies: Cookies, headers: Record<string, string> = sameOrigin) {
  const cookie = cookieHeader(cookies)
  return world.app.inject({
    method: 'POST',
    url: '/api/accounts/token/refresh/',
    headers: { ...headers, cookie },
  })
}

describe('signing in', () => {
  test('a login answers with the envelope and with the tokens at the top', async () => {
    const answer = await logIn('AGENT@first.test')
    expect(answer.json()).toMatchObject({
      status: 200,
      success: true,
      message: 'Successfully logged in',
      errors: [],
      data: { user_data: { first_name: 'agent', last_name: '', email: 'agent@first.test' } },
    })
    const { access, refresh, data } = answer.json()
    expect(data.token).toEqual({ access, refresh })
  })

  test('a login takes JSON, a form and a multipart body alike', async () => {
    const form = new FormData()
    form.set('email', 'agent@first.test')
    form.set('password', testPassword)
    const multipart = new Request('http://x/', { method: 'POST', body: form })
    const bodies: [string, string | Buffer][] = [
      [
        'application/json; charset=utf-8',
        JSON.stringify({ email: 'agent@first.test', password: testPassword }),
      ],
      ['application/x-www-form-urlencoded', `email=agent%40first.test&password=${testPassword}`],
      [multipart.headers.get('content-type') ?? '', Buffer.from(await multipart.arrayBuffer())],
    ]
    for (const [contentType, payload] of bodies) {
      const headers = { 'content-type': contentType }
      const answer = await world.app.inject({ method: 'POST', url: '/api/accounts/login', headers, payload })
      expect(answer.statusCode).toBe(200)
    }
  })

  test('/api/token/ answers with the two tokens and nothing else', async () => {
    const payload = { username: 'manager@first.test', password: testPassword }
    const answer = await world.app.inject({ method: 'POST', url: '/api/token/', payload })
    expect(Object.keys(answer.json()).sort()).toEqual(['access', 'refresh'])
    expect((await details(`Bearer ${answer.json().access}`)).statusCode).toBe(200)
    expect((await details(answer.json().access)).statusCode).toBe(200)
  })

  test('a wrong password and an unknown name get the same answer', async () => {
    const answers = []
    for (const email of ['hero@first.test', 'nobody@first.test']) {
      const answer = await logIn(email, 'wrong password')
      expect(answer.headers['www-authenticate']).toBe('Bearer')
      answers.push({ status: answer.statusCode, body: { ...answer.json(), request_id: '' } })
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]).toMatchObject({
      status: 401,
      body: { error: 'No active account found with the given credentials', success: false, data: {} },
    })
  })

  test('after ten failures an account and address must wait, even with the right password; others need not', async () => {
    const statuses = await Promise.all(
      Array.from(
        { length: 14 },
        async () => (await logIn('caller@second.test', 'wrong password')).statusCode,
      ),
    )
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(4)
    const right = await logIn('caller@second.test')
    expect(right.statusCode).toBe(429)
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(800)
    expect((await logIn('hero@second.test')).statusCode).toBe(200)
  })
})

test('30 sign-ins of one person at once all succeed', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => logIn('hero@second.test')))
  expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([200]))
})

describe('tokens', () => {
  test('a forged, expired, early, misplaced or foreign token is refused', async () => {
    const { access, refresh } = (await logIn('agent@first.test')).json()
    const [, payload = ''] = String(access).split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const key = deriveKey(testSecretKey, 'tokens')
    const sign = (changes: object) =>
      createSigner({ key, algorithm: 'HS256', noTimestamp: true })({ ...claims, ...changes })
    const seconds = Math.floor(Date.now() / 1000)
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
    const wrong = {
      refresh,
      none,
      expired: sign({ exp: seconds - 1 }),
      early: sign({ nbf: seconds + 60 }),
      issuer: sign({ iss: 'somebody' }),
      audience: sign({ aud: 'something' }),
      otherKey: createSigner({ key: 'x'.repeat(32), algorithm: 'HS256' })(claims),
      otherHash: createSigner({ key, algorithm: 'HS512' })(claims),
      otherPerson: sign({ sub: world.people.admin.id }),
      oldVersion: sign({ ver: -1 }),
      unknownSession: sign({ sid: '018f4e9a-0000-7000-8000-000000000000' }),
      garbage: 'garbage',
      empty: '',
    }
    expect((await details(`Bearer ${sign({})}`)).statusCode).toBe(200)
    for (const [name, token] of Object.entries(wrong)) {
      expect([name, (await details(`Bearer ${token}`)).statusCode]).toEqual([name, 401])
    }
  })

  test('a refresh token from a body stays good; an access token is none', async () => {
    const { access, refresh } = (await logIn('agent@first.test')).json()
    for (const url of ['/api/accounts/token/refresh/', '/api/token/refresh', '/api/token/refresh/']) {
      const answer = await world.app.inject({ method: 'POST', url, payload: { refresh } })
      expect(Object.keys(answer.json())).toEqual(['access'])
      expect((await details(`Bearer ${answer.json().access}`)).statusCode).toBe(200)
    }
    const wrong = await world.app.inject({
      method: 'POST',
      url: '/api/token/refresh/',
      payload: { refresh: access },
    })
    expect(wrong.statusCode).toBe(401)
    expect(wrong.json().code).toBe('token_not_valid')
  })

  test('moving the product clock logs nobody out', async () => {
    const { access } = (await logIn('agent@first.test')).json()
    await world.clock.advance(40 * 24 * 60 * 60 * 1000)
    expect((await details(`Bearer ${access}`)).statusCode).toBe(200)
    await world.clock.advance(-40 * 24 * 60 * 60 * 1000)
  })

  test('signing out, a new password and disabling end earlier tokens within 5 seconds', async () => {
    const { people, app } = world
    const out = (await logIn('caller@first.test')).json()
    expect((await details(out.access)).statusCode).toBe(200)
    await app.inject({ method: 'POST', url: '/api/accounts/logout/', headers: { authorization: out.access } })
    await expectRefused(out.access)
    const again = await app.inject({
      method: 'POST',
      url: '/api/token/refresh/',
      payload: { refresh: out.refresh },
    })
    expect(again.statusCode).toBe(401)

    const before = (await logIn('caller@first.test')).json()
    const change = { password: 'another password', current_password: 'not this' }
    const url = '/api/accounts/user_details/'
    const headers = { authorization: `Bearer ${before.access}` }
    expect((await app.inject({ method: 'PATCH', url, headers, payload: change })).json().code).toBe(
      'wrong_password',
    )
    const right = { ...change, current_password: testPassword }
    expect((await app.inject({ method: 'PATCH', url, headers, payload: right })).statusCode).toBe(200)
    await expectRefused(before.access)
    const changed = await logIn('caller@first.test', 'another password')
    expect(changed.statusCode).toBe(200)

    await world.as(people.admin, 'DELETE', `/api/users/${people.caller.id}/`)
    await expectRefused(changed.json().access)
    expect((await logIn('caller@first.test', 'another password')).statusCode).toBe(401)
  })
})

describe('the console’s cookie', () => {
  test('is hidden from scripts, bound to the site, and signs in safe requests', async () => {
    const answer = await logIn('manager@first.test')
    for (const header of [answer.headers['set-cookie']].flat()) {
      expect(header).toMatch(/; HttpOnly/)
      expect(header).toMatch(/; SameSite=Lax/)
    }
    const cookie = cookieHeader(answer.cookies)
    const read = await world.app.inject({ method: 'GET', url: '/api/agents/', headers: { cookie } })
    expect(read.statusCode).toBe(200)
  })

  test('does not sign in a change that another site asks for', async () => {
    const cookie = cookieHeader((await logIn('manager@first.test')).cookies)
    const post = (headers: Record<string, string>) =>
      world.app.inject({
        method: 'POST',
        url: '/api/agents/',
        headers: { ...headers, cookie },
        payload: { name: 'A' },
      })
    expect((await post({})).statusCode).toBe(403)
    expect((await post({ origin: 'https://evil.test' })).statusCode).toBe(403)
    expect((await post({ origin: 'null' })).statusCode).toBe(403)
    expect((await post({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect((await post({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(201)
    expect((await post(sameOrigin)).statusCode).toBe(201)
  })

  test('of 20 refreshes at once one wins, and the winner’s session lives on', async () => {
    const { cookies } = await logIn('manager@first.test')
    const answers = await Promise.all(Array.from({ length: 20 }, () => refreshWith(cookies)))
    const winners = answers.filter((answer) => answer.statusCode === 200)
    expect(winners).toHaveLength(1)
    const next = await refreshWith(winners[0]?.cookies ?? [])
    expect(next.statusCode).toBe(200)
  })

  test('a refresh token that was replaced and comes again ends the whole session', async () => {
    const { cookies } = await logIn('manager@first.test')
    const second = await refreshWith(cookies)
    expect(second.statusCode).toBe(200)
    expect((await refreshWith(cookies)).statusCode).toBe(401)
    expect((await refreshWith(second.cookies)).statusCode).toBe(401)
    await expectRefused(second.json().access)
  })

  test('is not refreshed for another site', async () => {
    const { cookies } = await logIn('manager@first.test')
    expect((await refreshWith(cookies, { origin: 'https://evil.test' })).statusCode).toBe(403)
  })
})
