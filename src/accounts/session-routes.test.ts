import { afterAll, beforeAll, expect, test } from 'vitest'
import { quietTelephony } from '../../test/telephony.ts'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { buildApp } from '../app.ts'
import { createClock, type ProductClock } from '../db/product-clock.ts'
import { transaction } from '../db/sql.ts'
import type { App } from '../http/app-shell.ts'
import { silentLog } from '../log.ts'
import { hashPassword } from './password.ts'
import { createUser } from './user-store.ts'
import { createWorkspace } from './workspace-store.ts'

let database: TestDatabase
let clock: ProductClock
let app: App

beforeAll(async () => {
  database = await createTestDatabase()
  clock = createClock(database.sql)
  await clock.start()
  const config = {
    secretKey: 'x'.repeat(32),
    publicUrl: null,
    trustedProxies: [],
    timeZone: 'UTC',
    defaultRegion: 'NP',
  }
  const telephony = await quietTelephony(database, clock, config.secretKey)
  app = await buildApp({ config, sql: database.sql, clock, log: silentLog, telephony })
  const passwordHash = await hashPassword('a good password')
  await transaction(database.sql, async (tx) => {
    const workspace = await createWorkspace(tx, { name: 'First' }, clock.now())
    await createUser(
      tx,
      { workspaceId: workspace.id, email: 'ann@example.test', passwordHash, role: 'admin', firstName: 'Ann' },
      clock.now(),
    )
  })
})

afterAll(async () => {
  await app.close()
  await clock.stop()
  await database.drop()
})

test('a login answers with the envelope and with the tokens at the top', async () => {
  const answer = await app.inject({
    method: 'POST',
    url: '/api/accounts/login',
    payload: { email: 'ANN@example.test', password: 'a good password' },
  })
  expect(answer.json()).toMatchObject({
    status: 200,
    success: true,
    message: 'Successfully logged in',
    errors: [],
    data: { user_data: { first_name: 'Ann', last_name: '', email: 'ann@example.test' } },
  })
  const { access, refresh, data } = answer.json()
  expect(data.token).toEqual({ access, refresh })
})

test('a wrong password and an unknown name get the same answer', async () => {
  for (const email of ['ann@example.test', 'nobody@example.test']) {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/accounts/login/',
      payload: { email, password: 'wrong' },
    })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.json()).toMatchObject({
      error: 'No active account found with the given credentials',
      detail: 'No active account found with the given credentials',
      message: 'No active account found with the given credentials',
      data: {},
      success: false,
    })
  }
})
