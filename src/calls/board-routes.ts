/** The dashboard of outbound calls. */
import { Type } from '@fastify/type-provider-typebox'
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { pageUrl, type Cursors } from '../http/paging.ts'
import { principalOf, staff } from '../http/principal.ts'
import { boardAnswer, type BoardAnswer } from './board-answer.ts'
import { bucketNamed, FilterQuery, readFilter, type CallFilter } from './call-filter.ts'
import { BoardSchema } from './call-schemas.ts'

export type BoardDeps = {
  /** A whole board holds one connection for as long as its reader takes: better not the pool that everything else needs. */
  sql: Sql
  clock: Clock
  cursors: Cursors
  publicUrl: string | null
}

const mostPerBucket = 10_000
const perBucketWithCursor = 100

const BoardQuerySchema = Type.Object({
  ...FilterQuery,
  status: Type.Optional(
    Type.String({ maxLength: 100, description: 'pending, active (or in_progress), completed or failed' }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: `Calls per bucket, ${mostPerBucket} at most; without it every call`,
    }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 500, description: 'Where one bucket goes on' })),
})

export async function boardRoutes(app: App, deps: BoardDeps): Promise<void> {
  app.route({
    method: 'GET',
    url: '/api/hume-twilio/dashboard/outbound/scheduled/',
    config: { allow: staff, slow: true },
    schema: {
      tags: ['calls'],
      summary: 'Every call by its bucket, newest first, and how many there are',
      querystring: BoardQuerySchema,
      // The bytes are what the schema says.
      response: { 200: Type.Unsafe<Readable | Buffer>(BoardSchema) },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const { status = '' } = request.query
      const bucket = bucketNamed(status)
      const filter = readFilter(request.query, principal)
      const query = { workspaceId: principal.workspaceId, now: deps.clock.now(), filter, bucket }
      const answer: BoardAnswer = {
        page: readBoardPage(request, deps, { workspaceId: principal.workspaceId, filter, bucket }),
        ignored: status.trim() !== '' && bucket === null ? ['status'] : [],
      }
      reply.header('cache-control', 'no-store').type('application/json; charset=utf-8')
      return reply.send(await boardAnswer(deps.sql, query, answer))
    },
  })
}

type Place = { workspaceId: number; filter: CallFilter; bucket: string | null }

function readBoardPage(
  request: FastifyRequest<{ Querystring: { limit?: number; cursor?: string } }>,
  { cursors, publicUrl }: BoardDeps,
  place: Place,
): BoardAnswer['page'] {
  const { cursor } = request.query
  if (request.query.limit === undefined && cursor === undefined) return null
  const limit = Math.min(request.query.limit ?? perBucketWithCursor, mostPerBucket)
  if (cursor !== undefined && place.bucket === null) {
    const message = 'A cursor pages one bucket: name it in status (pending, active, completed or failed).'
    throw new AppError('invalid', 'missing_field', message, { param: 'status' })
  }
  const before = cursor === undefined ? null : String(cursors.read(listName(place), cursor)[0])
  return {
    limit,
    before,
    nextOf: (bucket, lastId) =>
      pageUrl(request, publicUrl, {
        status: bucket,
        limit: String(limit),
        cursor: cursors.write(listName({ ...place, bucket }), [lastId]),
      }),
  }
}

/** A cursor belongs to one bucket of one filter. */
function listName({ workspaceId, filter, bucket }: Place): string {
  return `board ${workspaceId} ${bucket} ${JSON.stringify(filter)}`
}
