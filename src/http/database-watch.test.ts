import { createSimulatedPayments } from '../accounts/simulated-payments.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cableTo, type Cable } from '../../test/cable.ts'
import { createHttpWorld, testSecretKey, type HttpWorld } from '../../test/http-world.ts'
import { quietTelephony } from '../../test/telephony.ts'
import { buildApp } from '../app.ts'
import { connect, type Sql } from '../db/sql.ts'
import { silentLog } from '../log.ts'
import { createEndpointSecrets } from '../webhooks-out/endpoint-secret.ts'
import { createWebhookSender } from '../webhooks-out/webhook-sender.ts'
import type { App } from './app-shell.ts'

const config = {
  secretKey: testSecretKey,
  publicUrl: null,
  trustedProxies: [],
  timeZone: 'UTC',
  defaultRegion: 'NP',
  payments: { stripeSecretKey: null, stripeApiBaseUrl: null, currency: 'usd' },
  dialerApiKey: null,
}
let world: HttpWorld
let cable: Cable
let sql: Sql
let app: App
let headers: Record<string, string>

beforeAll(async () => {
  world = await createHttpWorld()
  const { clock, database } = world
  cable = await cableTo(database.url)
  sql = connect(cable.url, { max: 4 })
  const telephony = await quietTelephony(database, clock, { secretKey: testSecretKey })
  const webhooks = { secrets: createEndpointSecrets(Buffer.alloc(32)), sender: createWebhookSender([]) }
  const payments = createSimulatedPayments()
  app = await buildApp({ config, sql, clock, log: silentLog, telephony, payments, webhooks })
  await app.ready()
  headers = { authorization: `Bearer ${await world.tokenOf('admin@first.test')}` }
})
afterAll(async () => {
  await cable.close()
  await Promise.race([app.close(), sql.end({ timeout: 1 })])
  await world.close()
})

async function timed(
  url: string,
): Promise<{ status: number; code: string; ms: number; retryAfter: unknown }> {
  const started = performance.now()
  const answer = await app.inject({ method: 'GET', url, headers })
  const { code } = answer.json()
  return {
    status: answer.statusCode,
    code,
    ms: performance.now() - started,
    retryAfter: answer.headers['retry-after'],
  }
}

test('a pool whose every connection is taken answers 503 within 2 seconds, and recovers', async () => {
  const held = Array.from({ length: 4 }, () => sql`select pg_sleep(4)`.execute())
  const answer = await timed('/api/users/')
  expect(answer).toMatchObject({ status: 503, code: 'database_unavailable', retryAfter: '2' })
  expect(answer.ms).toBeLessThan(2_000)
  await Promise.all(held)
  await expect.poll(async () => (await timed('/api/users/')).status, { timeout: 5_000 }).toBe(200)
})

test('a database that went silent is answered for: 503 within 2 seconds, then at once; health stays up', async () => {
  expect((await timed('/api/users/')).status).toBe(200)
  cable.silence()
  const first = await Promise.all([
    timed('/api/users/'),
    timed('/api/settings/'),
    timed('/api/accounts/user_details/'),
  ])
  for (const answer of first) {
    expect(answer).toMatchObject({ status: 503, retryAfter: '2' })
    expect(answer.ms).toBeLessThan(2_000)
  }
  expect((await timed('/api/users/')).ms).toBeLessThan(100)
  expect((await timed('/healthz')).status).toBe(200)
  expect((await timed('/readyz')).status).toBe(503)
})
