/** Call plans one by one: making, changing, recording what was called, taking away. */
import { Type } from '@fastify/type-provider-typebox'
import { lockLead } from '../leads/lead-store.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { transaction, type Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf, staff, type Principal } from '../http/principal.ts'
import { viewerOf, type PlanDeps } from './plan-deps.ts'
import { nextAfterCall, nextFromToday, toWholeSecond } from './plan-dates.ts'
import { tellPlans } from './plan-events.ts'
import * as input from './plan-input.ts'
import { recordCalls, type Recording } from './plan-recording.ts'
import * as store from './plan-store.ts'
import { PlanSchema, planWire } from './plan-wire.ts'

/** What is wrong with a member is said in the words of the documents, so the schema only names it. */
const member = (description: string) => Type.Optional(Type.Unknown({ description }))
const frequency = member('DAILY, WEEKLY, BIWEEKLY or MONTHLY')
const notes = member('Free text')
const lastCalled = member('When it was called; UTC unless it carries an offset')

const NewPlan = Type.Object({ lead: member('The id of the lead'), frequency, notes })
const Change = Type.Object({
  frequency,
  notes,
  last_called: lastCalled,
  next_call_date: member('UTC unless it carries an offset'),
})
const Recorded = Type.Object({
  last_called: lastCalled,
  outcome: member('answered, no_answer, busy, left_message, wrong_number or other'),
  notes: member('What was said; kept in the history'),
})
export const PlanId = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })

const tags = ['call plans']
const config = { allow: staff }

export async function planRoutes(app: App, deps: PlanDeps): Promise<void> {
  const { sql, clock } = deps

  app.route({
    method: 'POST',
    url: '/call/',
    config: { ...config, refusals: [404] },
    schema: { tags, summary: 'Plan to call a lead', body: NewPlan, response: { 201: PlanSchema } },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      return idempotent(request, reply, sql, async (tx) => ({
        status: 201,
        body: planWire(await createPlan(tx, deps, principal, request.body)),
      }))
    },
  })

  app.route({
    method: 'GET',
    url: '/call/:id/',
    config,
    schema: { tags, summary: 'One call plan', params: PlanId, response: { 200: PlanSchema } },
    handler: async (request) => {
      const plan = await store.findPlan(sql, viewerOf(principalOf(request)), request.params.id)
      return planWire(plan ?? noPlan())
    },
  })

  app.route({
    method: 'PATCH',
    url: '/call/:id/',
    config,
    schema: {
      tags,
      summary: 'Change the members that are sent, and nothing else',
      params: PlanId,
      body: Change,
      response: { 200: PlanSchema },
    },
    handler: async (request, reply) => {
      const ask = { viewer: viewerOf(principalOf(request)), id: request.params.id }
      return idempotent(request, reply, sql, async (tx) => ({
        status: 200,
        body: await changePlan(tx, deps, ask, (_plan, now) => input.readPlanChange(request.body, now)),
      }))
    },
  })

  app.route({
    method: 'PATCH',
    url: '/call/:id/set_frequency/',
    config,
    schema: {
      tags,
      summary: 'Set how often, and when next',
      params: PlanId,
      body: Type.Object({ frequency }),
      response: { 200: PlanSchema },
    },
    handler: async (request, reply) => {
      const ask = { viewer: viewerOf(principalOf(request)), id: request.params.id }
      return idempotent(request, reply, sql, async (tx) => ({
        status: 200,
        body: await changePlan(tx, deps, ask, (plan, now) => {
          const often = input.requireFrequency(request.body.frequency)
          const { lastCalled: called, timeZone } = plan
          const nextCallDate =
            called === null ? nextFromToday(now, often, timeZone) : nextAfterCall(called, often, timeZone)
          return { frequency: often, nextCallDate }
        }),
      }))
    },
  })

  app.route({
    method: 'DELETE',
    url: '/call/:id/',
    config,
    schema: {
      tags,
      summary: 'Give a plan up',
      params: PlanId,
      response: { 200: Type.Object({ detail: Type.String() }) },
    },
    handler: async (request) => {
      const viewer = viewerOf(principalOf(request))
      await transaction(sql, async (tx) => {
        const plan = (await store.lockPlan(tx, viewer, request.params.id)) ?? noPlan()
        const now = clock.now()
        await store.deletePlan(tx, plan, now)
        await closeBatch(tx, { now, workspaces: tellPlans([plan]) })
      })
      return { detail: 'Successfully deleted the call plan.' }
    },
  })

  app.route({
    method: 'POST',
    url: '/call/:id/record_call/',
    config,
    schema: {
      tags,
      summary: 'Record that it was called, and when to call next',
      params: PlanId,
      body: Recorded,
      response: { 200: PlanSchema },
    },
    handler: async (request, reply) => {
      const recording = readRecording(principalOf(request), request.params.id, request.body, clock.now())
      if (request.headers['idempotency-key'] === undefined)
        return planWire((await deps.recorder.record(recording)) ?? noPlan())
      return idempotent(request, reply, sql, async (tx) => {
        const now = clock.now()
        const { plans, batches } = await recordCalls(tx, [recording], now)
        const body = planWire(plans[0] ?? noPlan())
        await closeBatch(tx, { now, workspaces: batches })
        return { status: 200, body }
      })
    },
  })
}

