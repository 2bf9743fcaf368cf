import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCarrier, type RunningCarrier } from '../../simulator/carrier.ts'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../config.ts'

let world: HttpWorld
let phones: RunningCarrier
const folder = mkdtempSync(join(tmpdir(), 'otp-'))
const ledgerPath = join(folder, 'ledger.jsonl')
const logged: string[] = []

beforeAll(async () => {
  phones = await startCarrier({
    port: 0,
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    ledgerPath,
    seed: 1,
    speed: 100,
    profile: 'all-answer',
  })
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })
  world = await createHttpWorld({ carrierUrl: phones.url, dialing: true, log })
})
afterAll(async () => {
  await world.close()
  await phones.close()
  rmSync(folder, { recursive: true, force: true })
})

const send = (payload: unknown, path = '/api/system/send/otp') =>
  world.as(world.people.manager, 'POST', path, payload)
const verify = (payload: unknown) => world.as(world.people.manager, 'POST', '/api/system/verify/otp', payload)
const settings = (change: unknown) => world.as(world.people.admin, 'PATCH', '/api/settings/', change)

let last = 0
/** A number of a prefix of its own. */
function newNumber(): string {
  last += 1
  return `+1212${String(200 + last)}0100`
}

function ledger(): string {
  return readFileSync(ledgerPath, 'utf8')
}

/** Every row of every table, as PostgreSQL writes it. */
async function everyRow(): Promise<string> {
  const { sql } = world.database
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') limit 1000`
  const rows: string[] = []
  for (const { name } of tables)
    for (const { row } of await sql<{ row: string }[]>`select t::text as row from ${sql(name)} t`)
      rows.push(row)
  return rows.join('\n')
}

async function waiting(number: string): Promise<number> {
  const { sql } = world.database
  const [row] = await sql<{ count: number }[]>`
    select (select count(*)::int from texts where to_number = ${number})
         + (select count(*)::int from calls where to_number = ${number}) as count`
  return row?.count ?? 0
}

test('the samples of the document are sent as they are printed, in JSON and multipart, with and without slash', async () => {
  const custom = {
    number: '9851023212',
    message: 'Hi your OTP is {otp}',
    sms_send_options: 'text',
    otp_options: 'personnel',
    otp: '12345',
  }
  const first = await send(custom)
  expect(first.statusCode).toBe(200)
  expect(first.json()).toMatchObject({
    message: 'OTP Sent Successfully.',
    data: {
      details: {
        number: '9851023212',
        otp_options: 'personnel',
        message: 'Hi your OTP is 12345',
        otp: '12345',
        sms_send_options: 'text',
        otp_id: expect.any(String),
        expires_at: expect.any(String),
      },
    },
  })
  const token = await world.tokenOf('manager@first.test')
  const fields = {
    ...custom,
    number: '9851033212',
    sms_send_options: 'voice',
    otp_options: 'generated',
    otp_length: '4',
  }
  const payload = Object.entries(fields)
    .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')
  const multipart = await world.app.inject({
    method: 'POST',
    url: '/api/system/send/otp/',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=x' },
    payload: `${payload}--x--\r\n`,
  })
  expect(multipart.json().data.details.otp).toMatch(/^\d{4}$/)
  const spaced = [...multipart.json().data.details.otp].join(' ')
  await expect.poll(ledger, { timeout: 15_000 }).toContain(`Hi your OTP is ${spaced}. ${spaced}.`)
})

test('50 parallel right answers give one success', async () => {
  const number = newNumber()
  const { otp } = (await send({ number, message: '{otp}', sms_send_options: 'text' })).json().data.details
  const answers = await Promise.all(Array.from({ length: 50 }, () => verify({ number, otp })))
  expect(answers.filter((one) => one.json().data.verified === true)).toHaveLength(1)
  expect(answers.every((one) => one.statusCode === 200)).toBe(true)
})

test('five wrong answers are the end of a code, and each says how many are left', async () => {
  const number = newNumber()
  const { otp, otp_id } = (await send({ number, message: '{otp}', sms_send_options: 'text' })).json().data
    .details
  const left = []
  for (let index = 0; index < 5; index += 1)
    left.push((await verify({ otp_id, otp: 'wrong' })).json().data.attempts_left)
  expect(left).toEqual([4, 3, 2, 1, 0])
  expect((await verify({ otp_id, otp })).json().data).toEqual({ verified: false, attempts_left: 0 })
})

