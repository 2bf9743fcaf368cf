import { expect, test } from 'vitest'
import { useOtpServer } from './otp-server.fixture.ts'

const server = useOtpServer()

test('one number: the same code again after 30 seconds, five in ten minutes, and nothing is sent beyond that', async () => {
  const number = server.newNumber()
  const sent = () => server.send({ number, message: 'Code {otp}', sms_send_options: 'text' })
  const parallel = await Promise.all(Array.from({ length: 10 }, sent))
  expect(parallel.filter((one) => one.statusCode === 200)).toHaveLength(1)
  const refused = parallel.find((one) => one.statusCode === 429)
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0)
  const first = parallel.find((one) => one.statusCode === 200)?.json().data.details
  for (let index = 0; index < 4; index += 1) {
    await server.world.clock.advance(31_000)
    const again = await sent()
    expect(again.json().data.details).toMatchObject({ otp: first.otp, otp_id: first.otp_id })
  }
  await server.world.clock.advance(31_000)
  expect((await sent()).statusCode).toBe(429)
  expect(await server.countTo(number)).toBe(5)
  await server.world.clock.advance(10 * 60_000)
  const later = await sent()
  expect(later.json().data.details.otp_id).not.toBe(first.otp_id)
})

test('one prefix: ten in an hour, except magic numbers', async () => {
  const base = server.newNumber().slice(0, -4)
  const statuses = []
  for (let index = 0; index < 11; index += 1) {
    const number = `${base}${String(1000 + index)}`
    statuses.push((await server.send({ number, message: '{otp}', sms_send_options: 'text' })).statusCode)
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429])
  for (let index = 30; index < 42; index += 1) {
    const magic = await server.send({
      number: `+120255501${index}`,
      message: '{otp}',
      sms_send_options: 'text',
    })
    expect(magic.statusCode).toBe(200)
  }
})

test('the workspace: as many a day as it chose, and only to countries it opened', async () => {
  const [row] = await server.world.database.sql<
    { sends: number }[]
  >`select max(sends)::int as sends from otp_days`
  await server.settings({ otp_per_day: (row?.sends ?? 0) + 1, otp_countries: ['US'] })
  const abroad = await server.send({ number: '+447700900123', message: '{otp}', sms_send_options: 'text' })
  expect(abroad.json()).toMatchObject({ status: 400, code: 'country_closed', param: 'number' })
  expect(
    (await server.send({ number: server.newNumber(), message: '{otp}', sms_send_options: 'text' }))
      .statusCode,
  ).toBe(200)
  const beyond = server.newNumber()
  expect((await server.send({ number: beyond, message: '{otp}', sms_send_options: 'text' })).statusCode).toBe(
    429,
  )
  expect(await server.countTo(beyond)).toBe(0)
  await server.settings({ otp_per_day: null, otp_countries: null })
})

test('a prefix whose codes nobody verifies any more is held back', async () => {
  // Only where codes are verified at all does it say something that these were not.
  const other = server.newNumber()
  const { otp } = (await server.send({ number: other, message: '{otp}', sms_send_options: 'text' })).json()
    .data.details
  await server.verify({ number: other, otp })
  const { sql } = server.world.database
  const number = server.newNumber()
  const prefix = number.slice(0, -4)
  const at = new Date(server.world.clock.now().getTime() - 3 * 60 * 60_000)
  await sql`
    with made as (
      insert into otp_codes (workspace_id, id, purpose, number, kind, length, channel, template,
                             created_at, sent_at, expires_at, closed_at)
      select ${server.world.workspaceId}, gen_random_uuid(), 'program', ${prefix} || lpad(n::text, 4, '0'), 'generated', 6, 'text', '{otp}',
             ${at}, ${at}, ${at}, ${at}
        from generate_series(1, 50) n
      returning id, number
    )
    insert into otp_sends (workspace_id, otp_id, number, prefix, at)
    select ${server.world.workspaceId}, id, number, ${prefix}, ${at} from made`
  const held = await server.send({ number, message: '{otp}', sms_send_options: 'text' })
  expect(held.json()).toMatchObject({ status: 429, code: 'otp_breaker' })
  expect(await server.countTo(number)).toBe(0)
})

test('codes, texts and calls are held for when they are asked for, and refused beyond the limit with nothing sent', async () => {
  const { admin, manager } = server.world.strangers
  await server.world.as(admin, 'PATCH', '/api/settings/', { credit_limit: 4 })
  const numbers = Array.from({ length: 24 }, server.newNumber)
  const answers = await Promise.all(
    numbers.map((number, index) => {
      const code = { number, message: 'Code {otp}', sms_send_options: index < 8 ? 'text' : 'voice' }
      if (index < 16) return server.world.as(manager, 'POST', '/api/system/send/otp/', code)
      const path = index < 20 ? '/api/messages/' : '/api/calls/'
      return server.world.as(manager, 'POST', path, { to_number: number, message: 'Hello.' })
    }),
  )
  expect(answers.filter((one) => one.statusCode < 300)).toHaveLength(4)
  for (const [index, answer] of answers.entries()) {
    if (answer.statusCode < 300) continue
    expect(answer.json()).toMatchObject({ status: 409, code: 'no_credit' })
    expect(await server.countTo(numbers[index] ?? '')).toBe(0)
  }
  const credits = async () => (await server.world.as(manager, 'GET', '/api/system/credits/')).json().data
  await expect.poll(credits, { timeout: 60_000 }).toMatchObject({ used: 4, on_hold: 0, available: 0 })
  await server.world.as(admin, 'PATCH', '/api/settings/', { credit_limit: null })
}, 90_000)
