/** Secrets of every kind are made, used rightly and wrongly, and then looked for in all that is kept and told. */
import { Writable } from 'node:stream'
import { pino } from 'pino'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dumpTables } from '../src/db/dump.ts'
import { createLog, type Log } from '../src/log.ts'
import { secretsIn } from './canary.ts'
import { createHttpWorld, testDialerKey, testPassword, type HttpWorld } from './http-world.ts'

const logged: string[] = []
let world: HttpWorld
beforeAll(async () => {
  world = await createHttpWorld({ log: listeningLog() })
})
afterAll(() => world?.close())

/** The log of a server, with all that it ever says. */
function listeningLog(): Log {
  const log = createLog({ level: 'trace' })
  Reflect.set(log, pino.symbols.streamSym, { write: (line: string) => logged.push(line) })
  return log
}

const password = 'canary-password-8305716294'
/** Of every kind, from the answer that shows it once. */
const secrets: string[] = [password]
/** Every answer but those. */
const told: string[] = []

async function ask(method: string, url: string, payload: unknown, headers: Record<string, string> = {}) {
  const answer = await world.app.inject({ method, url, payload, headers } as InjectOptions)
  return {
    status: answer.statusCode,
    body: answer.body,
    json: () => answer.json() as Record<string, unknown>,
  }
}

/** Takes the secret from an answer that is there to show it. */
async function shown(member: string, asking: ReturnType<typeof ask>): Promise<string> {
  const answer = await asking
  const secret = answer.json()[member]
  expect([answer.status < 300, typeof secret]).toEqual([true, 'string'])
  secrets.push(String(secret))
  return String(secret)
}

test('no secret is in the log, in the database, or in any answer but the one that shows it', async () => {
  const { email } = world.people.admin
  const signedIn = await ask('POST', '/api/accounts/login/', { email, password: testPassword })
  const { access = '', refresh = '' } = signedIn.json() as Record<string, string>
  secrets.push(access, refresh)
  const admin = { authorization: `Bearer ${access}` }
  const once = (name: string) => ({ ...admin, 'idempotency-key': name })

  const person = { email: 'canary@first.test', password, role: 'agent', first_name: 'Canary' }
  told.push((await ask('POST', '/api/users/', person, once('person'))).body)
  told.push((await ask('POST', '/api/users/', person, once('person'))).body)
  told.push((await ask('POST', '/api/users/', { ...person, role: 'boss' }, once('wrong'))).body)
  const keyBody = { name: 'k', scopes: ['read'] }
  const apiKey = await shown('key', ask('POST', '/api/keys/', keyBody, once('key')))
  const dialerKey = await shown('key', ask('POST', '/api/dialer-keys/', { name: 'd' }, once('dialer')))
  const endpoint = { url: 'https://example.com/in', events: ['*'] }
  await shown('secret', ask('POST', '/api/webhooks/', endpoint, once('webhook')))

  const wrongly: [string, string, unknown, Record<string, string>][] = [
    ['POST', '/api/accounts/login/', { email: person.email, password: `${password}x` }, {}],
    ['POST', '/api/accounts/login/', { email: password, password }, {}],
    ['POST', '/api/token/', { email: { a: password }, password: [password] }, {}],
    ['POST', '/api/token/', `{"email":"a","password":"${password}`, { 'content-type': 'application/json' }],
    ['POST', '/api/accounts/token/refresh/', { refresh: `${refresh}x` }, {}],
    ['POST', '/api/accounts/token/refresh/', { refresh: access }, {}],
    ['GET', '/api/users/', undefined, { authorization: `Bearer ${refresh}` }],
    ['GET', '/api/users/', undefined, { authorization: `Bearer ${apiKey}x` }],
    ['GET', '/api/users/', undefined, { authorization: `Bearer ${apiKey}` }],
    ['GET', '/api/users/?page=x', undefined, { cookie: `trunkline_access=${access}` }],
    ['POST', '/api/keys/', { name: 5, scopes: ['all'] }, admin],
    ['POST', '/api/leads/from-dialer/', { user: 'x', pass: password }, { 'x-dialer-api-key': dialerKey }],
    ['POST', '/api/leads/from-dialer/', `pass=${password}&%`, { 'x-dialer-api-key': dialerKey }],
    ['POST', '/api/leads/from-dialer/', { lead_id: '1' }, { 'x-dialer-api-key': `${testDialerKey}x` }],
    ['POST', '/api/webhooks/', { url: `https://user:${password}@example.com/` }, admin],
    ['GET', '/api/webhooks/', undefined, admin],
    ['GET', '/api/keys/', undefined, admin],
    ['GET', '/api/dialer-keys/', undefined, admin],
    ['GET', '/api/settings/', undefined, admin],
    ['GET', '/api/users/', undefined, admin],
    ['GET', '/metrics', undefined, {}],
    ['GET', '/readyz', undefined, {}],
  ]
  for (const [method, url, payload, headers] of wrongly) {
    const { status, body } = await ask(method, url, payload, headers)
    expect([url, status < 500]).toEqual([url, true])
    told.push(body)
  }
  // A statement that fails is logged with its cause: what it was given is not.
  await world.database.sql`alter table users rename to users_elsewhere`
  told.push((await ask('POST', '/api/accounts/login/', { email: person.email, password }, {})).body)
  told.push((await ask('POST', '/api/users/', { ...person, email: 'b@first.test' }, admin)).body)
  await world.database.sql`alter table users_elsewhere rename to users`

  expect(logged.length).toBeGreaterThan(0)
  expect(secrets).toHaveLength(6)
  for (const [place, text] of [
    ['the log', logged.join('')],
    ['an answer', told.join('\n')],
    ['the database', withoutHashes(await dump())],
  ] as const)
    expect([place, secretsIn(text, secrets)]).toEqual([place, []])
  // The same search finds what is there.
  expect(secretsIn(`x ${Buffer.from(apiKey).toString('hex')}`, secrets)).toEqual([apiKey])
})

/** A password is kept as what argon2id makes of it. */
function withoutHashes(text: string): string {
  return text.replaceAll('$argon2id$', '')
}

async function dump(): Promise<string> {
  const pieces: Buffer[] = []
  const out = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece)
      done()
    },
  })
  expect(await dumpTables(world.database.sql, out)).toBeGreaterThan(30)
  return Buffer.concat(pieces).toString('utf8')
}
