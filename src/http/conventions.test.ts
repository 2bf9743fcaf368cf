import { connect as openSocket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'

let world: HttpWorld
let admin: Record<string, string>

beforeAll(async () => {
  world = await createHttpWorld()
  admin = { authorization: `Bearer ${await world.tokenOf('admin@first.test')}` }
})
afterAll(() => world.close())

const send = (method: string, url: string, payload?: string | Buffer, contentType = 'application/json') =>
  world.app.inject({
    method: method as 'POST',
    url,
    headers: { ...admin, ...(payload === undefined ? {} : { 'content-type': contentType }) },
    ...(payload === undefined ? {} : { payload }),
  })

describe('bodies', () => {
  test('what cannot be read is 400, what is unknown 415, what is too large 413', async () => {
    const url = '/api/agents/'
    for (const broken of ['{"name": ', 'null', '[]', '"x"', '{"name": NaN}', '\u0000', '{"name": "x",}']) {
      expect([broken, (await send('POST', url, broken)).statusCode]).toEqual([broken, 400])
    }
    expect((await send('POST', url, Buffer.from('{"name":"x"}', 'utf16le'))).statusCode).toBe(400)
    expect((await send('POST', url, Buffer.from('\uFEFF{"name":"bom"}'))).statusCode).toBe(201)
    for (const type of ['text/plain', 'application/xml', 'application/vnd.api+json', 'x', ';;']) {
      expect([type, (await send('POST', url, '{"name":"x"}', type)).statusCode]).toEqual([type, 415])
    }
    expect((await send('POST', url, `{"name":"${'x'.repeat(1024 * 1024)}"}`)).statusCode).toBe(413)
    expect((await send('POST', url, '--a\r\nbroken', 'multipart/form-data; boundary=a')).statusCode).toBe(400)
    expect((await send('POST', url, 'x', 'multipart/form-data')).statusCode).toBe(400)
  })

  test('depth, many members, prototypes and unstorable text never break anything', async () => {
    const url = '/api/agents/'
    const deep = `{"name":"x","tags":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect((await send('POST', url, deep)).json()).toMatchObject({ code: 'nested_too_deeply', param: 'tags' })
    const many = `{"name":"many",${Array.from({ length: 90_000 }, (_, n) => `"m${n}":1`).join(',')}}`
    expect((await send('POST', url, many)).statusCode).toBe(201)
    const polluting = '{"name":"p","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    expect((await send('POST', url, polluting)).statusCode).toBe(201)
    const form = '__proto__[polluted]=1&__proto__=2&constructor=3&name=f'
    expect((await send('POST', url, form, 'application/x-www-form-urlencoded')).statusCode).toBe(201)
    expect('polluted' in {}).toBe(false)
    for (const text of ['a\\u0000b', 'a\\ud800b', '\\udc00']) {
      const answer = await send('POST', url, `{"name":"${text}"}`)
      expect(answer.json()).toMatchObject({ status: 400, code: 'unstorable_text', param: 'name' })
    }
    expect((await send('GET', '/api/users/?x=%00')).statusCode).toBe(400)
    expect((await send('GET', '/api/users/%00/')).statusCode).toBeLessThan(500)
    expect((await send('GET', '/api/users/%E0%A4%A/')).statusCode).toBe(400)
  })

  test('a multipart body that breaks off in the middle of a file is 400, also where the file is read as it comes', async () => {
    const head = 'Content-Disposition: form-data; name="file"; filename="a.csv"'
    for (const bytes of ['number\n+12025550100\n', 'PK\u0003\u0004half']) {
      const body = `--a\r\n${head}\r\n\r\n${bytes}`
      const answer = await send('POST', '/api/system/files/', body, 'multipart/form-data; boundary=a')
      expect(answer.json()).toMatchObject({ status: 400, code: 'unreadable_body' })
    }
  })

  test('a path that no router reads gets the one error body and the headers of every answer', async () => {
    for (const [url, status] of [
      ['/api/jobs/%ff/', 400],
      [`/api/jobs/${'9'.repeat(300)}/`, 404],
    ] as const) {
      const answer = await send('GET', url)
      expect([url, answer.statusCode]).toEqual([url, status])
      expect(answer.json()).toMatchObject({
        success: false,
        status,
        request_id: answer.headers['x-request-id'],
      })
      expect(answer.headers['content-security-policy']).toContain("default-src 'self'")
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })

  test('input is read generously: numbers and booleans as text, enum words in any case, lists as repeated keys', async () => {
    const form = 'name=Reader&scopes=READ&scopes[]=Write&unknown=1'
    const key = await send('POST', '/api/keys/', form, 'application/x-www-form-urlencoded')
    expect(key.json()).toMatchObject({ name: 'Reader', scopes: ['read', 'write'] })
    const one = await send('POST', '/api/keys', 'name=7&scopes=read', 'application/x-www-form-urlencoded')
    expect(one.json()).toMatchObject({ name: '7', scopes: ['read'] })
    const parts = ['name\r\n\r\nParts', 'scopes"\r\nContent-Type: application/json\r\n\r\n["write"]']
    const body = parts.map(
      (part) => `--a\r\nContent-Disposition: form-data; name="${part.replace('name\r', 'name"\r')}\r\n`,
    )
    const multipart = await send(
      'POST',
      '/api/keys/',
      `${body.join('')}--a--`,
      'multipart/form-data; boundary=a',
    )
    expect(multipart.json()).toMatchObject({ name: 'Parts', scopes: ['write'] })
  })

  test('null where it has no meaning is refused instead of read as nothing', async () => {
    const answer = await send('POST', '/api/agents/', '{"name": null}')
    expect(answer.json()).toMatchObject({
      status: 400,
      param: 'name',
      errors: [{ param: 'name', code: 'type' }],
    })
  })
})

