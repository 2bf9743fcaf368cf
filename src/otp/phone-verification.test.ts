import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, testSecretKey, type HttpWorld } from '../../test/http-world.ts'
import { createOtpCodes } from './otp-code.ts'

let world: HttpWorld
const codes = createOtpCodes(testSecretKey)

beforeAll(async () => {
  world = await createHttpWorld()
})
afterAll(() => world.close())

const url = '/api/accounts/verify-phone/'
const caller = () => world.people.caller
const ask = (body: object = {}) => world.as(caller(), 'POST', url, body)
const confirm = (otp: string) => world.as(caller(), 'POST', `${url}confirm/`, { otp })
const setPhone = (phone: string) => world.as(caller(), 'PATCH', '/api/accounts/user_details/', { phone })
const isVerified = async () => {
  const answer = await world.as(caller(), 'GET', '/api/accounts/user_details/')
  return answer.json().data.user_details.is_verified_phone
}

/** The code that was sent last, as only the server can know it. */
async function sentCode(): Promise<{ id: string; code: string }> {
  const [row] = await world.database.sql<
    { id: string; kind: 'generated'; length: number; sealed: null; number: string }[]
  >`select * from otp_codes where purpose = 'phone' order by id desc limit 1`
  if (row === undefined) throw new Error('no code was sent')
  return { id: row.id, code: codes.codeOf(row) }
}

test('without a phone, or with a channel that does not exist, nothing is sent, and the answer says what to do', async () => {
  const none = await ask()
  expect(none.statusCode).toBe(400)
  expect(none.json()).toMatchObject({ param: 'phone', code: 'missing_field' })
  await setPhone('+12125550142')
  expect((await ask({ channel: 'pigeon' })).json()).toMatchObject({
    param: 'channel',
    error: 'channel must be text or voice; "pigeon" is not.',
  })
})

test('a code that is texted proves the phone, once, and is never in an answer', async () => {
  const sent = await ask({ channel: 'text' })
  expect(sent.statusCode).toBe(202)
  const { code } = await sentCode()
  expect(sent.body).not.toContain(code)
  const [text] = await world.database.sql`
    select to_number from texts where kind = 'otp' order by id desc limit 1`
  expect(text).toEqual({ to_number: '+12125550142' })
  const wrong = await confirm(code === '000000' ? '000001' : '000000')
  expect(wrong.statusCode).toBe(400)
  expect(wrong.json()).toMatchObject({ code: 'wrong_code', param: 'otp' })
  expect(wrong.json().error).toContain('Tries left: 4.')
  expect(await isVerified()).toBe(false)
  const right = await confirm(code)
  expect(right.statusCode).toBe(200)
  expect(right.json().data.user_details.is_verified_phone).toBe(true)
  expect((await confirm(code)).statusCode).toBe(400)
})

test('a code said to one phone proves no other, and a new phone is not proven', async () => {
  await setPhone('+12125550143')
  expect(await isVerified()).toBe(false)
  expect((await ask({ channel: 'voice' })).statusCode).toBe(202)
  const [call] = await world.database.sql`select to_number from calls where otp_id is not null limit 2`
  expect(call).toEqual({ to_number: '+12125550143' })
  const { code } = await sentCode()
  await setPhone('+12125550144')
  expect((await confirm(code)).statusCode).toBe(400)
  await setPhone('+12125550143')
  expect((await confirm(code)).statusCode).toBe(200)
})

test('one person is not sent codes without end', async () => {
  await setPhone('+12125550145')
  expect((await ask()).statusCode).toBe(202)
  const again = await ask()
  expect(again.statusCode).toBe(429)
  expect(Number(again.headers['retry-after'])).toBeGreaterThan(0)
})
