/** The API with people a dialer knows, and ways to speak to it as a dialer. */
import type { LightMyRequestResponse } from 'fastify'
import { createHttpWorld, testDialerKey, type HttpWorld } from '../../test/http-world.ts'
import type { AppDeps } from '../app.ts'
import type { User } from '../accounts/user.ts'
import { createUser } from '../accounts/user-store.ts'
import { transaction } from '../db/sql.ts'

export type LeadWorld = HttpWorld & {
  agent1: User
  agent2: User
  /** A JSON post with the key; another way when `how` says so. */
  post(
    body: unknown,
    how?: { headers?: Record<string, string>; query?: string },
  ): Promise<LightMyRequestResponse>
  /** A GET with everything in the query string. */
  get(query: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  /** Settings of the first workspace. */
  set(settings: Record<string, unknown>): Promise<void>
}

export const intakeUrl = '/api/leads/from-dialer/'

export async function createLeadWorld(overrides: Partial<AppDeps> = {}): Promise<LeadWorld> {
  const world = await createHttpWorld(overrides)
  const person = {
    workspaceId: world.workspaceId,
    passwordHash: await passwordHashOf(world),
    role: 'agent',
  } as const
  const [agent1, agent2] = await transaction(world.database.sql, async (tx) => [
    await createUser(
      tx,
      {
        ...person,
        email: 'agent1@first.test',
        username: 'agent1',
        firstName: 'Agent',
        lastName: 'One',
        dialerUserId: 'vicidial_user_123',
      },
      world.clock.now(),
    ),
    await createUser(
      tx,
      { ...person, email: 'agent2@first.test', username: 'agent2', firstName: 'Agent', lastName: 'Two' },
      world.clock.now(),
    ),
  ])
  if (!agent1 || !agent2) throw new Error('The agents were not made')
  const key = { 'x-dialer-api-key': testDialerKey }
  return {
    ...world,
    agent1,
    agent2,
    post: (body, how = {}) => {
      const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
      const headers = { 'content-type': 'application/json', ...key, ...how.headers }
      const payload = isRaw ? body : JSON.stringify(body)
      return world.app.inject({ method: 'POST', url: `${intakeUrl}${how.query ?? ''}`, headers, payload })
    },
    get: (query, headers = key) => world.app.inject({ method: 'GET', url: `${intakeUrl}?${query}`, headers }),
    async set(settings) {
      const answer = await world.as(world.people.admin, 'PATCH', '/api/settings/', settings)
      if (answer.statusCode !== 200) throw new Error(answer.body)
    },
  }
}

/** The password of everybody else, so that the tests sign in alike. */
async function passwordHashOf(world: HttpWorld): Promise<string> {
  const [row] = await world.database.sql<{ password_hash: string }[]>`select password_hash from users limit 1`
  return row?.password_hash ?? ''
}