describe('errors', () => {
  test('one body carries what every family looks for', async () => {
    const answer = await send('POST', '/api/users/', '{"role": "boss", "password": 5}')
    const body = answer.json()
    expect(body).toMatchObject({
      success: false,
      status: 400,
      code: 'invalid_field',
      type: '/docs/errors/invalid_field',
      title: 'Invalid field',
      param: 'email',
    })
    expect(body.error).toBe(body.detail)
    expect(body.errors.map((one: { param: string }) => one.param)).toEqual(['email', 'role'])
    expect(body.errors[1].message).toBe(
      'role must be one of admin, manager, agent, hero, caller; "boss" is not.',
    )
    expect(body.request_id).toBe(answer.headers['x-request-id'])
    expect(body).not.toHaveProperty('message')
  })

  test('a missing field is named, and a password is never repeated', async () => {
    const missing = await world.app.inject({ method: 'POST', url: '/api/accounts/register/', payload: {} })
    expect(missing.json()).toMatchObject({
      code: 'missing_field',
      param: 'email',
      data: {},
      message: missing.json().error,
    })
    const secret = await world.app.inject({
      method: 'POST',
      url: '/api/accounts/login/',
      payload: { email: 'a', password: { secret: 'canary' } },
    })
    expect(secret.statusCode).toBe(400)
    expect(secret.body).not.toContain('canary')
  })

  test('every code an answer has leads to a page', async () => {
    const page = await world.app.inject({ method: 'GET', url: '/docs/errors/missing_field' })
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('Missing field')
    expect((await world.app.inject({ method: 'GET', url: '/docs/errors/constructor' })).statusCode).toBe(404)
  })

  test('a request id that was sent is kept when it is sane', async () => {
    const ids = []
    for (const id of ['abc-123', 'a\tb "><script>']) {
      const answer = await world.app.inject({
        method: 'GET',
        url: '/healthz',
        headers: { 'x-request-id': id },
      })
      ids.push(answer.headers['x-request-id'])
    }
    expect(ids).toEqual(['abc-123', expect.stringMatching(/^[\w-]{16}$/)])
  })
})

describe('methods and addresses', () => {
  test('a method an address does not have is 405 with Allow; an unknown address is 404', async () => {
    const wrong = await send('PUT', '/api/agents/')
    expect(wrong.statusCode).toBe(405)
    expect(wrong.headers.allow).toBe('GET, HEAD, OPTIONS, POST')
    expect((await send('DELETE', `/api/agents/${world.people.agent.agentId}`)).headers.allow).toBe(
      'GET, HEAD, OPTIONS, PATCH',
    )
    for (const method of ['POST', 'PATCH', 'DELETE'] as const) {
      const today = await send(method, '/call/today/', '{}')
      expect([method, today.statusCode, today.headers.allow]).toEqual([method, 405, 'GET, HEAD, OPTIONS'])
    }
    expect((await send('DELETE', '/api/leads/from-dialer/')).headers.allow).toBe('GET, OPTIONS, POST')
    expect((await send('GET', '/api/nothing/here')).statusCode).toBe(404)
    expect((await send('POST', '/api/nothing/here', '{}')).statusCode).toBe(404)
    expect((await send('GET', '/api/accounts/nothing')).json()).toMatchObject({ code: 'not_found', data: {} })
  })

  test('a base address that ends with a slash does no harm', async () => {
    expect((await send('GET', '//api//agents/?page_size=1')).json().results).toHaveLength(1)
    expect((await send('GET', '//api/accounts//nothing?x=//')).json()).toMatchObject({
      status: 404,
      data: {},
    })
  })

  test('every path answers with and without its slash, HEAD is GET without a body, OPTIONS tells the methods', async () => {
    for (const url of ['/api/agents', '/api/agents/']) {
      expect((await send('GET', url)).statusCode).toBe(200)
      const head = await send('HEAD', url)
      expect([head.statusCode, head.body]).toEqual([200, ''])
    }
    const options = await world.app.inject({ method: 'OPTIONS', url: '/api/agents/' })
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS, POST'])
  })
})

