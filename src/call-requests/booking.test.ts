import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRequestWorld, type RequestWorld } from './request-server.fixture.ts'

let world: RequestWorld

beforeAll(async () => {
  world = await createRequestWorld()
})
afterAll(() => world.close())

/** The path of the page of one party. */
async function linkOf(id: number, side: 'user' | 'hero'): Promise<string> {
  const answer = await world.as(world.people.admin, 'POST', `/api/v1/call-requests/${id}/booking-link/`, {})
  return new URL(answer.json()[`${side}_url`]).pathname
}
const open = (url: string) => world.app.inject({ method: 'GET', url })
/** Sends a form as a browser without scripts does. */
const send = (url: string, fields: Record<string, string>) =>
  world.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  })
const statusOf = async (id: number) =>
  (await world.as(world.people.admin, 'GET', `/api/v1/call-requests/${id}/`)).json()

test('a hero accepts by a form in the own zone, and the user takes a time by a button, both without signing in', async () => {
  const { id } = await world.ask({ message: '<b>Goats</b>' })
  const [hero, user] = [await linkOf(id, 'hero'), await linkOf(id, 'user')]
  const asked = await open(hero)
  expect(asked.statusCode).toBe(200)
  expect(asked.headers['referrer-policy']).toBe('no-referrer')
  expect(asked.body).toContain('&lt;b&gt;Goats&lt;/b&gt;')
  expect(asked.body).not.toContain('<script')
  // 09:15 in Chicago is 15:15 UTC and 21:00 in Kathmandu.
  const accepted = await send(`${hero}/accept`, { time_one: '2027-03-10T09:15', zone: 'America/Chicago' })
  expect([accepted.statusCode, accepted.headers.location]).toEqual([
    303,
    `${hero}?done=accept&zone=America%2FChicago`,
  ])
  expect((await statusOf(id)).times[0].datetime_one).toBe('2027-03-10T15:15:00.000000Z')
  const page = (await open(user)).body
  expect(page).toContain('Wed 10 Mar 2027, 21:00 your time')
  expect(page).toContain('09:15 for Tom')
  const value = /name="agreed_time" value="([^"]+)"/.exec(page)?.[1] ?? ''
  expect((await send(`${user}/agree`, { agreed_time: value })).statusCode).toBe(303)
  expect(await statusOf(id)).toMatchObject({ agreed_time: '2027-03-10T15:15:00.000000Z' })
  const calendar = await open(`${user}/calendar.ics`)
  expect(calendar.body).toContain('DTSTART:20270310T151500Z')
  expect((await open(`${user}?zone=Europe/London`)).body).toContain('15:15 your time')
})

test('a refusal says why on the page, keeps its status, and changes nothing', async () => {
  const id = await world.accepted(600)
  const hero = await linkOf(id, 'hero')
  const own = await send(`${hero}/agree`, { agreed_time: world.at(600) })
  expect(own.statusCode).toBe(400)
  expect(own.body).toContain('User cannot accept his own time suggestions.')
  const early = await send(`${hero}/propose`, { time_one: '2027-03-10T06:07' })
  expect(early.body).toContain('quarter hour')
  const user = await linkOf(id, 'user')
  expect((await send(`${user}/decline`, { reason: 'No' })).statusCode).toBe(403)
  expect((await statusOf(id)).status).toBe('a')
})

test('decline and cancel work without scripts, with a reason', async () => {
  const { id } = await world.ask()
  const hero = await linkOf(id, 'hero')
  expect((await send(`${hero}/decline`, { reason: ' ' })).statusCode).toBe(400)
  expect((await send(`${hero}/decline`, { reason: 'Away' })).statusCode).toBe(303)
  expect(await statusOf(id)).toMatchObject({ status: 'd', reason: 'Away' })
  const other = await world.ask()
  const user = await linkOf(other.id, 'user')
  expect((await send(`${user}/cancel`, { reason: 'Changed my mind' })).statusCode).toBe(303)
  expect((await open(user)).body).toContain('Cancelled: Changed my mind')
})

test('a link that was changed or has expired opens nothing', async () => {
  const { id } = await world.ask()
  const link = await linkOf(id, 'hero')
  const changed = `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`
  for (const url of [changed, '/b/none', '/b/AAAA']) expect((await open(url)).statusCode).toBe(404)
  expect((await send(`${changed}/decline`, { reason: 'No' })).statusCode).toBe(404)
  const started = world.clock.now()
  await world.clock.set(new Date(started.getTime() + 31 * 24 * 60 * 60_000))
  expect((await open(link)).statusCode).toBe(404)
  await world.clock.set(started)
})
