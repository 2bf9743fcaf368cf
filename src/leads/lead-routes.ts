/** One lead: made, read, changed, deleted. */
import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import { codeOf, type Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch, type NewEvent } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf, seesAll, staff, type Principal } from '../http/principal.ts'
import { shown } from '../http/validation.ts'
import { readAssignee, type Assignee } from './lead-assignment.ts'
import { requireLead, requireLocked, type LeadDeps } from './lead-deps.ts'
import { draftOf } from './lead-draft.ts'
import { applyInput, leadMembers, noNumberToBlock, readNewLead, type LeadInput } from './lead-input.ts'
import { LeadWire, toLeadWire } from './lead-wire.ts'
import {
  changeLead,
  createLead,
  deleteLead,
  setDoNotCall,
  type Writing,
  type Written,
} from './lead-writing.ts'
import { numbersOf } from './lead.ts'

export const LeadId = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const LeadBody = Type.Object(leadMembers)
const config = { allow: staff }
const tags = ['leads']

export async function leadRoutes(app: App, deps: LeadDeps): Promise<void> {
  app.route({
    method: 'POST',
    url: '/api/leads/',
    config,
    schema: { tags, summary: 'Add a lead', body: LeadBody, response: { 201: LeadWire } },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      return naming(request.body, () =>
        idempotent(request, reply, deps.sql, async (tx) => {
          const { lead } = await addLead(tx, deps, { principal, input: request.body })
          return { status: 201, body: toLeadWire(lead) }
        }),
      )
    },
  })

  app.route({
    method: 'GET',
    url: '/api/leads/:id/',
    config,
    schema: { tags, summary: 'One lead', params: LeadId, response: { 200: LeadWire } },
    handler: async (request) =>
      toLeadWire(await requireLead(deps.sql, principalOf(request), request.params.id)),
  })

  app.route({
    method: 'PATCH',
    url: '/api/leads/:id/',
    config,
    schema: { tags, summary: 'Change a lead', params: LeadId, body: LeadBody, response: { 200: LeadWire } },
    handler: async (request, reply) => {
      const wanted = { principal: principalOf(request), input: request.body }
      return naming(request.body, () =>
        idempotent(request, reply, deps.sql, async (tx) => {
          const { lead } = await editLead(tx, deps, { ...wanted, id: request.params.id })
          return { status: 200, body: toLeadWire(lead) }
        }),
      )
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/leads/:id/',
    config: { ...config, success: 204 },
    schema: { tags, summary: 'Delete a lead; what happened to it stays', params: LeadId },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      await idempotent(request, reply, deps.sql, async (tx) => {
        const lead = await requireLocked(tx, principal, request.params.id)
        await tell(
          tx,
          principal,
          writingOf(deps, principal),
          await deleteLead(tx, lead, writingOf(deps, principal)),
        )
        return { status: 204, body: null }
      })
      return reply.code(204).send()
    },
  })
}

type Wanted = { principal: Principal; input: LeadInput }

async function addLead(tx: Tx, deps: LeadDeps, { principal, input }: Wanted): Promise<Written> {
  const { workspaceId } = principal
  const { defaultRegion } = await findSettings(tx, workspaceId)
  const draft = readNewLead(input, defaultRegion)
  const given = await readAssignee(tx, principal, input['assigned_agent'] ?? undefined)
  const assignedTo = given ?? (seesAll(principal) ? null : await ownAssignee(tx, principal))
  const of = writingOf(deps, principal)
  const made = await createLead(tx, { ...draft, assignedTo }, { ...of, workspaceId, source: 'person' })
  return finish(tx, principal, { written: made, input, of })
}

async function editLead(
  tx: Tx,
  deps: LeadDeps,
  { principal, input, id }: Wanted & { id: number },
): Promise<Written> {
  const lead = await requireLocked(tx, principal, id)
  const { defaultRegion } = await findSettings(tx, principal.workspaceId)
  const draft = applyInput(draftOf(lead), input, defaultRegion)
  const assignee = await readAssignee(tx, principal, input['assigned_agent'])
  const of = writingOf(deps, principal)
  const changed = await changeLead(
    tx,
    lead,
    assignee === undefined ? draft : { ...draft, assignedTo: assignee },
    of,
  )
  return finish(tx, principal, { written: changed, input, of })
}

/** The do-not-call list, and the events, which end the transaction. */
async function finish(
  tx: Tx,
  principal: Principal,
  { written, input, of }: { written: Written; input: LeadInput; of: Writing },
): Promise<Written> {
  const wish = input['do_not_call']
  const wanted = typeof wish === 'boolean' && wish !== written.lead.doNotCall ? wish : null
  if (wanted === true && numbersOf(written.lead).length === 0) throw noNumberToBlock()
  if (wanted === false && !seesAll(principal)) {
    const message = 'Only managers may take a number off the do-not-call list.'
    throw new AppError('forbidden', 'forbidden', message, { param: 'do_not_call' })
  }
  const blocked = wanted === null ? null : await setDoNotCall(tx, written.lead, wanted, of)
  const events = [...written.events, ...(blocked?.events ?? [])]
  await tell(tx, principal, of, events)
  return { lead: blocked?.lead ?? written.lead, events }
}

export async function tell(
  tx: Tx,
  { workspaceId }: Principal,
  { now }: Writing,
  events: readonly NewEvent[],
): Promise<void> {
  await closeBatch(tx, { now, workspaces: [{ workspaceId, totals: [], events }] })
}

export function writingOf({ clock }: LeadDeps, { userId }: Principal): Writing {
  return { author: { source: 'person', actor: userId }, now: clock.now() }
}

async function ownAssignee(tx: Tx, { workspaceId, userId }: Principal): Promise<Assignee | null> {
  const [row] = await tx<Assignee[]>`
    select id, username from users where workspace_id = ${workspaceId} and id = ${userId}`
  return row ?? null
}

/** The index of dialer ids is the one that knows whether an id is taken. */
async function naming<Result>(input: LeadInput, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) !== '23505') throw error
    const message = `dialer_lead_id ${shown(input['dialer_lead_id'])} belongs to another lead already.`
    throw new AppError('conflict', 'lead_id_taken', message, { param: 'dialer_lead_id', cause: error })
  }
}
