/** The sample requests of the document, as they are printed, in every form of a body and with either slash. */
import type { LightMyRequestResponse } from 'fastify'
import { expect, test } from 'vitest'
import { useOtpServer } from './otp-server.fixture.ts'

const server = useOtpServer()

const customized = {
  number: '9851023212',
  message: 'Hi your OTP is {otp}',
  sms_send_options: 'text',
  otp_options: 'personnel',
  otp: '12345',
}
const generated = {
  number: '9851023212',
  message: 'Hi your OTP is {otp}',
  sms_send_options: 'voice',
  otp_options: 'generated',
  otp_length: '4',
}

type Body = { type: string; write: (sample: Record<string, string>) => string }
const bodies: Body[] = [
  { type: 'application/json', write: (sample) => JSON.stringify(sample) },
  {
    type: 'application/x-www-form-urlencoded',
    write: (sample) => new URLSearchParams(sample).toString(),
  },
  {
    type: 'multipart/form-data; boundary=x',
    write: (sample) =>
      `${Object.entries(sample)
        .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
        .join('')}--x--\r\n`,
  },
]
const ways = bodies.flatMap((body) => ['', '/'].map((slash) => ({ ...body, slash })))

/** One of the document's numbers takes a code every 30 seconds, five in ten minutes; time moves on between. */
async function post(
  path: string,
  { type, write, slash }: Body & { slash: string },
  sample: Record<string, string>,
): Promise<LightMyRequestResponse> {
  const token = await server.world.tokenOf('manager@first.test')
  return server.world.app.inject({
    method: 'POST',
    url: `/api/system/${path}/otp${slash}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    payload: write(sample),
  })
}

test.each(ways)('a customized code is sent and verified: $type, slash "$slash"', async (way) => {
  await server.world.clock.advance(11 * 60_000)
  const sent = await post('send', way, customized)
  expect(sent.statusCode).toBe(200)
  expect(sent.json()).toMatchObject({
    status: 200,
    success: true,
    message: 'OTP Sent Successfully.',
    data: {
      details: {
        number: '9851023212',
        otp_options: 'personnel',
        message: 'Hi your OTP is 12345',
        otp: '12345',
        sms_send_options: 'text',
        otp_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        expires_at: expect.stringMatching(/Z$/),
      },
    },
  })
  await expect.poll(server.ledger, { timeout: 20_000 }).toContain('Hi your OTP is 12345')
  const verified = await post('verify', way, { number: '9851023212', otp: '12345' })
  expect(verified.json()).toMatchObject({ status: 200, data: { verified: true, attempts_left: 0 } })
})

test.each(ways)(
  'a generated code of four digits is sent and verified: $type, slash "$slash"',
  async (way) => {
    await server.world.clock.advance(11 * 60_000)
    const { details } = (await post('send', way, generated)).json().data
    expect(details).toMatchObject({
      number: '9851023212',
      otp_options: 'generated',
      message: `Hi your OTP is ${details.otp}`,
      otp: expect.stringMatching(/^\d{4}$/),
      sms_send_options: 'voice',
    })
    const verified = await post('verify', way, { otp_id: details.otp_id, otp: details.otp })
    expect(verified.json().data).toEqual({ verified: true, attempts_left: 0 })
  },
)

test('a generated code is spoken digit by digit, twice', async () => {
  await server.world.clock.advance(11 * 60_000)
  const { details } = (await server.send({ ...generated, number: '9851053212' })).json().data
  const spaced = [...details.otp].join(' ')
  await expect.poll(server.ledger, { timeout: 20_000 }).toContain(`Hi your OTP is ${spaced}. ${spaced}.`)
})

test('the other name of the member, a message without a place for the code, and no choice of options', async () => {
  const number = 9_851_043_212
  const answer = await server.send({ number, message: 'Hi Your OTP is', sms_send_option: 'TEXT' })
  const { details } = answer.json().data
  expect(details).toMatchObject({ number, otp_options: 'generated', otp: expect.stringMatching(/^\d{6}$/) })
  expect(details.message).toBe(`Hi Your OTP is ${details.otp}`)
})
