/** Many leads: the list, what it can be narrowed to, and the whole of it as a file. */
import { Type } from '@fastify/type-provider-typebox'
import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { findSettings } from '../accounts/workspace-store.ts'
import type { App } from '../http/app-shell.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf, seesAll, staff } from '../http/principal.ts'
import { csvLine } from '../http/csv-line.ts'
import { findAssignee } from './lead-assignment.ts'
import type { LeadDeps } from './lead-deps.ts'
import { FilterQuery, readLeadFilter, type GivenFilter, type LeadFilter } from './lead-filter.ts'
import { countFacets, listLeads, listLeadsAfter } from './lead-list-store.ts'
import { LeadWire, toLeadWire } from './lead-wire.ts'

const facet = Type.Object({ value: Type.Union([Type.String(), Type.Null()]), count: Type.Integer() })
const FacetsWire = Type.Object({
  status: Type.Array(facet),
  agent: Type.Array(Type.Object({ ...facet.properties, name: Type.Union([Type.String(), Type.Null()]) })),
  campaign: Type.Array(facet),
})
const tags = ['leads']

export async function leadListRoutes(app: App, deps: LeadDeps): Promise<void> {
  const { sql } = deps

  app.route({
    method: 'GET',
    url: '/api/leads/',
    config: { allow: staff },
    schema: {
      tags,
      summary: 'Leads, latest updated first; an agent’s are the own',
      querystring: Type.Object({ ...PageQuery, ...FilterQuery }),
      response: { 200: pageOf(LeadWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const filter = await filterOf(deps, request, request.query)
      const { count, leads } = await listLeads(sql, filter, { limit: page.size, offset: page.offset })
      return pageAnswer(request, deps.publicUrl, { ...page, count, results: leads.map(toLeadWire) })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/leads/facets/',
    config: { allow: staff },
    schema: {
      tags,
      summary: 'What the list can be narrowed to',
      querystring: Type.Object(FilterQuery),
      response: { 200: FacetsWire },
    },
    handler: async (request) => {
      const filter = await filterOf(deps, request, request.query)
      return countFacets(sql, filter, !seesAll(principalOf(request)))
    },
  })

  app.route({
    method: 'GET',
    url: '/api/leads/export/',
    config: { allow: managers, slow: true },
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: 'The list as CSV, safe to open in a spreadsheet',
      querystring: Type.Object(FilterQuery),
      produces: ['text/csv'],
    },
    handler: async (request, reply) => {
      const filter = await filterOf(deps, request, request.query)
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="leads.csv"')
        .send(Readable.from(csvOf(deps, filter)))
    },
  })
}

async function filterOf(deps: LeadDeps, request: FastifyRequest, query: GivenFilter): Promise<LeadFilter> {
  const principal = principalOf(request)
  const { defaultRegion } = await findSettings(deps.sql, principal.workspaceId)
  const named = query.agent?.trim() ?? ''
  const agent = named === '' ? null : await findAssignee(deps.sql, principal.workspaceId, named)
  return readLeadFilter(query, { principal, defaultRegion, namedAgent: agent?.id ?? null })
}

const columns = Object.keys(LeadWire.properties)
const rowsPerStep = 500

/** In steps, so that a list of any length is never held whole. */
async function* csvOf({ sql }: LeadDeps, filter: LeadFilter): AsyncGenerator<string> {
  // The mark lets spreadsheets read names in every script.
  yield `\uFEFF${csvLine(columns)}`
  for (let after = 0; ;) {
    const leads = await listLeadsAfter(sql, filter, { after, limit: rowsPerStep })
    const last = leads.at(-1)
    if (last === undefined) return
    yield leads.map((lead) => csvLine(valuesOf(toLeadWire(lead)))).join('')
    after = last.id
  }
}

function valuesOf(wire: Readonly<Record<string, unknown>>): unknown[] {
  return columns.map((name) => wire[name])
}
