import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { updateWorkspace } from '../accounts/workspace-store.ts'
import { arrayOf, transaction } from '../db/sql.ts'
import { clockStart, createRequestWorld, type RequestWorld } from './request-server.fixture.ts'

let world: RequestWorld

beforeAll(async () => {
  world = await createRequestWorld()
})
afterAll(() => world.close())

const caller = () => world.people.caller
const hero = () => world.people.hero

describe('cancelling', () => {
  test('the fourth accepted request within thirty days needs force, costs the fee, and keeps the request’s own reason', async () => {
    const { people, database, workspaceId } = world
    const settings = { cancellationFee: 500, cancellationLimit: 3 }
    await transaction(database.sql, (tx) => updateWorkspace(tx, workspaceId, { name: null, settings }))
    await database.sql`update call_requests set counts_as_cancellation = false`
    const { id: open } = await world.ask()
    // Open requests are not counted.
    expect((await world.act(caller(), open, 'cancel', { reason: 'No' })).statusCode).toBe(200)
    for (let turn = 0; turn < 3; turn += 1) {
      const id = await world.accepted(2010 + turn * 15)
      expect((await world.act(caller(), id, 'cancel', { reason: 'No' })).statusCode).toBe(200)
    }
    const fourth = await world.accepted(2100)
    for (const force of [undefined, null, false, 'false']) {
      const answer = await world.act(caller(), fourth, 'cancel', { reason: 'No', force })
      expect([answer.statusCode, answer.json().error]).toEqual([409, 'You have already canceled 3 times.'])
    }
    // The other party has a count of its own, and so has another month.
    expect((await world.act(hero(), await world.accepted(2115), 'cancel', { reason: 'No' })).statusCode).toBe(
      200,
    )
    const forced = await world.act(caller(), fourth, 'cancel', { reason: 'Pay', force: 'true' })
    expect(forced.json()).toMatchObject({ status: 'c', reason: '', cancel_reason: 'Pay' })
    const fees = await database.sql`select user_id, amount, currency, state from cancellation_fees`
    expect(fees).toEqual([{ user_id: people.caller.id, amount: 500, currency: 'usd', state: 'due' }])

    await world.clock.set(new Date(clockStart.getTime() + 31 * 24 * 60 * 60_000))
    const { id } = await world.ask()
    await world.act(hero(), id, 'accept', { time_one: world.at(31 * 24 * 60 + 60) })
    expect((await world.act(caller(), id, 'cancel', { reason: 'No' })).statusCode).toBe(200)
    await world.clock.set(clockStart)
  })
})

describe('reading', () => {
  test('a list has the own requests only, by status and role, in pages', async () => {
    const { as, people } = world
    const mine = (await as(people.agent, 'GET', '/api/v1/call-requests/')).json()
    expect(mine).toMatchObject({ count: 0, results: [] })
    const all = (await as(people.manager, 'GET', '/api/v1/call-requests/?page_size=2')).json()
    expect(all.results.length).toBe(2)
    expect(all.results[0].id).toBeGreaterThan(all.results[1].id)
    expect(all.next).toMatch(/^http.*page=2/)
    const open = (await as(caller(), 'GET', '/api/v1/call-requests/?status=o&role=user')).json()
    expect(open.results.every((one: { status: string }) => one.status === 'o')).toBe(true)
    expect((await as(caller(), 'GET', '/api/v1/call-requests/?role=hero')).json().count).toBe(0)
    expect((await as(hero(), 'GET', '/api/v1/call-requests/?role=hero')).json().count).toBe(all.count)
    expect((await as(hero(), 'GET', '/api/v1/call-requests/?page=999')).json()).toMatchObject({
      error: 'Invalid page.',
    })
    expect((await world.app.inject({ method: 'GET', url: '/api/v1/call-requests/' })).statusCode).toBe(403)
  })

  test('an agreed call is a calendar event at the same instant, and none before', async () => {
    const id = await world.accepted(3000)
    const url = `/api/v1/call-requests/${id}/calendar.ics`
    expect((await world.as(caller(), 'GET', url)).statusCode).toBe(404)
    await world.act(caller(), id, 'agreed-time', { agreed_time: world.at(3000) })
    const file = await world.as(caller(), 'GET', url)
    expect(file.headers['content-type']).toContain('text/calendar')
    expect(file.body).toContain('DTSTART:20270312T140000Z')
    expect(file.body).toContain('DTEND:20270312T141500Z')
    expect((await world.as(world.people.agent, 'GET', url)).statusCode).toBe(403)
  })

  test('the other party reads in the mail what was done, in both zones', async () => {
    const id = await world.agreed(4005)
    const outbox = (await world.as(world.people.admin, 'GET', '/api/outbox/?page_size=100')).json()
    const mine = outbox.results.filter((mail: { subject: string }) =>
      mail.subject.startsWith('Agreed: Sat 13'),
    )
    const mails: { to: string; body: string; calendar: string }[] = mine.sort(
      (a: { to: string }, b: { to: string }) => a.to.localeCompare(b.to),
    )
    expect(mails.map((mail) => mail.to)).toEqual(['caller@first.test', 'hero@first.test'])
    expect(mails[0]?.body).toContain('Sat 13 Mar 2027, 12:30 (Kathmandu, UTC+05:45)')
    expect(mails[0]?.calendar).toContain(`call-request-${world.workspaceId}-${id}@trunkline`)
    expect(mails[1]?.body).toMatch(/\/b\/[\w-]{50,}/)
  })
})

describe('a booking link', () => {
  test('is given to a party for its own side only, and for both sides to the office', async () => {
    const { id } = await world.ask()
    const url = `/api/v1/call-requests/${id}/booking-link/`
    expect((await world.as(caller(), 'POST', url, {})).json()).toMatchObject({
      user_url: expect.stringContaining('/b/'),
      hero_url: null,
    })
    expect((await world.as(hero(), 'POST', url, {})).json()).toMatchObject({
      user_url: null,
      hero_url: expect.stringContaining('/b/'),
    })
    const office = (await world.as(world.people.admin, 'POST', url, {})).json()
    expect(office.user_url).not.toBe(office.hero_url)
    expect((await world.as(world.people.agent, 'POST', url, {})).statusCode).toBe(403)
  })
})

test('of all who agree on overlapping times at once exactly one succeeds', async () => {
  const attempts = Number(process.env['AGREEMENTS'] ?? 20)
  const ids: number[] = []
  for (let turn = 0; turn < attempts; turn += 1) {
    const { id } = await world.ask({ estimated_length: 120 })
    const minutes = 6000 + (turn % 8) * 15
    await world.act(hero(), id, 'accept', { time_one: world.at(minutes) })
    ids.push(id)
  }
  const statuses = await Promise.all(
    ids.map(async (id, turn) => {
      const body = { agreed_time: world.at(6000 + (turn % 8) * 15) }
      let answer = await world.act(caller(), id, 'agreed-time', body)
      // A busy machine says "come back", and a client does.
      while (answer.statusCode === 503) answer = await world.act(caller(), id, 'agreed-time', body)
      return answer.statusCode
    }),
  )
  expect(statuses.filter((status) => status === 200).length).toBe(1)
  expect(statuses.filter((status) => status === 409).length).toBe(attempts - 1)
  const booked = await world.database.sql`
    select distinct request_id from call_request_bookings where request_id = any(${arrayOf(ids)}::bigint[])`
  expect(booked.length).toBe(1)
})