describe('browsers', () => {
  test('every answer forbids what a page of ours never needs', async () => {
    const { headers } = await world.app.inject({ method: 'GET', url: '/docs/' })
    expect(headers['content-security-policy']).toMatch(
      /default-src 'self'.*script-src 'self';.*object-src 'none'/,
    )
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' })
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('another origin reads answers only of the workspace that lists it, and never with the cookie', async () => {
    const origin = 'https://crm.example.com'
    const ask = (headers: Record<string, string>) =>
      world.app.inject({ method: 'GET', url: '/api/agents/', headers: { origin, ...headers } })
    expect((await ask(admin)).headers).not.toHaveProperty('access-control-allow-origin')
    const other = 'https://other.example.com'
    await send('PATCH', '/api/settings/', JSON.stringify({ allowed_origins: [other] }))
    const allowed = await ask({ ...admin, origin: other })
    expect(allowed.headers['access-control-allow-origin']).toBe(other)
    expect(allowed.headers).not.toHaveProperty('access-control-allow-credentials')
    const stranger = { authorization: `Bearer ${await world.tokenOf('admin@second.test')}`, origin: other }
    expect((await ask(stranger)).headers).not.toHaveProperty('access-control-allow-origin')
    const preflight = await world.app.inject({
      method: 'OPTIONS',
      url: '/api/agents/',
      headers: { origin: other, 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers['access-control-allow-methods']).toContain('POST')
  })
})

describe('the running server', () => {
  test('metrics are open to this machine, and need their token once a proxy forwards', async () => {
    const metrics = (headers: Record<string, string> = {}) =>
      world.app.inject({ method: 'GET', url: '/metrics', headers })
    expect((await metrics()).body).toContain('process_cpu_seconds_total')
    expect((await metrics({ 'x-forwarded-for': '203.0.113.9' })).statusCode).toBe(401)
    expect((await world.app.inject({ method: 'GET', url: '/readyz' })).json().status).toBe('ready')
  })

  test('the description is OpenAPI 3.1, and every operation in it has a summary', async () => {
    const { openapi, paths } = (await world.app.inject({ method: 'GET', url: '/openapi.json' })).json()
    expect(openapi).toBe('3.1.0')
    for (const [path, item] of Object.entries<Record<string, { summary?: string }>>(paths)) {
      for (const [method, operation] of Object.entries(item)) {
        expect(`${method} ${path} ${operation.summary ?? 'has no summary'}`).not.toContain('has no summary')
      }
    }
  })

  test('a proxy may name the whole address', async () => {
    const port = await openPort()
    const text = `GET http://x/api/agents/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
    expect(await exchangeRaw(port, text)).toMatch(/^HTTP\/1.1 401 /)
  })

  test('what is no HTTP request, is smuggled or has endless headers gets the one error body, and the connection ends', async () => {
    const port = await openPort()
    for (const [bytes, status] of [
      ['nonsense\r\n\r\n', 400],
      ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const [head = '', body = ''] = (await exchangeRaw(port, bytes)).split('\r\n\r\n')
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(head).toMatch(/^content-security-policy: /m)
      expect(head).toMatch(/^cache-control: no-store\r?$/m)
      expect(JSON.parse(body)).toMatchObject({ status, success: false, code: 'unreadable_request' })
    }
  })
})

async function openPort(): Promise<number> {
  if (!world.app.server.listening) await world.app.listen({ port: 0, host: '127.0.0.1' })
  const address = world.app.server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What comes back until the other side closes. */
function exchangeRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = openSocket(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (bytes) => (answer += bytes.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}
