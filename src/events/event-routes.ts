import { Type } from '@fastify/type-provider-typebox'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { credentialOf, type Identify } from '../http/authenticate.ts'
import { instantText } from '../http/instants.ts'
import { principalOf } from '../http/principal.ts'
import { maySee, resumeAt } from './event-feed.ts'
import type { EventHub } from './event-hub.ts'
import { findHead, readEvents } from './event-store.ts'

const Replay = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
})
const EventList = Type.Object({
  position: Type.Integer({ description: 'Ask after this next' }),
  reset: Type.Boolean({ description: 'Events in between are gone: read everything again' }),
  results: Type.Array(
    Type.Object({ id: Type.Integer(), kind: Type.String(), at: Type.String(), data: Type.Unknown() }),
  ),
})

/** What is happening, as it happens. */
export async function eventRoutes(
  app: App,
  deps: { sql: Sql; clock: Clock; hub: EventHub; identify: Identify },
): Promise<void> {
  const { sql, clock, hub, identify } = deps
  const tags = ['events']

  app.route({
    method: 'GET',
    url: '/api/events/stream',
    config: { allow: 'signed_in', slow: true },
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: 'Server-Sent Events; resume with Last-Event-ID',
      description:
        'Begins with `ready`, or with `reset` when events in between are gone. A comment every 15 seconds.',
      produces: ['text/event-stream'],
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const lastId = readLastId(request.headers['last-event-id'])
      const credential = credentialOf(request)
      reply.hijack()
      reply.raw.writeHead(200, {
        ...definedHeaders(reply.getHeaders()),
        'content-type': 'text/event-stream; charset=utf-8',
        // A proxy that gathers answers would hold events back.
        'x-accel-buffering': 'no',
      })
      request.raw.socket.setNoDelay(true)
      const identifyAgain = async () => (credential === null ? null : identify(credential))
      await hub.serve({ out: reply.raw, principal, identify: identifyAgain }, lastId)
    },
  })

  app.route({
    method: 'GET',
    url: '/api/events/',
    config: { allow: 'signed_in' },
    schema: { tags, summary: 'Events after a position', querystring: Replay, response: { 200: EventList } },
    handler: async (request) => {
      const principal = principalOf(request)
      const { workspaceId } = principal
      const head = await findHead(sql, workspaceId)
      const { after = head, limit = 100 } = request.query
      const events = await readEvents(sql, { workspaceId, after, limit })
      const start = resumeAt(after, { head, first: events[0] }, clock.now())
      if (!start.resumable) return { position: head, reset: true, results: [] }
      const results = events
        .filter((event) => maySee(principal, event))
        .map(({ position, kind, at, data }) => ({ id: position, kind, at: instantText(at), data }))
      return { position: events.at(-1)?.position ?? head, reset: false, results }
    },
  })
}

/** Anything but a position this server gave out is a mistake of the client's, not a place to resume at. */
function readLastId(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header)
  throw new AppError(
    'invalid',
    'invalid_field',
    'Last-Event-ID must be the id of an event, a whole number.',
    {
      param: 'Last-Event-ID',
    },
  )
}

function definedHeaders(headers: Record<string, number | string | string[] | undefined>) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
}
