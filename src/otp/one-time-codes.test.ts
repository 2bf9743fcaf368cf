import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, testSecretKey, type HttpWorld } from '../../test/http-world.ts'
import { transaction } from '../db/sql.ts'
import { createBodyHash } from '../messages/body-hash.ts'
import { createTextQueue } from '../messages/text-queue.ts'
import { createOneTimeCodes, type CodeName, type OneTimeCodes } from './one-time-codes.ts'
import { createOtpCodes, type OtpUse } from './otp-code.ts'

let world: HttpWorld
let oneTimeCodes: OneTimeCodes
const codes = createOtpCodes(testSecretKey)

beforeAll(async () => {
  world = await createHttpWorld()
  const { sql } = world.database
  const [account] = await sql<{ id: number }[]>`select id from carrier_accounts limit 1`
  const carrierAccountId = account?.id ?? 0
  oneTimeCodes = createOneTimeCodes({
    sql,
    clock: world.clock,
    carrierIsLive: false,
    carrierAccountId,
    callerIds: async () => ({ chosen: '+12025550100', owned: [], verified: [] }),
    queueText: createTextQueue({ carrierAccountId, hashBody: createBodyHash(testSecretKey) }),
    codes,
  })
})
afterAll(() => world.close())

async function send(use: OtpUse, number: string): Promise<{ id: string; code: string }> {
  const { workspaceId } = world
  const body = { number, message: 'Your code is {otp}', sms_send_options: 'text' }
  const prepared = await oneTimeCodes.prepareCode({ workspaceId, userId: use.holder, use }, body)
  const { otp } = await transaction(world.database.sql, (tx) => oneTimeCodes.sendCode(tx, prepared))
  return { id: otp.id, code: codes.codeOf(otp) }
}

async function verify(use: OtpUse, code: CodeName, given: string): Promise<boolean> {
  const { workspaceId } = world
  const asked = { workspaceId, use, code }
  const verdict = await transaction(world.database.sql, (tx) => oneTimeCodes.verifyCode(tx, asked, given))
  return verdict.verified
}

const program: OtpUse = { purpose: 'program', holder: null }

test('a code of one purpose or person is worth nothing for another, by its number and by its id', async () => {
  const mine: OtpUse = { purpose: 'phone', holder: world.people.caller.id }
  const hers: OtpUse = { purpose: 'phone', holder: world.people.hero.id }
  const number = '+12125550142'
  const { id, code } = await send(mine, number)
  for (const use of [program, hers]) {
    expect(await verify(use, { number }, code)).toBe(false)
    expect(await verify(use, { otp_id: id }, code)).toBe(false)
  }
  const route = (body: object) => world.as(world.people.manager, 'POST', '/api/system/verify/otp', body)
  expect((await route({ number, otp: code })).json().data.verified).toBe(false)
  expect((await route({ otp_id: id, otp: code })).json().data.verified).toBe(false)
  expect(await verify(mine, { number }, code)).toBe(true)
  expect(await verify(mine, { number }, code)).toBe(false)
})

test('two purposes of one number have a code each, and share the limits of the number', async () => {
  const number = '+12135550142'
  const mine: OtpUse = { purpose: 'phone', holder: world.people.caller.id }
  const first = await send(mine, number)
  await expect(send(program, number)).rejects.toMatchObject({ kind: 'too_many' })
  await world.clock.advance(31_000)
  const second = await send(program, number)
  expect(second.id).not.toBe(first.id)
  expect(await verify(program, { number }, second.code)).toBe(true)
  expect(await verify(mine, { otp_id: first.id }, first.code)).toBe(true)
})