test('a code is worth nothing to another workspace, for another number, or after five minutes', async () => {
  const number = newNumber()
  const { otp, otp_id } = (await send({ number, message: '{otp}', sms_send_options: 'text' })).json().data
    .details
  const nothing = { verified: false, attempts_left: 0 }
  const stranger = await world.as(world.strangers.manager, 'POST', '/api/system/verify/otp', { otp_id, otp })
  expect(stranger.json().data).toEqual(nothing)
  expect((await verify({ number: newNumber(), otp })).json().data).toEqual(nothing)
  await world.clock.advance(5 * 60_000)
  expect((await verify({ otp_id, otp })).json().data).toEqual(nothing)
})

test('one number: the same code again after 30 seconds, five in ten minutes, and nothing is sent beyond that', async () => {
  const number = newNumber()
  const sent = () => send({ number, message: 'Code {otp}', sms_send_options: 'text' })
  const parallel = await Promise.all(Array.from({ length: 10 }, sent))
  expect(parallel.filter((one) => one.statusCode === 200)).toHaveLength(1)
  const refused = parallel.find((one) => one.statusCode === 429)
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0)
  const first = parallel.find((one) => one.statusCode === 200)?.json().data.details
  for (let index = 0; index < 4; index += 1) {
    await world.clock.advance(31_000)
    const again = await sent()
    expect(again.json().data.details).toMatchObject({ otp: first.otp, otp_id: first.otp_id })
  }
  await world.clock.advance(31_000)
  expect((await sent()).statusCode).toBe(429)
  expect(await waiting(number)).toBe(5)
  await world.clock.advance(10 * 60_000)
  const later = await sent()
  expect(later.json().data.details.otp_id).not.toBe(first.otp_id)
})

test('one prefix: ten in an hour, except magic numbers', async () => {
  const base = newNumber().slice(0, -4)
  const statuses = []
  for (let index = 0; index < 11; index += 1) {
    const number = `${base}${String(1000 + index)}`
    statuses.push((await send({ number, message: '{otp}', sms_send_options: 'text' })).statusCode)
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429])
  for (let index = 30; index < 42; index += 1) {
    const magic = await send({ number: `+120255501${index}`, message: '{otp}', sms_send_options: 'text' })
    expect(magic.statusCode).toBe(200)
  }
})

test('the workspace: as many a day as it chose, and only to countries it opened', async () => {
  const [row] = await world.database.sql<{ sends: number }[]>`select max(sends)::int as sends from otp_days`
  await settings({ otp_per_day: (row?.sends ?? 0) + 1, otp_countries: ['US'] })
  const abroad = await send({ number: '+447700900123', message: '{otp}', sms_send_options: 'text' })
  expect(abroad.json()).toMatchObject({ status: 400, code: 'country_closed', param: 'number' })
  expect((await send({ number: newNumber(), message: '{otp}', sms_send_options: 'text' })).statusCode).toBe(
    200,
  )
  const beyond = newNumber()
  expect((await send({ number: beyond, message: '{otp}', sms_send_options: 'text' })).statusCode).toBe(429)
  expect(await waiting(beyond)).toBe(0)
  await settings({ otp_per_day: null, otp_countries: null })
})

test('a prefix whose codes nobody verifies any more is held back', async () => {
  const { sql } = world.database
  const number = newNumber()
  const prefix = number.slice(0, -4)
  const at = new Date(world.clock.now().getTime() - 3 * 60 * 60_000)
  await sql`
    with made as (
      insert into otp_codes (workspace_id, id, purpose, number, kind, length, channel, template,
                             created_at, sent_at, expires_at, closed_at)
      select ${world.workspaceId}, gen_random_uuid(), 'program', ${prefix} || lpad(n::text, 4, '0'), 'generated', 6, 'text', '{otp}',
             ${at}, ${at}, ${at}, ${at}
        from generate_series(1, 50) n
      returning id, number
    )
    insert into otp_sends (workspace_id, otp_id, number, prefix, at)
    select ${world.workspaceId}, id, number, ${prefix}, ${at} from made`
  const held = await send({ number, message: '{otp}', sms_send_options: 'text' })
  expect(held.json()).toMatchObject({ status: 429, code: 'otp_breaker' })
  expect(await waiting(number)).toBe(0)
})

