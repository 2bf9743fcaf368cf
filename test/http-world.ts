import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { createSimulatedPayments } from '../src/accounts/simulated-payments.ts'
import { hashPassword } from '../src/accounts/password.ts'
import { createUser } from '../src/accounts/user-store.ts'
import type { User } from '../src/accounts/user.ts'
import { createWorkspace } from '../src/accounts/workspace-store.ts'
import { buildApp, type AppDeps } from '../src/app.ts'
import { createClock, type ProductClock } from '../src/db/product-clock.ts'
import { transaction } from '../src/db/sql.ts'
import type { App } from '../src/http/app-shell.ts'
import { roles, type Role } from '../src/http/principal.ts'
import { silentLog } from '../src/log.ts'
import { deriveKey } from '../src/http/derived-key.ts'
import { createEndpointSecrets } from '../src/webhooks-out/endpoint-secret.ts'
import { createWebhookSender } from '../src/webhooks-out/webhook-sender.ts'
import { quietTelephony } from './telephony.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

export const testPassword = 'demo-password'
export const testDialerKey = 'demo-dialer-key'
export const testSecretKey = 'a secret key that is only for tests'

/** The API over a database of its own, with two workspaces that have one person of each role. */
export type HttpWorld = {
  app: App
  database: TestDatabase
  clock: ProductClock
  workspaceId: number
  otherWorkspaceId: number
  /** `admin@first.test` … in the first workspace; the admin owns the installation. */
  people: Record<Role, User>
  /** `admin@second.test` … in the other one. */
  strangers: Record<Role, User>
  /** An access token, after a login through the API. */
  tokenOf(email: string): Promise<string>
  /** A request as this person, by Bearer token; JSON when there is a payload. */
  as(user: User, method: string, url: string, payload?: unknown): Promise<LightMyRequestResponse>
  close(): Promise<void>
}

/** `addRoutes` is for routes of the test's own, which fail or wait on demand. */
export async function createHttpWorld(
  {
    carrierUrl,
    dialing = false,
    ...overrides
  }: Partial<AppDeps> & { carrierUrl?: string; dialing?: boolean } = {},
  addRoutes: (app: App, database: TestDatabase) => void = () => {},
): Promise<HttpWorld> {
  const database = await createTestDatabase()
  const clock = createClock(database.sql)
  await clock.start()
  const config = {
    secretKey: testSecretKey,
    publicUrl: null,
    trustedProxies: [],
    timeZone: 'UTC',
    defaultRegion: 'NP',
    payments: { stripeSecretKey: null, stripeApiBaseUrl: null, currency: 'usd' },
    dialerApiKey: testDialerKey,
  }
  const telephony = await quietTelephony(database, clock, {
    secretKey: testSecretKey,
    carrierUrl,
    log: overrides.log,
  })
  const payments = createSimulatedPayments()
  const app = await buildApp({
    config,
    sql: database.sql,
    clock,
    log: silentLog,
    telephony,
    payments,
    webhooks: {
      secrets: createEndpointSecrets(deriveKey(testSecretKey, 'webhook secrets')),
      sender: createWebhookSender(['127.0.0.1']),
    },
    ...overrides,
  })
  addRoutes(app, database)
  await app.ready()
  if (dialing) await telephony.dialer.start()
  const passwordHash = await hashPassword(testPassword)
  const first = await createPeople(database, { slug: 'first', owner: true, passwordHash, now: clock.now() })
  const second = await createPeople(database, {
    slug: 'second',
    owner: false,
    passwordHash,
    now: clock.now(),
  })

  const tokens = new Map<string, string>()
  const tokenOf = async (email: string) => {
    const payload = { email, password: testPassword }
    const answer = await app.inject({ method: 'POST', url: '/api/accounts/login/', payload })
    return String(answer.json().access)
  }
  return {
    app,
    database,
    clock,
    workspaceId: first.workspaceId,
    otherWorkspaceId: second.workspaceId,
    people: first.people,
    strangers: second.people,
    tokenOf,
    async as(user, method, url, payload) {
      const token = tokens.get(user.email) ?? (await tokenOf(user.email))
      tokens.set(user.email, token)
      const options = { method, url, headers: { authorization: `Bearer ${token}` }, payload }
      return app.inject(options as InjectOptions)
    },
    async close() {
      if (dialing) await telephony.dialer.stop()
      await app.close()
      await clock.stop()
      await database.drop()
    },
  }
}

async function createPeople(
  database: TestDatabase,
  plan: { slug: string; owner: boolean; passwordHash: string; now: Date },
): Promise<{ workspaceId: number; people: Record<Role, User> }> {
  return transaction(database.sql, async (tx) => {
    const workspace = await createWorkspace(tx, { name: plan.slug }, plan.now)
    const people: Partial<Record<Role, User>> = {}
    for (const role of roles) {
      const email = `${role}@${plan.slug}.test`
      const isOwner = plan.owner && role === 'admin'
      const person = {
        workspaceId: workspace.id,
        email,
        role,
        isOwner,
        passwordHash: plan.passwordHash,
        firstName: role,
      }
      people[role] = await createUser(tx, person, plan.now)
    }
    return { workspaceId: workspace.id, people: people as Record<Role, User> }
  })
}