/** The answer to a plan that does not exist, or that is somebody else's. */
export function noPlan(): never {
  throw new AppError('not_found', 'not_found', 'Not found.')
}

type Given = Readonly<Record<string, unknown>>

async function createPlan(tx: Tx, { clock }: PlanDeps, principal: Principal, body: Given) {
  const { workspaceId, ownerId } = viewerOf(principal)
  const leadId = input.readLeadId(body['lead'])
  const lead = leadId === null ? null : await lockLead(tx, workspaceId, leadId)
  if (lead === null || (ownerId !== null && lead.assignedTo?.id !== ownerId)) {
    throw new AppError('not_found', 'lead_not_found', 'Restaurant (Lead) not found.')
  }
  const often = input.readFrequency(body['frequency'])
  const planNotes = input.readNotes(body['notes'])
  const { timeZone } = await findSettings(tx, workspaceId)
  const now = clock.now()
  const id = await store.insertPlan(
    tx,
    {
      workspaceId,
      leadId: lead.id,
      frequency: often,
      nextCallDate: nextFromToday(now, often, timeZone),
      notes: planNotes,
      createdBy: principal.userId,
    },
    now,
  )
  if (id === null) throw planExists(lead.id, await store.findPlanOfLead(tx, workspaceId, lead.id))
  const plan = await store.findPlan(tx, { workspaceId, ownerId: null }, id)
  if (plan === null) throw new Error('a plan vanished from the transaction that made it')
  await closeBatch(tx, { now, workspaces: tellPlans([plan]) })
  return plan
}

async function changePlan(
  tx: Tx,
  { clock }: PlanDeps,
  { viewer, id }: { viewer: store.Viewer; id: number },
  read: (plan: store.LockedPlan, now: Date) => input.PlanChange,
) {
  const plan = (await store.lockPlan(tx, viewer, id)) ?? noPlan()
  const now = clock.now()
  const changed = { ...plan, ...read(plan, now) }
  await store.savePlan(tx, changed, now)
  await closeBatch(tx, { now, workspaces: tellPlans([changed]) })
  return planWire(changed)
}

function readRecording(principal: Principal, planId: number, body: Given, now: Date): Recording {
  const { workspaceId, ownerId } = viewerOf(principal)
  const given = body['last_called']
  return {
    workspaceId,
    planId,
    ownerId,
    calledAt:
      given === undefined || given === null || given === ''
        ? toWholeSecond(now)
        : input.readCalledAt(given, now),
    outcome: input.readOutcome(body['outcome']),
    notes: input.readNotes(body['notes']),
    callId: null,
    recordedBy: principal.userId,
  }
}

function planExists(leadId: number, planId: number | null): AppError {
  const sentence = `Lead ${leadId} has the call plan ${planId} already. Change that one, or delete it first.`
  return new AppError('invalid', 'plan_exists', sentence, { param: 'lead' })
}
