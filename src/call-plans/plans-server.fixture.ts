/** The whole application with leads and plans, for tests of the routes of plans. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { addLead, type LeadRow } from '../../test/lead-rows.ts'
import type { User } from '../accounts/user.ts'
import type { Sql } from '../db/sql.ts'

// An answer is whatever the server said; tests compare what they expect of it.
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = { status: number; body: any; headers: Record<string, unknown> }

export type PlansServer = {
  world: HttpWorld
  sql: Sql
  setZone(zone: string): Promise<void>
  lead(more?: Partial<LeadRow>): Promise<number>
  /** A plan with its lead. */
  plan(more?: Partial<LeadRow>, frequency?: string): Promise<{ id: number; leadId: number }>
  /** As the manager, unless somebody else is named. */
  ask(method: string, url: string, payload?: unknown, as?: User): Promise<Answer>
  record(id: number, payload?: unknown): Promise<Answer>
}

/** Each test begins on 28 December 2024 at ten, in UTC. */
export function usePlansServer(): PlansServer {
  const server = {} as PlansServer
  beforeAll(async () => {
    Object.assign(server, start(await createHttpWorld()))
  })
  beforeEach(async () => {
    await server.world.clock.set(new Date('2024-12-28T10:00:00Z'))
    await server.setZone('UTC')
  })
  afterAll(() => server.world.close())
  return server
}

function start(world: HttpWorld): PlansServer {
  const { sql } = world.database
  const { workspaceId } = world
  const lead = (more: Partial<LeadRow> = {}) => addLead(sql, { workspaceId, ...more })
  const ask: PlansServer['ask'] = async (method, url, payload, as = world.people.manager) => {
    const reply = await world.as(as, method, url, payload)
    return { status: reply.statusCode, body: reply.json(), headers: reply.headers }
  }
  return {
    world,
    sql,
    lead,
    ask,
    async setZone(zone) {
      await sql`
        update workspaces set settings = settings || jsonb_build_object('time_zone', ${zone}::text)
         where id = ${workspaceId}`
    },
    async plan(more = {}, frequency = 'DAILY') {
      const leadId = await lead(more)
      const { body } = await ask('POST', '/call/', { lead: leadId, frequency })
      return { id: Number(body.id), leadId }
    },
    record: (id, payload = {}) => ask('POST', `/call/${id}/record_call/`, payload),
  }
}

export const idsOf = (answer: Answer): number[] => answer.body.map((one: { id: number }) => one.id)
