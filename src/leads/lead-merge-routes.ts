import { Type } from '@fastify/type-provider-typebox'
import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf, staff, type Principal } from '../http/principal.ts'
import { requireLead, requireLocked, type LeadDeps } from './lead-deps.ts'
import { changesBetween, draftOf } from './lead-draft.ts'
import { mergeLeads } from './lead-merge.ts'
import { moveStory, releaseDialerId } from './lead-merge-store.ts'
import { LeadId, tell, writingOf } from './lead-routes.ts'
import { LeadWire, toLeadWire } from './lead-wire.ts'
import { changeLead, setDoNotCall, tellLead } from './lead-writing.ts'
import { insertChange, markLeadDeleted } from './lead-write-store.ts'
import type { Lead } from './lead.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])
const otherId = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'The lead that goes',
})
const From = Type.Object({ from: otherId })
const Preview = Type.Object({
  keep: LeadWire,
  from: LeadWire,
  changes: Type.Record(Type.String(), Type.Object({ from: nullableText, to: nullableText })),
  moves: Type.Record(Type.String(), Type.Integer()),
})
const config = { allow: staff }
const tags = ['leads']
const url = '/api/leads/:id/merge/'

/** Two leads that are one person become one. */
export async function leadMergeRoutes(app: App, deps: LeadDeps): Promise<void> {
  app.route({
    method: 'GET',
    url,
    config,
    schema: {
      tags,
      summary: 'What a merge would do',
      params: LeadId,
      querystring: From,
      response: { 200: Preview },
    },
    handler: async (request) => {
      const { kept, other } = await bothOf(request.params.id, request.query.from, (id) =>
        requireLead(deps.sql, principalOf(request), id),
      )
      const merged = mergeLeads(draftOf(kept), draftOf(other))
      const moves = await movesOf(deps.sql, deps, other)
      return {
        keep: toLeadWire(kept),
        from: toLeadWire(other),
        changes: changesBetween(draftOf(kept), merged),
        moves,
      }
    },
  })

  app.route({
    method: 'POST',
    url,
    config,
    schema: {
      tags,
      summary: 'Merge another lead into this one',
      params: LeadId,
      body: From,
      response: { 200: LeadWire },
    },
    handler: async (request, reply) => {
      const wanted = { principal: principalOf(request), into: request.params.id, from: request.body.from }
      return idempotent(request, reply, deps.sql, async (tx) => ({
        status: 200,
        body: toLeadWire(await merge(tx, deps, wanted)),
      }))
    },
  })
}

async function merge(
  tx: Tx,
  deps: LeadDeps,
  { principal, into, from }: { principal: Principal; into: number; from: number },
): Promise<Lead> {
  const { workspaceId } = principal
  const of = writingOf(deps, principal)
  const { now } = of
  const { kept, other } = await bothOf(into, from, (id) => requireLocked(tx, principal, id))
  const draft = mergeLeads(draftOf(kept), draftOf(other))
  if (draft.dialerLeadId === other.dialerLeadId) await releaseDialerId(tx, other)
  await markLeadDeleted(tx, { workspaceId, id: from, mergedInto: into }, now)
  await moveStory(tx, { workspaceId, from, into })
  for (const part of deps.parts) await part.merge?.(tx, { workspaceId, from, into }, now)
  const changes = { merged_lead: { from: String(from), to: String(into) } }
  await insertChange(tx, { workspaceId, leadId: into, kind: 'merged', changes, ...of })
  const changed = await changeLead(tx, kept, draft, { ...of, touch: true })
  const isBlocked = kept.doNotCall || other.doNotCall
  const blocked = isBlocked ? await setDoNotCall(tx, changed.lead, true, of) : null
  await tell(tx, principal, of, [
    ...tellLead(other, 'deleted'),
    ...changed.events,
    ...(blocked?.events ?? []),
  ])
  return blocked?.lead ?? changed.lead
}

/** Both leads, looked up in the order of their ids: two merges at once never wait for each other in a circle. */
async function bothOf(
  into: number,
  from: number,
  find: (id: number) => Promise<Lead>,
): Promise<{ kept: Lead; other: Lead }> {
  if (into === from) {
    throw new AppError('invalid', 'same_lead', `Lead ${from} cannot be merged with itself.`, {
      param: 'from',
    })
  }
  const first = await find(Math.min(into, from))
  const second = await find(Math.max(into, from))
  return first.id === into ? { kept: first, other: second } : { kept: second, other: first }
}

async function movesOf(sql: Queryable, deps: LeadDeps, lead: Lead): Promise<Record<string, number>> {
  const found = await Promise.all(deps.parts.map((part) => part.hanging?.(sql, lead) ?? {}))
  return Object.assign({}, ...found)
}
