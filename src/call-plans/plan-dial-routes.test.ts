import { describe, expect, test } from 'vitest'
import { idsOf, usePlansServer } from './plans-server.fixture.ts'

const server = usePlansServer()

describe('whose plans', () => {
  test('an agent sees those of the own leads only; others are as if they did not exist', async () => {
    const { agent } = server.world.people
    const own = await server.plan({ assignedTo: agent.id })
    const other = await server.plan()
    expect(idsOf(await server.ask('GET', '/call/', undefined, agent))).toEqual([own.id])
    for (const [method, url, payload] of [
      ['GET', `/call/${other.id}/`, undefined],
      ['PATCH', `/call/${other.id}/`, { notes: 'mine' }],
      ['PATCH', `/call/${other.id}/set_frequency/`, { frequency: 'DAILY' }],
      ['POST', `/call/${other.id}/record_call/`, {}],
      ['POST', `/call/${other.id}/dial/`, undefined],
      ['GET', `/call/${other.id}/history/`, undefined],
      ['DELETE', `/call/${other.id}/`, undefined],
    ] as const)
      expect((await server.ask(method, url, payload, agent)).status, `${method} ${url}`).toBe(404)
    const foreign = await server.ask(
      'POST',
      '/call/',
      { lead: await server.lead(), frequency: 'DAILY' },
      agent,
    )
    expect(foreign.body.error).toBe('Restaurant (Lead) not found.')
  })

  test('another workspace has neither the plan nor the lead', async () => {
    const { id, leadId } = await server.plan()
    const stranger = server.world.strangers.manager
    expect((await server.ask('GET', `/call/${id}/`, undefined, stranger)).status).toBe(404)
    expect((await server.ask('POST', '/call/', { lead: leadId, frequency: 'DAILY' }, stranger)).status).toBe(
      404,
    )
  })

  test('a deleted lead takes its plan along', async () => {
    const { id, leadId } = await server.plan()
    await server.sql`update leads set deleted_at = now() where id = ${leadId}`
    expect((await server.ask('GET', `/call/${id}/`)).status).toBe(404)
    expect((await server.ask('POST', `/call/${id}/record_call/`, {})).status).toBe(404)
  })
})

describe('dialing a plan', () => {
  test('only somebody with a phone can dial, and only a number that can be called', async () => {
    const unreadable = await server.plan({ phone: null })
    const refused = await server.ask('POST', `/call/${unreadable.id}/dial/`)
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_number' } })
    const one = await server.plan({ phone: '+9779841000002' })
    const phoneless = await server.ask('POST', `/call/${one.id}/dial/`)
    expect(phoneless).toMatchObject({ status: 400, body: { code: 'agent_without_phone' } })
  })

  test('dialing answers with the agent’s call, and a plan is dialed once at a time', async () => {
    const { agent } = server.world.people
    await server.sql`update users set phone = '+9779841000003' where id = ${agent.id}`
    const { id } = await server.plan({ name: 'Sita Rai', phone: '+9779841000004', assignedTo: agent.id })
    const dialed = await server.ask('POST', `/call/${id}/dial/`, undefined, agent)
    expect(dialed).toMatchObject({
      status: 202,
      body: { to_number: '+9779841000003', customer_name: 'Sita Rai', state: 'queued', status: 'initiated' },
    })
    const [row] =
      await server.sql`select joins_number, plan_id, parent_id from calls where id = ${dialed.body.call_id}`
    expect(row).toEqual({ joins_number: '+9779841000004', plan_id: id, parent_id: null })
    const again = await server.ask('POST', `/call/${id}/dial/`, undefined, agent)
    expect(again).toMatchObject({ status: 409, body: { code: 'already_dialing' } })
  })

  test('outside the calling hours of the lead nobody is rung', async () => {
    const hours = JSON.stringify({ mon: ['09:00', '10:00'] })
    await server.sql`update workspaces set settings = jsonb_set(settings, '{calling_hours}', ${hours}::text::jsonb) where id = ${server.world.workspaceId}`
    await server.sql`update users set phone = '+9779841000003' where id = ${server.world.people.manager.id}`
    const { id } = await server.plan({ phone: '+9779841000005' })
    const refused = await server.ask('POST', `/call/${id}/dial/`)
    expect(refused).toMatchObject({ status: 409, body: { code: 'outside_calling_hours' } })
    expect(refused.body.error).toContain('2024-12-30T03:15:00')
  })
})
