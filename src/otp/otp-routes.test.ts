import { expect, test } from 'vitest'
import { useOtpServer } from './otp-server.fixture.ts'

const server = useOtpServer()

test('50 parallel right answers give one success', async () => {
  const number = server.newNumber()
  const { otp } = (await server.send({ number, message: '{otp}', sms_send_options: 'text' })).json().data
    .details
  const answers = await Promise.all(Array.from({ length: 50 }, () => server.verify({ number, otp })))
  expect(answers.filter((one) => one.json().data.verified === true)).toHaveLength(1)
  expect(answers.every((one) => one.statusCode === 200)).toBe(true)
})

test('five wrong answers are the end of a code, and each says how many are left', async () => {
  const number = server.newNumber()
  const { otp, otp_id } = (await server.send({ number, message: '{otp}', sms_send_options: 'text' })).json()
    .data.details
  const left = []
  for (let index = 0; index < 5; index += 1)
    left.push((await server.verify({ otp_id, otp: 'wrong' })).json().data.attempts_left)
  expect(left).toEqual([4, 3, 2, 1, 0])
  expect((await server.verify({ otp_id, otp })).json().data).toEqual({ verified: false, attempts_left: 0 })
})

test('a code is worth nothing to another workspace, for another number, or after five minutes', async () => {
  const number = server.newNumber()
  const { otp, otp_id } = (await server.send({ number, message: '{otp}', sms_send_options: 'text' })).json()
    .data.details
  const nothing = { verified: false, attempts_left: 0 }
  const stranger = await server.world.as(server.world.strangers.manager, 'POST', '/api/system/verify/otp', {
    otp_id,
    otp,
  })
  expect(stranger.json().data).toEqual(nothing)
  expect((await server.verify({ number: server.newNumber(), otp })).json().data).toEqual(nothing)
  await server.world.clock.advance(5 * 60_000)
  expect((await server.verify({ otp_id, otp })).json().data).toEqual(nothing)
})

test('an answer hides the code when the workspace wants that', async () => {
  await server.settings({ otp_echo: false })
  const { details } = (
    await server.send({ number: server.newNumber(), message: 'Code {otp}', sms_send_options: 'text' })
  ).json().data
  expect(details).toMatchObject({ otp: null, message: 'Code {otp}' })
  await server.settings({ otp_echo: true })
})

test('what cannot be sent is refused with the reason, and no refusal repeats a code', async () => {
  const good = { number: server.newNumber(), message: 'Code {otp}', sms_send_options: 'text' }
  const cases: [change: object, param: string][] = [
    [{ number: '12' }, 'number'],
    [{ sms_send_options: 'pigeon' }, 'sms_send_options'],
    [{ sms_send_options: undefined }, 'sms_send_options'],
    [{ otp_options: 'mine' }, 'otp_options'],
    [{ otp_options: 'personnel' }, 'otp'],
    [{ otp_options: 'personnel', otp: 'secret-code-99' }, 'otp'],
    [{ otp_length: 3 }, 'otp_length'],
    [{ otp_length: '11' }, 'otp_length'],
  ]
  for (const [change, param] of cases) {
    const answer = await server.send({ ...good, ...change })
    expect(answer.json()).toMatchObject({ status: 400, param })
    expect(answer.body).not.toContain('secret-code-99')
  }
})

test('the log shows numbers masked, what became of each code, and no code', async () => {
  const answer = await server.world.as(server.world.people.manager, 'GET', '/api/system/otp/?page_size=100')
  const { otp_lists, pagination } = answer.json().data
  expect(pagination.total_items).toBe(otp_lists.length)
  expect(otp_lists[0].number).toContain('***')
  const statuses = otp_lists.map((one: { status: string }) => one.status)
  expect(statuses).toEqual(expect.arrayContaining(['verified', 'failed', 'expired']))
  const others = await server.world.as(server.world.strangers.manager, 'GET', '/api/system/otp/')
  const ids = otp_lists.map((one: { otp_id: string }) => one.otp_id)
  for (const one of others.json().data.otp_lists) expect(ids).not.toContain(one.otp_id)
})
