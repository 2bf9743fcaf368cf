import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { dumpTables } from '../db/dump.ts'
import { useOtpServer } from './otp-server.fixture.ts'

const server = useOtpServer()

async function dump(): Promise<string> {
  const chunks: Buffer[] = []
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  expect(await dumpTables(server.world.database.sql, out)).toBeGreaterThan(30)
  return Buffer.concat(chunks).toString('utf8')
}

const personnel = { otp_options: 'personnel' }
/** Distinct enough that none of them comes up by chance in a dump of a few hundred kilobytes. */
const canaries = [
  { ...personnel, otp: '8305716294', message: 'Hi, 8305716294 is yours', sms_send_options: 'text' },
  { ...personnel, otp: 'Kq8305Zw16', message: 'Code {otp}', sms_send_options: 'voice' },
  { otp_options: 'generated', otp_length: 10, message: 'Code', sms_send_options: 'text' },
  { otp_options: 'generated', otp_length: 10, message: 'Code {otp} {otp}', sms_send_options: 'voice' },
]

test('codes are nowhere in the database or the logs, idempotency records included, and a repeated request tells them again', async () => {
  const { world } = server
  const token = await world.tokenOf('manager@first.test')
  const post = (path: string, key: string, payload: object) =>
    world.app.inject({
      method: 'POST',
      url: `/api/system/${path}/otp/`,
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
      payload,
    })
  const codes: string[] = []
  for (const [index, options] of canaries.entries()) {
    const number = server.newNumber()
    const first = await post('send', `canary-${index}`, { number, ...options })
    const { otp, otp_id } = first.json().data.details
    codes.push(otp)
    const again = await post('send', `canary-${index}`, { number, ...options })
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.json()).toEqual(first.json())
    expect(await server.countTo(number)).toBe(1)
    const said = options.sms_send_options === 'voice' ? [...otp].join(' ') : otp
    await expect.poll(server.ledger, { timeout: 20_000 }).toContain(said)
    // A refused try and the right one are both remembered by their keys.
    await post('verify', `wrong-${index}`, { otp_id, otp: `${otp}0` })
    expect((await post('verify', `right-${index}`, { otp_id, otp })).json().data.verified).toBe(true)
  }
  const [stored, log] = [await dump(), server.logged()]
  expect(stored).toContain(world.people.manager.email)
  expect(stored).toContain('Hi, {otp} is yours')
  expect(log).toContain('worker ready')
  for (const code of codes)
    for (const form of formsOf(code)) {
      expect(stored).not.toContain(form)
      expect(log).not.toContain(form)
    }
})

/** As it is, as it is spoken, and as bytes are written: hexadecimal is how a dump shows them. */
function formsOf(code: string): string[] {
  const bytes = Buffer.from(code)
  return [code, [...code].join(' '), bytes.toString('base64').replaceAll('=', ''), bytes.toString('hex')]
}

test('a dump shows what is stored: the same search finds a text that is no code', async () => {
  const number = server.newNumber()
  const { manager } = server.world.people
  const message = 'The door is open until 4938170265'
  await server.world.as(manager, 'POST', '/api/messages/', { to_number: number, message })
  expect(await dump()).toContain('4938170265')
})