test('codes, texts and calls are held for when they are asked for, and refused beyond the limit with nothing sent', async () => {
  const { admin, manager } = world.strangers
  await world.as(admin, 'PATCH', '/api/settings/', { credit_limit: 4 })
  const numbers = Array.from({ length: 24 }, newNumber)
  const answers = await Promise.all(
    numbers.map((number, index) => {
      const code = { number, message: 'Code {otp}', sms_send_options: index < 8 ? 'text' : 'voice' }
      if (index < 16) return world.as(manager, 'POST', '/api/system/send/otp/', code)
      const path = index < 20 ? '/api/messages/' : '/api/calls/'
      return world.as(manager, 'POST', path, { to_number: number, message: 'Hello.' })
    }),
  )
  expect(answers.filter((one) => one.statusCode < 300)).toHaveLength(4)
  for (const [index, answer] of answers.entries()) {
    if (answer.statusCode < 300) continue
    expect(answer.json()).toMatchObject({ status: 409, code: 'no_credit' })
    expect(await waiting(numbers[index] ?? '')).toBe(0)
  }
  const credits = async () => (await world.as(manager, 'GET', '/api/system/credits/')).json().data
  await expect.poll(credits, { timeout: 60_000 }).toMatchObject({ used: 4, on_hold: 0, available: 0 })
  await world.as(admin, 'PATCH', '/api/settings/', { credit_limit: null })
}, 90_000)

test('an answer hides the code when the workspace wants that', async () => {
  await settings({ otp_echo: false })
  const { details } = (
    await send({ number: newNumber(), message: 'Code {otp}', sms_send_options: 'text' })
  ).json().data
  expect(details).toMatchObject({ otp: null, message: 'Code {otp}' })
  await settings({ otp_echo: true })
})

test('what cannot be sent is refused with the reason, and no refusal repeats a code', async () => {
  const good = { number: newNumber(), message: 'Code {otp}', sms_send_options: 'text' }
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
    const answer = await send({ ...good, ...change })
    expect(answer.json()).toMatchObject({ status: 400, param })
    expect(answer.body).not.toContain('secret-code-99')
  }
})

test('codes are nowhere in the database or the logs, idempotency records included, and a repeated request tells them again', async () => {
  const token = await world.tokenOf('manager@first.test')
  const found: string[] = []
  const given = { otp_options: 'personnel' }
  for (const [index, options] of [
    { ...given, otp: '8305716294', message: 'Hi, 8305716294 is yours', sms_send_options: 'text' },
    { ...given, otp: 'Kq8305Zw16', message: 'Code {otp}', sms_send_options: 'voice' },
    { otp_options: 'generated', otp_length: 10, message: 'Code', sms_send_options: 'text' },
    { otp_options: 'generated', otp_length: 10, message: 'Code', sms_send_options: 'voice' },
  ].entries()) {
    const request = () =>
      world.app.inject({
        method: 'POST',
        url: '/api/system/send/otp/',
        headers: { authorization: `Bearer ${token}`, 'idempotency-key': `canary-${index}` },
        payload: { number, ...options },
      })
    const number = newNumber()
    const first = await request()
    const { otp, otp_id } = first.json().data.details
    found.push(otp)
    const again = await request()
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.json()).toEqual(first.json())
    expect(await waiting(number)).toBe(1)
    const said = options.sms_send_options === 'voice' ? [...otp].join(' ') : ''
    await expect.poll(ledger, { timeout: 20_000 }).toContain(said)
    expect((await verify({ otp_id, otp })).json().data.verified).toBe(true)
  }
  const dump = await everyRow()
  expect(dump).toContain(world.people.manager.email)
  expect(dump).toContain('Hi, {otp} is yours')
  const log = logged.join('')
  for (const otp of found) {
    const bytes = Buffer.from(otp)
    for (const form of [otp, [...otp].join(' '), bytes.toString('base64'), bytes.toString('hex')]) {
      expect(dump).not.toContain(form)
      expect(log).not.toContain(form)
    }
  }
})

test('the log shows numbers masked, what became of each code, and no code', async () => {
  const answer = await world.as(world.people.manager, 'GET', '/api/system/otp/?page_size=100')
  const { otp_lists, pagination } = answer.json().data
  expect(pagination.total_items).toBeGreaterThan(10)
  expect(otp_lists[0].number).toContain('***')
  const statuses = otp_lists.map((one: { status: string }) => one.status)
  expect(statuses).toEqual(expect.arrayContaining(['verified', 'failed', 'expired']))
  const others = await world.as(world.strangers.manager, 'GET', '/api/system/otp/')
  const ids = otp_lists.map((one: { otp_id: string }) => one.otp_id)
  for (const one of others.json().data.otp_lists) expect(ids).not.toContain(one.otp_id)
})
