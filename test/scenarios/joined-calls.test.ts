/** Calls that join an agent's phone with a lead's: the agent first, the lead only if it may be called, each at most once. */
import { afterEach, expect, test } from 'vitest'
import { insertWaitingCall, wakeDialers } from '../../src/calls/new-call-store.ts'
import { transaction } from '../../src/db/sql.ts'
import { uuidV7 } from '../../src/random.ts'
import { parseFaultSettings } from '../../simulator/fault-settings.ts'
import { addLead } from '../lead-rows.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { quiet, verdict } from './verdict.ts'

let world: World
afterEach(() => world.close())

const agentPhone = '+13125550142'

/** Dials a plan of a lead with this number; `callId` is the agent's call. */
async function dial(lead: string, agent = agentPhone): Promise<{ planId: number; callId: string }> {
  const { sql, workspaceId, clock } = world
  const leadId = await addLead(sql, { workspaceId, name: 'Sita Rai', phone: lead })
  const now = clock.now()
  const callId = uuidV7(now.getTime())
  const [plan] = await sql<{ id: number }[]>`
    insert into call_plans (workspace_id, lead_id, frequency, next_call_date, created_at, updated_at)
    values (${workspaceId}, ${leadId}, 'WEEKLY', ${now}, ${now}, ${now})
    returning id`
  if (plan === undefined) throw new Error('the plan was not inserted')
  await transaction(sql, async (tx) => {
    const call = {
      to: agent,
      from: world.phones.defaultNumber,
      customerName: 'Sita Rai',
      agentId: null,
      message: null,
      voice: null,
      messageSeconds: 0,
      dueAt: now,
      scheduledFor: null,
    }
    const birth = { workspaceId, id: callId, createdBy: null, now, join: { number: lead, planId: plan.id } }
    await insertWaitingCall(tx, call, { ...birth, carrierAccountId: world.dialer.carrierAccountId })
    await tx`
      insert into totals (workspace_id, campaign_id, subject, state, count) values (${workspaceId}, 0, 'call', 'queued', 1)
      on conflict (workspace_id, subject, campaign_id, state) do update set count = totals.count + 1`
    await wakeDialers(tx)
  })
  return { planId: plan.id, callId }
}

async function history(planId: number) {
  return world.sql<{ outcome: string; to: string; at: Date; last: Date }[]>`
    select h.outcome, c.to_number as to, h.called_at as at, p.last_called as last
      from call_plan_calls h
      join calls c on c.id = h.call_id
      join call_plans p on p.id = h.plan_id
     where h.plan_id = ${planId}`
}

async function rung(): Promise<string[]> {
  const { ledger, findings } = await verdict(world, [])
  expect(findings).toEqual([])
  return ledger.map((call) => call.to)
}

test.each([
  ['+12025550100', 'answered'],
  ['+12025550102', 'no_answer'],
  ['+12025550103', 'busy'],
  ['+12025550104', 'other'],
])('the agent is rung first, then %s, and the plan has the call once: %s', async (lead, outcome) => {
  world = await createWorld()
  const { planId, callId } = await dial(lead)
  await quiet(world)
  await eventually('it is recorded', async () => (await history(planId)).length > 0)
  const [recorded, ...more] = await history(planId)
  expect(more).toEqual([])
  expect(recorded).toMatchObject({ outcome, to: lead })
  expect(recorded?.last).toEqual(recorded?.at)
  // A number that the carrier does not accept is no call there.
  expect(await rung()).toEqual(lead.endsWith('04') ? [agentPhone] : [agentPhone, lead])
  const [second] = await world.sql`select parent_id, customer_name from calls where to_number = ${lead}`
  expect(second).toEqual({ parent_id: callId, customer_name: 'Sita Rai' })
})

test('an agent who does not answer leaves the lead and the plan alone', async () => {
  world = await createWorld()
  const { planId } = await dial('+12025550100', '+12025550102')
  await quiet(world)
  expect(await rung()).toEqual(['+12025550102'])
  expect(await history(planId)).toEqual([])
})

test('a lead that comes onto do-not-call while the agent’s phone rings is not called', async () => {
  // The agent's phone rings for more than half a second.
  world = await createWorld({ carrier: { speed: 100 } })
  const lead = '+12025550106'
  const { planId } = await dial(lead, '+12025550109')
  await eventually('the agent is rung', async () => world.phones.openCalls() === 1)
  await world.sql`
    insert into do_not_call (workspace_id, number, created_at) values (${world.workspaceId}, ${lead}, now())`
  await quiet(world)
  expect(await rung()).toEqual(['+12025550109'])
  const { ledger } = await verdict(world, [])
  expect(ledger[0]?.heard[0]?.text).toContain('do not call')
  expect(await history(planId)).toEqual([])
})

test('instructions that are asked for twice dial once', async () => {
  world = await createWorld({ carrier: { speed: 100 } })
  const { callId, planId } = await dial('+12025550100')
  await eventually(
    'the lead is rung',
    async () => (await world.sql`select from calls where parent_id = ${callId}`).length > 0,
  )
  const again = await Promise.all(
    [1, 2, 3].map(() => world.dialer.instructionsFor({ workspaceId: world.workspaceId, callId })),
  )
  for (const twiml of again) expect(twiml).not.toContain('<Dial')
  await quiet(world)
  expect(await rung()).toEqual([agentPhone, '+12025550100'])
  expect(await history(planId)).toHaveLength(1)
})

test('without a single callback the second call is found by its parent, and recorded once', async () => {
  // The agent hangs up while the lead's phone rings: nothing is asked of us any more, and nothing is told.
  world = await createWorld({
    carrier: { speed: 10, faults: parseFaultSettings({ percent: { 'callbacks-lost': 100 } }) },
  })
  const { planId, callId } = await dial('+12025550109', '+12025550101')
  await quiet(world)
  await eventually('it is recorded', async () => (await history(planId)).length > 0)
  expect(await history(planId)).toMatchObject([{ outcome: 'no_answer', to: '+12025550109' }])
  const [second] = await world.sql<{ sid: string; source: string }[]>`
    select c.carrier_sid as sid, e.source from calls c
      join call_events e on e.call_id = c.id and e.kind = 'progress' where c.parent_id = ${callId} order by e.sequence limit 1`
  expect(second?.source).toBe('list')
  expect(await rung()).toEqual(['+12025550101', '+12025550109'])
})
