/** The API with people who may ask for calls, and a product clock that stands on a quarter hour. */
import type { LightMyRequestResponse } from 'fastify'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import type { User } from '../accounts/user.ts'

export type RequestWorld = HttpWorld & {
  /** So many minutes after the clock’s start, as the API writes instants. */
  at(minutes: number): string
  /** A new open request of the caller to the hero. */
  ask(changes?: Record<string, unknown>): Promise<{ id: number }>
  /** An accepted request with one proposal of the hero. */
  accepted(...minutes: number[]): Promise<number>
  /** One whose time the caller took. */
  agreed(minutes: number): Promise<number>
  /** One action as this person. */
  act(user: User, id: number, action: string, body?: unknown): Promise<LightMyRequestResponse>
}

export const clockStart = new Date('2027-03-10T12:00:00Z')

export async function createRequestWorld(): Promise<RequestWorld> {
  const world = await createHttpWorld()
  await world.clock.set(clockStart)
  await world.database.sql`
    update users set is_verified_email = true, is_verified_phone = true, is_verified_payment = true,
                     phone = '+1202555010' || case role when 'hero' then '0' else '1' end
     where role in ('caller', 'hero', 'agent')`
  await world.database.sql`
    update users set first_name = 'Tom', last_name = 'Brady', time_zone = 'America/Chicago' where role = 'hero'`
  await world.database.sql`
    update users set first_name = 'Some', last_name = 'User', time_zone = 'Asia/Kathmandu' where role = 'caller'`
  const at = (minutes: number) =>
    new Date(clockStart.getTime() + minutes * 60_000).toISOString().replace('Z', '000Z')
  async function ask(changes: Record<string, unknown> = {}): Promise<{ id: number }> {
    const body = {
      hero_id: world.people.hero.heroId,
      message: 'This is a general summary or reason for the call',
      estimated_length: 15,
      ...changes,
    }
    const answer = await world.as(world.people.caller, 'POST', '/api/v1/call-requests/', body)
    if (answer.statusCode !== 200) throw new Error(answer.body)
    return answer.json()
  }
  const act: RequestWorld['act'] = (user, id, action, given) =>
    world.as(user, 'PATCH', `/api/v1/call-requests/${id}/${action}/`, given)
  async function accepted(...minutes: number[]): Promise<number> {
    const { id } = await ask()
    const [one, two, third] = minutes.map(at)
    const answer = await act(world.people.hero, id, 'accept', {
      time_one: one,
      time_two: two,
      time_three: third,
    })
    if (answer.statusCode !== 200) throw new Error(answer.body)
    return id
  }
  async function agreed(minutes: number): Promise<number> {
    const id = await accepted(minutes)
    const answer = await act(world.people.caller, id, 'agreed-time', { agreed_time: at(minutes) })
    if (answer.statusCode !== 200) throw new Error(answer.body)
    return id
  }
  return { ...world, at, ask, act, accepted, agreed }
}
