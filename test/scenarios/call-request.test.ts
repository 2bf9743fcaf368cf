/** A whole request: two people in two zones, the night in which one of them changes the clocks in between. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { startServer, type RunningServer } from '../../src/main.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../world.ts'

const password = 'demo-password'
/** Chicago changes to summer time in the night to the 14th, at 08:00 UTC. */
const start = '2027-03-13T10:00:00Z'
let database: TestDatabase
let server: RunningServer
let folder: string

beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'trunkline-request-'))
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    SECRET_KEY: 'a secret key that is only for this test',
    ADMIN_EMAIL: 'admin@x.test',
    ADMIN_PASSWORD: password,
    CLOCK_START: start,
    CARRIER_SPEED: '100',
    CARRIER_PROFILE: 'all-answer',
  })
  server = await startServer(config, silentLog)
}, 120_000)
afterAll(async () => {
  await server.stop()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(method: string, path: string, token: string | null, body?: object) {
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text
}
const json = async (...of: Parameters<typeof ask>) => JSON.parse(await ask(...of))
const logIn = async (username: string) =>
  String((await json('POST', '/api/token/', null, { username, password })).access)

test('three times proposed, countered, agreed, reminded, rung and joined: the same instant everywhere', async () => {
  const admin = await logIn('admin@x.test')
  const verified = { is_verified_email: true, is_verified_phone: true, is_verified_payment: true, password }
  const hero = await json('POST', '/api/users/', admin, {
    ...verified,
    email: 'tom@x.test',
    role: 'hero',
    first_name: 'Tom',
    phone: '+13125550142',
    timezone: 'America/Chicago',
  })
  await json('POST', '/api/users/', admin, {
    ...verified,
    email: 'some@x.test',
    role: 'caller',
    first_name: 'Some',
    phone: '+13125550143',
    timezone: 'Asia/Kathmandu',
  })
  const [tom, some] = [await logIn('tom@x.test'), await logIn('some@x.test')]
  const made = await json('POST', '/api/v1/call-requests/', some, {
    hero_id: hero.hero_id,
    message: 'About goats',
    estimated_length: 15,
  })
  const url = `/api/v1/call-requests/${made.id}/`
  await ask('PATCH', `${url}accept/`, tom, {
    time_one: '2027-03-14T13:00:00Z',
    time_two: '2027-03-14T14:00:00Z',
    time_three: '2027-03-14T15:00:00Z',
  })
  // 17:45 in Kathmandu; in Chicago the clocks were changed by then, so it is 07:00 there and not 06:00.
  await ask('PATCH', `${url}new-times/`, some, { time_one: '2027-03-14T17:45:00+05:45' })
  const agreed = await json('PATCH', `${url}agreed-time/`, tom, { agreed_time: '2027-03-14T07:00:00-05:00' })
  expect(agreed.agreed_time).toBe('2027-03-14T12:00:00.000000Z')

  const inKathmandu = '17:45 (Kathmandu, UTC+05:45)'
  const inChicago = '07:00 (Chicago, UTC-05:00)'
  const calendar = await ask('GET', `${url}calendar.ics`, some)
  expect(calendar).toContain('DTSTART:20270314T120000Z')
  const mails = (await json('GET', '/api/outbox/?page_size=100', admin)).results.filter(
    (mail: { subject: string }) => mail.subject.startsWith('Agreed'),
  )
  expect(mails.map((mail: { to: string; subject: string }) => [mail.to, mail.subject]).sort()).toEqual([
    ['some@x.test', `Agreed: Sun 14 Mar 2027, ${inKathmandu}`],
    ['tom@x.test', `Agreed: Sun 14 Mar 2027, ${inChicago}`],
  ])

  await server.clock.set(new Date('2027-03-14T11:45:00Z'))
  await eventually('both are reminded', async () => {
    const rows = await server.sql`select from texts where kind = 'reminder' limit 10`
    return rows.length === 2
  })
  const texts = await server.sql`select to_number, body from texts order by to_number limit 10`
  expect(texts).toEqual([
    {
      to_number: '+13125550142',
      body: `Your call with Some is at ${inChicago}, in 15 min. We ring you then.`,
    },
    {
      to_number: '+13125550143',
      body: `Your call with Tom is at ${inKathmandu}, in 15 min. We ring you then.`,
    },
  ])

  await server.clock.set(new Date('2027-03-14T12:00:00Z'))
  await eventually('the two are joined', async () => (await json('GET', url, some)).status === 's', 30_000)
  const held = await json('GET', url, tom)
  expect(held).toMatchObject({ status: 's', outcome: 'held', agreed_time: '2027-03-14T12:00:00.000000Z' })
  const calls = await server.sql`
    select to_number, started_at is not null as answered from calls
     where state <> 'not_placed' order by to_number limit 10`
  expect(calls).toEqual([
    { to_number: '+13125550142', answered: true },
    { to_number: '+13125550143', answered: true },
  ])
}, 90_000)
