/** Lists of call plans: bare arrays, streamed when they are long, in pages when they are asked for so. */
import type { Readable } from 'node:stream'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isTimeZone } from '../config-values.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { pageUrl } from '../http/paging.ts'
import { principalOf, staff } from '../http/principal.ts'
import { shown } from '../http/validation.ts'
import { joined, lineArray, mostAtOnce, type LineQuery } from './line-array.ts'
import { viewerOf, type PlanDeps } from './plan-deps.ts'
import { dayOf } from './plan-dates.ts'
import { readFrequency } from './plan-input.ts'
import { duePlans, listPlans, planHistory } from './plan-list-store.ts'
import { noPlan, PlanId } from './plan-routes.ts'
import { findPlan } from './plan-store.ts'
import { PlanSchema } from './plan-wire.ts'

const flag = (description: string) => Type.Optional(Type.Boolean({ description }))
const paged = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: `At most so many, up to ${mostAtOnce}; the Link header leads on`,
    }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
}
/** The bytes are what the schema says. */
const lines = (schema: object) => Type.Unsafe<Readable | Buffer>(Type.Array(Type.Unsafe(schema)))

const HistorySchema = Type.Object({
  id: Type.Integer(),
  called_at: Type.String(),
  outcome: Type.Union([Type.String(), Type.Null()]),
  notes: Type.String(),
  call_id: Type.Union([Type.String(), Type.Null()], { description: 'The call, when it was dialed here' }),
  recorded_by: Type.Union([Type.String(), Type.Null()], { description: 'Null: it recorded itself' }),
})

const tags = ['call plans']
const config = { allow: staff, slow: true }

export async function planListRoutes(app: App, deps: PlanDeps): Promise<void> {
  const { sql, clock } = deps

  app.route({
    method: 'GET',
    url: '/call/',
    config,
    schema: {
      tags,
      summary: 'All call plans, by id',
      querystring: Type.Object({
        ...paged,
        frequency: Type.Optional(Type.String({ maxLength: 100 })),
        lead: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
        overdue: flag('Only plans that were due before today'),
      }),
      response: { 200: lines(PlanSchema) },
    },
    handler: async (request, reply) => {
      const { query } = request
      const viewer = viewerOf(principalOf(request))
      const frequency = query.frequency ? readFrequency(query.frequency) : null
      const zone = query.overdue === true ? (await findSettings(sql, viewer.workspaceId)).timeZone : null
      const filter = {
        viewer,
        frequency,
        leadId: query.lead ?? null,
        dueBefore: zone === null ? null : dayOf(clock.now(), zone).from,
      }
      const name = `call plans ${viewer.workspaceId} ${frequency} ${query.lead ?? ''} ${zone ?? ''}`
      const afterId = query.cursor ? Number(deps.cursors.read(name, query.cursor)[0]) : null
      return sendLines(request, reply, deps, {
        name,
        rows: (connection, limit) => listPlans(connection, { ...filter, afterId, limit }),
      })
    },
  })

  app.route({
    method: 'GET',
    url: '/call/today/',
    config,
    schema: {
      tags,
      summary: 'Whom to call today',
      querystring: Type.Object({
        timezone: Type.Optional(
          Type.String({ maxLength: 100, description: 'Whose today; the workspace’s unless named' }),
        ),
        include_overdue: flag('With those that were due before today'),
        expand: Type.Optional(Type.String({ maxLength: 100, description: 'person: with the lead' })),
      }),
      response: { 200: lines(PlanSchema) },
    },
    handler: async (request, reply) => {
      const viewer = viewerOf(principalOf(request))
      const { timezone, include_overdue: overdue, expand } = request.query
      const zone = timezone ? requireZone(timezone) : (await findSettings(sql, viewer.workspaceId)).timeZone
      const { from, until } = dayOf(clock.now(), zone)
      const due = { viewer, from: overdue === true ? null : from, until, withPerson: expand === 'person' }
      return send(reply, await lineArray(sql, (connection, limit) => duePlans(connection, { ...due, limit })))
    },
  })

  app.route({
    method: 'GET',
    url: '/call/:id/history/',
    config,
    schema: {
      tags,
      summary: 'The calls recorded on a plan, newest first',
      params: PlanId,
      querystring: Type.Object(paged),
      response: { 200: lines(HistorySchema) },
    },
    handler: async (request, reply) => {
      const viewer = viewerOf(principalOf(request))
      const { id: planId, workspaceId } = (await findPlan(sql, viewer, request.params.id)) ?? noPlan()
      const name = `call plan history ${workspaceId} ${planId}`
      const { cursor } = request.query
      const before = cursor ? new Date(String(deps.cursors.read(name, cursor)[0])) : null
      return sendLines(request, reply, deps, {
        name,
        rows: (connection, limit) => planHistory(connection, { workspaceId, planId, before, limit }),
      })
    },
  })
}

/** Rows are [line, where the list goes on after it]. */
type Lines = { name: string; rows: LineQuery }

async function sendLines(
  request: FastifyRequest<{ Querystring: { limit?: number; cursor?: string } }>,
  reply: FastifyReply,
  { sql, cursors, publicUrl }: PlanDeps,
  { name, rows }: Lines,
): Promise<FastifyReply> {
  if (request.query.limit === undefined) return send(reply, await lineArray(sql, rows))
  const limit = Math.min(request.query.limit, mostAtOnce)
  const found = await rows(sql, limit + 1).raw()
  const page = found.slice(0, limit)
  const place = page.at(-1)?.[1]
  if (found.length > limit && place !== undefined) {
    const next = pageUrl(request, publicUrl, { cursor: cursors.write(name, [place.toString()]) })
    reply.header('link', `<${next}>; rel="next"`)
  }
  return send(reply, joined(page))
}

function send(reply: FastifyReply, body: Buffer | Readable): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(body)
}

function requireZone(given: string): string {
  if (isTimeZone(given)) return given
  const sentence = `timezone must be a time zone like Asia/Kathmandu; ${shown(given)} is not.`
  throw new AppError('invalid', 'invalid_field', sentence, { param: 'timezone' })
}
