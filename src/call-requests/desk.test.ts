import { afterAll, beforeAll, expect, test } from 'vitest'
import type { User } from '../accounts/user.ts'
import { createRequestWorld, type RequestWorld } from './request-server.fixture.ts'

let world: RequestWorld
beforeAll(async () => {
  world = await createRequestWorld()
})
afterAll(() => world.close())

const hero = () => world.people.hero
const caller = () => world.people.caller
const stageOf = async (user: User, id: number): Promise<string> =>
  (await world.as(user, 'GET', `/api/requests/${id}/`)).json().stage

async function listed(user: User, stage: string): Promise<number[]> {
  const answer = await world.as(user, 'GET', `/api/requests/?stage=${stage}&page_size=100`)
  return answer.json().results.map((one: { id: number }) => one.id)
}

test('a request is where the one whose turn it is finds it, through the whole negotiation', async () => {
  const { id } = await world.ask()
  const seen = async () => [await stageOf(hero(), id), await stageOf(caller(), id)]
  expect(await seen()).toEqual(['needs_me', 'waiting'])
  await world.act(hero(), id, 'accept', { time_one: world.at(600) })
  expect(await seen()).toEqual(['waiting', 'needs_me'])
  await world.act(caller(), id, 'new-times', { time_one: world.at(660) })
  expect(await seen()).toEqual(['needs_me', 'waiting'])
  await world.act(hero(), id, 'agreed-time', { agreed_time: world.at(660) })
  expect(await seen()).toEqual(['agreed', 'agreed'])
  await world.act(hero(), id, 'new-times', { time_one: world.at(720) })
  expect(await seen()).toEqual(['waiting', 'needs_me'])
  await world.act(caller(), id, 'cancel', { reason: 'No' })
  expect(await seen()).toEqual(['closed', 'closed'])
  expect(await listed(hero(), 'closed')).toContain(id)
  expect(await listed(hero(), 'needs_me')).not.toContain(id)
})

test('both people are named with their zones, and counts tell how many there are of each stage', async () => {
  const { id } = await world.ask()
  const answer = await world.as(hero(), 'GET', '/api/requests/?stage=needs_me')
  const [first] = answer.json().results
  expect(first).toMatchObject({
    id,
    side: 'hero',
    user_person: { first_name: 'Some', timezone: 'Asia/Kathmandu' },
    hero_person: { first_name: 'Tom', timezone: 'America/Chicago' },
  })
  expect(answer.json().counts.needs_me).toBe(answer.json().count)
})

test('a call that was missed needs both again', async () => {
  const id = await world.agreed(900)
  await world.database.sql`update call_requests set outcome = 'failed' where id = ${id}`
  expect([await stageOf(hero(), id), await stageOf(caller(), id)]).toEqual(['needs_me', 'needs_me'])
})

test('nobody sees what is none of their business; who sees all has no turn', async () => {
  const { id } = await world.ask()
  expect((await world.as(world.people.agent, 'GET', `/api/requests/${id}/`)).statusCode).toBe(403)
  expect((await world.as(world.strangers.hero, 'GET', `/api/requests/${id}/`)).statusCode).toBe(404)
  expect(await listed(world.people.agent, 'waiting')).toEqual([])
  expect(await stageOf(world.people.manager, id)).toBe('waiting')
})
