import { expect, test } from 'vitest'
import { useOtpServer } from './otp-server.fixture.ts'

// The carrier takes the request and breaks the connection before it says so, and reports nothing by itself.
const server = useOtpServer({
  faults: { percent: { 'reset-after': 100, 'callbacks-lost': 100 } },
})

test('a send that ended unclear is found again by its body, is sent once, and leaves one code that counts', async () => {
  const { sql } = server.world.database
  const number = server.newNumber()
  const body = { number, message: 'Code {otp}', sms_send_options: 'text' }
  const first = (await server.send(body)).json().data.details
  const states = () => sql<{ state: string; carrier_sid: string | null }[]>`
    select state, carrier_sid from texts where to_number = ${number} order by id limit 10`
  await expect
    .poll(async () => (await states()).map((text) => text.carrier_sid !== null), { timeout: 60_000 })
    .toEqual([true])
  await server.world.clock.advance(31_000)
  const second = (await server.send(body)).json().data.details
  expect(second).toMatchObject({ otp: first.otp, otp_id: first.otp_id, expires_at: first.expires_at })
  await expect.poll(() => server.ledger().split(`Code ${first.otp}`).length - 1, { timeout: 60_000 }).toBe(2)
  const live = await sql`select from otp_codes where number = ${number} and closed_at is null`
  expect(live).toHaveLength(1)
  expect((await server.verify({ number, otp: first.otp })).json().data.verified).toBe(true)
  expect((await server.verify({ number, otp: first.otp })).json().data.verified).toBe(false)
}, 180_000)
