/** What happened to a lead: its changes, and everything else about the person. */
import { Type } from '@fastify/type-provider-typebox'
import type { App } from '../http/app-shell.ts'
import { instantText } from '../http/instants.ts'
import {
  pageAnswer,
  pageOf,
  pageSizeDefault,
  pageSizeMost,
  pageUrl,
  PageQuery,
  readPage,
} from '../http/paging.ts'
import { principalOf, seesAll, staff } from '../http/principal.ts'
import { requireLead, type LeadDeps } from './lead-deps.ts'
import { findDuplicates } from './lead-list-store.ts'
import { LeadId } from './lead-routes.ts'
import { LeadWire, toLeadWire } from './lead-wire.ts'
import { listChanges } from './lead-write-store.ts'
import { numbersOf } from './lead.ts'
import { leadTimeline } from './timeline-store.ts'
import { mergeEntries, type TimelinePlace } from './timeline.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])
const ChangeWire = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  kind: Type.String(),
  source: Type.String(),
  by: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()]),
  changes: Type.Record(Type.String(), Type.Object({ from: nullableText, to: nullableText })),
})
const EntryWire = Type.Object({
  at: Type.String(),
  kind: Type.String(),
  id: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
})
const TimelineQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 300 })),
  page_size: PageQuery.page_size,
})
const config = { allow: staff }
const tags = ['leads']

export async function leadStoryRoutes(app: App, deps: LeadDeps): Promise<void> {
  const { sql } = deps

  app.route({
    method: 'GET',
    url: '/api/leads/:id/history/',
    config,
    schema: {
      tags,
      summary: 'Who changed what, newest first',
      params: LeadId,
      querystring: Type.Object(PageQuery),
      response: { 200: pageOf(ChangeWire) },
    },
    handler: async (request) => {
      const lead = await requireLead(sql, principalOf(request), request.params.id)
      const page = readPage(request.query)
      const { count, changes } = await listChanges(sql, lead, { limit: page.size, offset: page.offset })
      const results = changes.map(({ actor, at, ...change }) => ({
        ...change,
        at: instantText(at),
        by: actor,
      }))
      return pageAnswer(request, deps.publicUrl, { ...page, count, results })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/leads/:id/timeline/',
    config,
    schema: {
      tags,
      summary: 'Everything that happened to the person, newest first',
      params: LeadId,
      querystring: TimelineQuery,
      response: { 200: pageOf(EntryWire) },
    },
    handler: async (request) => {
      const lead = await requireLead(sql, principalOf(request), request.params.id)
      const { cursor, page_size: asked = pageSizeDefault } = request.query
      const size = Math.min(asked, pageSizeMost)
      const list = `timeline ${lead.workspaceId} ${lead.id}`
      const place = placeOf(cursor === undefined ? null : deps.cursors.read(list, cursor))
      const of = { workspaceId: lead.workspaceId, leadId: lead.id, numbers: numbersOf(lead) }
      const wanted = { until: place.until, limit: place.skip + size + 1 }
      const parts = [leadTimeline, ...deps.parts]
      const found = await Promise.all(parts.map((part) => part.timeline?.(sql, of, wanted) ?? []))
      const { page, next } = mergeEntries(found.flat(), place, size)
      const after = next === null ? null : deps.cursors.write(list, [next.until.getTime(), next.skip])
      return {
        count: null,
        next: after === null ? null : pageUrl(request, deps.publicUrl, { cursor: after }),
        previous: null,
        results: page.map(({ at, ...entry }) => ({ ...entry, at: instantText(at) })),
      }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/leads/:id/duplicates/',
    config,
    schema: {
      tags,
      summary: 'Leads with the same number or e-mail: perhaps the same person',
      params: LeadId,
      response: { 200: pageOf(LeadWire) },
    },
    handler: async (request) => {
      const principal = principalOf(request)
      const lead = await requireLead(sql, principal, request.params.id)
      const assignedTo = seesAll(principal) ? null : principal.userId
      const leads = await findDuplicates(sql, lead, { numbers: numbersOf(lead), assignedTo })
      return { count: leads.length, next: null, previous: null, results: leads.map(toLeadWire) }
    },
  })
}

/** Later than anything that has happened. */
const endOfTime = new Date('9999-12-31T00:00:00Z')

function placeOf(cursor: readonly (string | number | null)[] | null): TimelinePlace {
  if (cursor === null) return { until: endOfTime, skip: 0 }
  return { until: new Date(Number(cursor[0])), skip: Number(cursor[1]) }
}
