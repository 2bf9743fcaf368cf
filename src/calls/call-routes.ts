/** Calls one by one: finding them, and ending them. */
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { pageOf, pageSizeDefault, pageSizeMost, pageUrl } from '../http/paging.ts'
import { principalOf, seesAll, staff, type Principal } from '../http/principal.ts'
import { shown } from '../http/validation.ts'
import type { BoardCall } from './board-call.ts'
import { isFinal, type Bucket } from './call.ts'
import type { CallDeps } from './call-deps.ts'
import { toCallDetail, type CallDetail } from './call-detail.ts'
import { bucketNamed, FilterQuery, readFilter, type CallFilter } from './call-filter.ts'
import {
  findCall,
  listCalls,
  readHistory,
  type CallFacts,
  type CallListQuery,
  type Viewer,
} from './call-query-store.ts'
import { BoardCallSchema, CallDetailSchema } from './call-schemas.ts'

const ListQuery = Type.Object({
  ...FilterQuery,
  status: Type.Optional(Type.String({ maxLength: 100, description: 'pending, active, completed or failed' })),
  page_size: Type.Optional(Type.Integer({ minimum: 1, default: pageSizeDefault })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
})
export const CallId = Type.Object({ call_id: Type.String({ format: 'uuid' }) })

export async function callRoutes(app: App, deps: CallDeps): Promise<void> {
  const { sql, clock } = deps
  const config = { allow: staff }
  const tags = ['calls']

  app.route({
    method: 'GET',
    url: '/api/calls/',
    config,
    schema: {
      tags,
      summary: 'Calls, newest first, by pages',
      querystring: ListQuery,
      response: { 200: pageOf(BoardCallSchema) },
    },
    handler: async (request) => {
      const principal = principalOf(request)
      const filter = readFilter(request.query, principal)
      const bucket = readBucket(request.query.status)
      const place = { workspaceId: principal.workspaceId, filter, bucket }
      const size = Math.min(request.query.page_size ?? pageSizeDefault, pageSizeMost)
      const from = readCursor(deps, place, request.query.cursor)
      const page = await listCalls(sql, { ...place, now: clock.now(), size, from })
      return { count: null, ...pageLinks(request, deps, { ...place, from }, page), results: page.calls }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/calls/:call_id/',
    config,
    schema: {
      tags,
      summary: 'One call, with everything that was learned about it',
      params: CallId,
      response: { 200: CallDetailSchema },
    },
    handler: async (request) => detailOf(deps, viewerOf(principalOf(request)), request.params.call_id),
  })

  app.route({
    method: 'POST',
    url: '/api/calls/:call_id/hangup/',
    config,
    schema: {
      tags,
      summary: 'End a call, or cancel one that waits',
      params: CallId,
      response: { 200: CallDetailSchema },
    },
    handler: async (request) => {
      const viewer = viewerOf(principalOf(request))
      const { workspaceId } = viewer
      const { call } = await requireCall(deps, viewer, request.params.call_id)
      if (isFinal(call.state)) throw callIsOver(call.state)
      const news = { kind: 'hang_up' as const, reason: 'ended_by_person' }
      const report = { workspaceId, callId: call.id, source: 'person' as const, at: clock.now(), news }
      const written = await deps.writer.write(report)
      const detail = await detailOf(deps, viewer, call.id)
      // It ended by itself just before.
      if (written === 'known' && isFinal(detail.state)) throw callIsOver(detail.state)
      return detail
    },
  })
}

/** Whose calls somebody sees: a manager everybody's, an agent the own. */
export function viewerOf(principal: Principal): Viewer {
  return {
    workspaceId: principal.workspaceId,
    agent: seesAll(principal) ? null : { id: principal.agentId },
  }
}

export async function requireCall({ sql }: CallDeps, viewer: Viewer, callId: string): Promise<CallFacts> {
  const facts = await findCall(sql, viewer, callId)
  if (facts === null) throw new AppError('not_found', 'not_found', `There is no call ${callId}.`)
  return facts
}

export async function detailOf(deps: CallDeps, viewer: Viewer, callId: string): Promise<CallDetail> {
  const facts = await requireCall(deps, viewer, callId)
  const history = await readHistory(deps.sql, viewer.workspaceId, facts.call.id)
  return toCallDetail(facts, history, deps.clock.now())
}

function callIsOver(state: string): AppError {
  return new AppError('conflict', 'call_is_over', `The call is over (${state}) and cannot be ended any more.`)
}

function readBucket(status = ''): Bucket | null {
  if (status.trim() === '') return null
  const bucket = bucketNamed(status)
  if (bucket !== null) return bucket
  const message = `status must be one of pending, active, completed, failed; ${shown(status)} is not.`
  throw new AppError('invalid', 'invalid_field', message, { param: 'status' })
}

type Place = { workspaceId: number; filter: CallFilter; bucket: Bucket | null }
type From = CallListQuery['from']

/** A cursor belongs to one filter. */
function listName({ workspaceId, filter, bucket }: Place): string {
  return `calls ${workspaceId} ${bucket} ${JSON.stringify(filter)}`
}

function readCursor({ cursors }: CallDeps, place: Place, cursor: string | undefined): From {
  if (cursor === undefined || cursor === '') return null
  const [id, direction] = cursors.read(listName(place), cursor)
  return { id: String(id), direction: direction === 'newer' ? 'newer' : 'older' }
}

function pageLinks(
  request: FastifyRequest,
  { cursors, publicUrl }: CallDeps,
  place: Place & { from: From },
  page: { calls: readonly BoardCall[]; more: boolean },
): { next: string | null; previous: string | null } {
  const link = (call: BoardCall | undefined, direction: 'older' | 'newer') =>
    call === undefined
      ? null
      : pageUrl(request, publicUrl, { cursor: cursors.write(listName(place), [call.call_id, direction]) })
  const backwards = place.from?.direction === 'newer'
  return {
    next: backwards || page.more ? link(page.calls.at(-1), 'older') : null,
    previous: (backwards ? page.more : place.from !== null) ? link(page.calls[0], 'newer') : null,
  }
}
