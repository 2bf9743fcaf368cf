/** The samples of the call request documents, with their times moved to valid quarter hours ahead of the clock. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRequestWorld, type RequestWorld } from './request-server.fixture.ts'

let world: RequestWorld

beforeAll(async () => {
  world = await createRequestWorld()
})
afterAll(() => world.close())

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
/** Members of ours beside those of the documents. */
const ours = { cancel_reason: null, cancelled_by: null, call_id: null, outcome: null }
const sample = (id: number, members: object = {}) => ({
  id,
  user: world.people.caller.id,
  hero: world.people.hero.heroId,
  message: 'This is a general summary or reason for the call',
  estimated_length: 15,
  status: 'o',
  reason: '',
  times: [],
  agreed_time: null,
  created: instant,
  updated: instant,
  ...ours,
  ...members,
})
const proposal = (who: 'hero' | 'caller', times: (string | null)[]) => ({
  user: {
    id: world.people[who].id,
    first_name: who === 'hero' ? 'Tom' : 'Some',
    last_name: who === 'hero' ? 'Brady' : 'User',
    profile_image: null,
    timezone: who === 'hero' ? 'America/Chicago' : 'Asia/Kathmandu',
    created: instant,
  },
  datetime_one: times[0],
  datetime_two: times[1],
  datetime_three: times[2],
  timestamp: instant,
})
const three = (one: string, two: string, third: string) => ({
  time_one: one,
  time_two: two,
  time_three: third,
})

test('create, accept, suggest new times, accept a time, list, detail and cancel answer as documented', async () => {
  const { people, at, act, as } = world
  const made = await world.ask()
  expect(made).toEqual(sample(made.id))

  const first = [at(60), at(90), at(120)] as const
  const accepted = await act(people.hero, made.id, 'accept', three(...first))
  expect(accepted.statusCode).toBe(200)
  const heroTimes = proposal('hero', [...first])
  expect(accepted.json()).toEqual(sample(made.id, { status: 'a', times: [heroTimes] }))

  const second = [at(180), at(210), at(240)] as const
  const countered = await act(people.caller, made.id, 'new-times', three(...second))
  expect(countered.statusCode).toBe(200)
  const both = [heroTimes, proposal('caller', [...second])]
  expect(countered.json()).toEqual(sample(made.id, { status: 'a', times: both }))

  const agreed = await act(people.hero, made.id, 'agreed-time', { agreed_time: at(180) })
  expect(agreed.statusCode).toBe(200)
  const standing = sample(made.id, { status: 'a', times: both, agreed_time: at(180) })
  expect(agreed.json()).toEqual(standing)

  const list = await as(people.caller, 'GET', '/api/v1/call-requests/')
  expect(list.json()).toEqual({ count: 1, next: null, previous: null, results: [standing] })
  const detail = await as(people.hero, 'GET', `/api/v1/call-requests/${made.id}`)
  expect(detail.json()).toEqual(standing)

  const reason = 'I have to cancel because I have better things to do.'
  const cancelled = await act(people.caller, made.id, 'cancel', { reason, force: true })
  expect(cancelled.statusCode).toBe(200)
  expect(cancelled.json()).toEqual({
    ...standing,
    status: 'c',
    reason: '',
    cancel_reason: reason,
    cancelled_by: people.caller.id,
  })
})

test('decline answers as documented', async () => {
  const made = await world.ask()
  const reason = 'Not comfortable talking about this subject.'
  const declined = await world.act(world.people.hero, made.id, 'decline', { reason })
  expect(declined.statusCode).toBe(200)
  expect(declined.json()).toEqual(sample(made.id, { status: 'd', reason }))
})

test('a raw token, a path without its slash and a form are understood as the documents’ clients send them', async () => {
  const token = await world.tokenOf('caller@first.test')
  const answer = await world.app.inject({
    method: 'POST',
    url: '/api/v1/call-requests',
    headers: { authorization: token, 'content-type': 'application/x-www-form-urlencoded' },
    payload: `hero_id=${world.people.hero.heroId}&message=Hello&estimated_length=45`,
  })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({ estimated_length: 45, status: 'o', message: 'Hello' })
})

test('a body with a trailing comma is 400, as the sample of accept is printed', async () => {
  const made = await world.ask()
  const answer = await world.app.inject({
    method: 'PATCH',
    url: `/api/v1/call-requests/${made.id}/accept/`,
    headers: { authorization: await world.tokenOf('hero@first.test'), 'content-type': 'application/json' },
    payload: `{"time_one": "${world.at(60)}",}`,
  })
  expect(answer.statusCode).toBe(400)
})
