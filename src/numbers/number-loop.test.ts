import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startCarrier, type RunningCarrier } from '../../simulator/carrier.ts'
import { NO_FAULTS } from '../../simulator/faults.ts'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { createWorkspace } from '../accounts/workspace-store.ts'
import type { Carrier } from '../carriers/carrier.ts'
import { createTwilioCarrier } from '../carriers/twilio-carrier.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../config.ts'
import { createClock, type ProductClock } from '../db/product-clock.ts'
import { readCredits } from '../credits/credit-store.ts'
import { upsertAccount } from '../dialer/account-store.ts'
import { silentLog } from '../log.ts'
import { createNumberKeeper, type NumberKeeper } from './number-keeper.ts'
import { createNumberLoop, type NumberLoop } from './number-loop.ts'
import type { PhoneNumber } from './owned-number.ts'
import { findPhoneNumber, listOwned } from './owned-number-store.ts'

let database: TestDatabase
let phones: RunningCarrier
let clock: ProductClock
let carrier: Carrier
let keeper: NumberKeeper
let loop: NumberLoop
let workspaceId: number
let carrierAccountId: number
let folder: string
const number = '+14155550140'

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'numbers-'))
  database = await createTestDatabase()
  const { sql } = database
  clock = createClock(sql)
  await clock.start()
  phones = await startCarrier({
    port: 0,
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    ledgerPath: join(folder, 'ledger.jsonl'),
    seed: 1,
    speed: 4,
    profile: 'default',
  })
  carrier = createTwilioCarrier({
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    apiUrl: phones.url,
    live: false,
    placeConnections: 1,
  })
  workspaceId = (await sql.begin((tx) => createWorkspace(tx, { name: 'Test' }, clock.now()))).id
  const account = { accountSid: simulatedAccountSid, callsPerSecond: 1, maxConcurrentCalls: 1 }
  carrierAccountId = await upsertAccount(sql, account)
  const [worker] = await sql<{ id: number }[]>`insert into workers (name) values ('dead') returning id`
  keeper = createNumberKeeper({
    sql,
    carrier,
    carrierAccountId,
    clock,
    sidKey: Buffer.alloc(32, 1),
    configured: null,
    worker: () => worker?.id ?? null,
    usedBy: async () => null,
  })
  loop = createNumberLoop({
    sql,
    carrierAccountId,
    clock,
    log: silentLog,
    keeper,
    isGone: async () => true,
    absentAfterMs: 0,
  })
})
afterEach(async () => {
  await carrier.close()
  await phones.close()
  await clock.stop()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

async function seen(): Promise<PhoneNumber> {
  await keeper.offered(workspaceId, { country: 'US', contains: number, capabilities: [] })
  return stored()
}

async function stored(): Promise<PhoneNumber> {
  const found = await findPhoneNumber(database.sql, workspaceId, keeper.sid(workspaceId, number))
  if (found === null) throw new Error('the number is not stored')
  return found
}

test('a purchase whose process died before the carrier was asked is given up, and its credits are released', async () => {
  await keeper.intend(await seen(), null)
  expect(await readCredits(database.sql, workspaceId)).toEqual({ used: 0, held: 50 })
  await loop.runOnce()
  expect(await stored()).toMatchObject({ state: 'seen', reason: 'not_bought' })
  expect(await readCredits(database.sql, workspaceId)).toEqual({ used: 0, held: 0 })
})

test('a purchase whose process died after the carrier had sold is found, and paid once', async () => {
  await keeper.intend(await seen(), null)
  await carrier.buyNumber({ number, friendlyName: number })
  await loop.runOnce()
  await loop.runOnce()
  expect(await stored()).toMatchObject({ state: 'owned', wasBought: true })
  expect(await readCredits(database.sql, workspaceId)).toEqual({ used: 50, held: 0 })
})

test('a purchase that the carrier did and did not tell is known at once', async () => {
  phones.faults.set({ ...NO_FAULTS, percent: { '500-with-acceptance': 100 } })
  const wanted = await seen()
  await keeper.intend(wanted, null)
  expect(await keeper.ask(wanted)).toBe('owned')
  expect(await readCredits(database.sql, workspaceId)).toEqual({ used: 50, held: 0 })
})

test('a number that appears at the carrier after its purchase was given up goes to whoever asked for it', async () => {
  await keeper.intend(await seen(), null)
  await loop.runOnce()
  await carrier.buyNumber({ number, friendlyName: number })
  const [other] = await database.sql<{ id: number }[]>`select min(id) as id from workspaces`
  expect(other?.id).toBe(workspaceId)
  keeper.forget()
  await loop.runOnce()
  expect((await listOwned(database.sql, workspaceId, carrierAccountId)).map((one) => one.number)).toContain(
    number,
  )
})

test('a release whose process died is carried out', async () => {
  const wanted = await seen()
  await keeper.intend(wanted, null)
  await keeper.ask(wanted)
  await keeper.intendRelease(await stored())
  await loop.runOnce()
  expect(await stored()).toMatchObject({ state: 'seen', carrierSid: null })
  expect(await carrier.findNumber(number)).toBeNull()
})

test('a pending number is the workspace’s, and can be used once the carrier says so', async () => {
  await keeper.offered(workspaceId, { country: 'US', contains: '4155550142', capabilities: [] })
  const sid = keeper.sid(workspaceId, '+14155550142')
  const pending = await findPhoneNumber(database.sql, workspaceId, sid)
  if (pending === null) throw new Error('the number is not stored')
  await keeper.intend(pending, null)
  await keeper.ask(pending)
  expect((await keeper.callerIds(workspaceId)).owned).not.toContain('+14155550142')
  await expect
    .poll(
      async () => {
        await loop.runOnce()
        return (await keeper.callerIds(workspaceId)).owned
      },
      { timeout: 20_000 },
    )
    .toContain('+14155550142')
})

test('each month of a bought number is charged once, and a number found at the carrier costs nothing', async () => {
  const wanted = await seen()
  await keeper.intend(wanted, null)
  await keeper.ask(wanted)
  await clock.advance(40 * 24 * 60 * 60 * 1000)
  await loop.runOnce()
  await loop.runOnce()
  expect(await readCredits(database.sql, workspaceId)).toEqual({ used: 100, held: 0 })
})
