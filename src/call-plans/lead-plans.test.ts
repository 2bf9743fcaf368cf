import { expect, test } from 'vitest'
import { usePlansServer } from './plans-server.fixture.ts'

const server = usePlansServer()
const merge = (into: number, from: number) => server.ask('POST', `/api/leads/${into}/merge/`, { from })
const timelineOf = async (leadId: number) =>
  (await server.ask('GET', `/api/leads/${leadId}/timeline/?page_size=100`)).body.results.map(
    ({ kind, data }: { kind: string; data: object }) => ({ kind, data }),
  )

test('a merge brings the plan of the lead that goes', async () => {
  const { id, leadId } = await server.plan({ phone: '+9779841000701' })
  const into = await server.lead({ phone: '+9779841000702' })
  const preview = await server.ask('GET', `/api/leads/${into}/merge/?from=${leadId}`)
  expect(preview.body.moves).toEqual({ call_plan: 1 })
  expect((await merge(into, leadId)).status).toBe(200)
  expect((await server.ask('GET', `/call/${id}/`)).body.lead).toBe(into)
  expect(await timelineOf(into)).toContainEqual({ kind: 'call_plan', data: { frequency: 'DAILY' } })
})

test('of two plans one is left, with the calls of both and the earlier next call', async () => {
  const kept = await server.plan({ phone: '+9779841000703' }, 'MONTHLY')
  const gone = await server.plan({ phone: '+9779841000704' }, 'DAILY')
  await server.record(kept.id, { last_called: '2024-12-26T10:00:00Z', outcome: 'busy' })
  await server.record(gone.id, { last_called: '2024-12-27T10:00:00Z', outcome: 'answered' })
  await server.record(gone.id, { last_called: '2024-12-26T10:00:00Z', notes: 'the same call' })
  expect((await merge(kept.leadId, gone.leadId)).status).toBe(200)
  expect((await server.ask('GET', `/call/${gone.id}/`)).status).toBe(404)
  expect((await server.ask('GET', `/call/${kept.id}/`)).body).toMatchObject({
    frequency: 'MONTHLY',
    last_called: '2024-12-27T10:00:00Z',
    next_call_date: '2024-12-28T10:00:00Z',
  })
  const { body } = await server.ask('GET', `/call/${kept.id}/history/`)
  expect(body.map((call: { called_at: string }) => call.called_at)).toEqual([
    '2024-12-27T10:00:00Z',
    '2024-12-26T10:00:00Z',
  ])
})

test('a call under way for the plan that goes is recorded on the one that is left', async () => {
  const { agent } = server.world.people
  await server.sql`update users set phone = '+9779841000709' where id = ${agent.id}`
  const kept = await server.plan({ phone: '+9779841000705', assignedTo: agent.id })
  const gone = await server.plan({ phone: '+9779841000706', assignedTo: agent.id })
  const dialed = await server.ask('POST', `/call/${gone.id}/dial/`, undefined, agent)
  expect(dialed.status).toBeLessThan(300)
  expect((await merge(kept.leadId, gone.leadId)).status).toBe(200)
  const plans = await server.sql<{ plan_id: number }[]>`select plan_id from calls`
  expect(plans.map((call) => call.plan_id)).toEqual([kept.id])
  const again = await server.ask('POST', `/call/${kept.id}/dial/`, undefined, agent)
  expect(again.status).toBe(409)
})

test('what was recorded on a plan is in the timeline of its lead', async () => {
  const { id, leadId } = await server.plan({ phone: '+9779841000707' }, 'WEEKLY')
  await server.record(id, {
    last_called: '2024-12-28T09:00:00Z',
    outcome: 'left_message',
    notes: 'Back Monday',
  })
  expect(await timelineOf(leadId)).toContainEqual({
    kind: 'call_plan.called',
    data: { outcome: 'left_message', notes: 'Back Monday' },
  })
})
