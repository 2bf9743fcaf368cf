import { afterAll, beforeAll, expect, test } from 'vitest'
import { addLead } from '../../test/lead-rows.ts'
import { createRequestWorld, type RequestWorld } from './request-server.fixture.ts'

let world: RequestWorld
beforeAll(async () => {
  world = await createRequestWorld()
})
afterAll(() => world.close())

test('a lead’s timeline tells the requests of whoever has its number, as it is written there, and when a call was held', async () => {
  const { database, workspaceId, people, clock } = world
  const leadId = await addLead(database.sql, { workspaceId, name: 'Some User', phone: '+12025550101' })
  const strangerId = await addLead(database.sql, { workspaceId, name: 'Other', phone: '+13025550101' })
  await database.sql`update users set phone = '+1 (202) 555-0101' where id = ${people.caller.id}`
  const id = await world.agreed(600)
  const timeline = async (lead: number): Promise<{ kind: string; data: Record<string, unknown> }[]> => {
    const answer = await world.as(people.manager, 'GET', `/api/leads/${lead}/timeline/`)
    return answer.json().results.filter((entry: { kind: string }) => entry.kind.startsWith('call_request'))
  }
  expect(await timeline(leadId)).toMatchObject([
    {
      kind: 'call_request',
      data: {
        request_id: id,
        side: 'user',
        with: 'Tom Brady',
        status: 'a',
        agreed_time: '2027-03-10T22:00:00.000Z',
      },
    },
  ])
  await database.sql`
    update call_requests set status = 's', outcome = 'held', remind_at = null, joined_at = ${clock.now()} where id = ${id}`
  expect((await timeline(leadId)).map((entry) => entry.kind).sort()).toEqual([
    'call_request',
    'call_request.held',
  ])
  expect(await timeline(strangerId)).toEqual([])
})
