/** Texts: sending one, finding them, and what people wrote back. */
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { findUser } from '../accounts/user-store.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import { callerIdsOf } from '../calls/caller-choice.ts'
import type { Clock } from '../clock.ts'
import type { Queryable, Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { pageOf, pageSizeDefault, pageSizeMost, pageUrl, type Cursors } from '../http/paging.ts'
import { managers, principalOf, staff, type Principal } from '../http/principal.ts'
import { shown } from '../http/validation.ts'
import { listInbound } from './inbound-store.ts'
import {
  findText,
  listTexts,
  readTextHistory,
  type TextFilter,
  type TextListQuery,
} from './message-query-store.ts'
import { MessageDetailSchema, MessageSchema, ReceivedSchema } from './message-schemas.ts'
import { toMessage } from './message-wire.ts'
import { readNewText } from './new-text.ts'
import { holdForText } from './text-credits.ts'
import type { QueueText } from './text-queue.ts'
import { statesOfStatus, textStatuses } from './text.ts'

export type MessageDeps = {
  sql: Sql
  clock: Clock
  cursors: Cursors
  publicUrl: string | null
  queueText: QueueText
  carrierIsLive: boolean
  callerIds: (workspaceId: number) => Promise<CallerIds>
}

const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]))
const pages = {
  page_size: Type.Optional(Type.Integer({ minimum: 1, default: pageSizeDefault })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
}
const MessageId = Type.Object({ message_id: Type.String({ format: 'uuid' }) })
const ListQuery = Type.Object({
  status: Type.Optional(Type.String({ maxLength: 100, description: textStatuses.join(', ') })),
  campaign: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  kind: Type.Optional(Type.String({ maxLength: 40 })),
  q: Type.Optional(Type.String({ maxLength: 100, description: 'Part of the number' })),
  ...pages,
})

export async function messageRoutes(app: App, deps: MessageDeps): Promise<void> {
  const { sql } = deps
  const tags = ['messages']
  const config = { allow: staff }

  app.route({
    method: 'POST',
    url: '/api/messages/',
    config: { allow: managers },
    schema: {
      tags,
      summary: 'Send a text, now or at a time',
      body: Type.Object({
        to_number: Type.String({ minLength: 1, maxLength: 200 }),
        message: Type.String({ minLength: 1, maxLength: 10_000 }),
        from_number: optionalText,
        schedule_date: optionalText,
      }),
      response: { 201: MessageDetailSchema },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const { workspaceId } = principal
      // The carrier is asked outside the transaction, and what it says counts only when there is something to do.
      const asked = await Promise.allSettled([deps.callerIds(workspaceId)])
      return idempotent(request, reply, sql, async (tx) => {
        const now = deps.clock.now()
        const settings = await findSettings(tx, workspaceId)
        const { defaultRegion, timeZone } = settings
        const wish = readNewText(request.body, {
          now,
          timeZone: await zoneOf(tx, principal, timeZone),
          defaultRegion,
          carrierIsLive: deps.carrierIsLive,
          callerIds: callerIdsOf(asked[0]),
        })
        const { to, from, body, scheduledFor } = wish
        const when = scheduledFor === null ? {} : { dueAt: scheduledFor }
        const wanted = { workspaceId, to, from, body, createdBy: principal.userId, ...when }
        const { text, batch } = await deps.queueText(tx, { ...wanted, kind: 'single', lane: 'single' }, now)
        await holdForText(tx, text, { settings, now })
        const answer = await detailOf(tx, workspaceId, text.id)
        await closeBatch(tx, { now, workspaces: batch })
        return { status: 201, body: answer }
      })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/messages/',
    config,
    schema: {
      tags,
      summary: 'Texts, newest first, by pages',
      querystring: ListQuery,
      response: { 200: pageOf(MessageSchema) },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const place = { workspaceId, filter: readFilter(request.query) }
      const from = readCursor(deps, listName(place), request.query.cursor)
      const size = Math.min(request.query.page_size ?? pageSizeDefault, pageSizeMost)
      const page = await listTexts(sql, { ...place, size, from })
      const links = pageLinks(request, deps, {
        name: listName(place),
        from,
        ids: page.texts.map((text) => text.id),
        more: page.more,
      })
      return { count: null, ...links, results: page.texts.map(toMessage) }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/messages/inbound/',
    config,
    schema: {
      tags,
      summary: 'What people texted to our numbers, newest first',
      querystring: Type.Object({ from: Type.Optional(Type.String({ maxLength: 40 })), ...pages }),
      response: { 200: pageOf(ReceivedSchema) },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const person = request.query.from?.trim() || null
      const name = `inbound ${workspaceId} ${person}`
      const from = readCursor(deps, name, request.query.cursor)
      const size = Math.min(request.query.page_size ?? pageSizeDefault, pageSizeMost)
      const query = { workspaceId, from: person, olderThan: from?.id ?? null, limit: size + 1 }
      const rows = await listInbound(sql, query)
      const shownRows = rows.slice(0, size)
      const links = pageLinks(request, deps, {
        name,
        from: null,
        ids: shownRows.map((row) => row.id),
        more: rows.length > size,
      })
      const results = shownRows.map(({ id, sid, receivedAt, ...row }) => ({
        message_id: id,
        message_sid: sid,
        from_number: row.from,
        to_number: row.to,
        body: row.body,
        word: row.word,
        received_at: instantText(receivedAt),
      }))
      return { count: null, ...links, results }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/messages/:message_id/',
    config,
    schema: {
      tags,
      summary: 'One text, with everything that was learned about it',
      params: MessageId,
      response: { 200: MessageDetailSchema },
    },
    handler: (request) => detailOf(sql, principalOf(request).workspaceId, request.params.message_id),
  })
}

async function detailOf(sql: Queryable, workspaceId: number, id: string) {
  const facts = await findText(sql, workspaceId, id)
  if (facts === null) throw new AppError('not_found', 'not_found', `There is no text ${id}.`)
  const { text, nextId, expiresAt } = facts
  const history = await readTextHistory(sql, workspaceId, text.id)
  return {
    ...toMessage(text),
    run_id: text.runId,
    number_id: text.numberId,
    attempt: text.attempt,
    due_at: text.state === 'queued' && text.dueAt !== null ? instantText(text.dueAt) : null,
    expires_at: expiresAt === null ? null : instantText(expiresAt),
    next_message_id: nextId,
    history: history.map((entry) => ({ ...entry, at: instantText(entry.at) })),
  }
}

async function zoneOf(sql: Queryable, principal: Principal, workspaceZone: string): Promise<string> {
  if (principal.userId === null) return workspaceZone
  const user = await findUser(sql, principal.workspaceId, principal.userId)
  return user?.timeZone ?? workspaceZone
}

function readFilter(query: { status?: string; campaign?: number; kind?: string; q?: string }): TextFilter {
  const word = query.status?.trim().toLowerCase() ?? ''
  const status = textStatuses.find((one) => one === word)
  if (word !== '' && status === undefined) {
    const sentence = `status must be one of ${textStatuses.join(', ')}; ${shown(word)} is not.`
    throw new AppError('invalid', 'invalid_field', sentence, { param: 'status' })
  }
  const digits = query.q?.replaceAll(/\D/g, '') ?? ''
  return {
    states: status === undefined ? null : statesOfStatus(status),
    campaignId: query.campaign ?? null,
    kind: query.kind?.trim().toLowerCase() || null,
    number: digits === '' ? null : digits,
  }
}

type From = TextListQuery['from']

/** A cursor belongs to one filter. */
function listName({ workspaceId, filter }: { workspaceId: number; filter: TextFilter }): string {
  return `messages ${workspaceId} ${JSON.stringify(filter)}`
}

function readCursor({ cursors }: MessageDeps, name: string, cursor: string | undefined): From {
  if (cursor === undefined || cursor === '') return null
  const [id, direction] = cursors.read(name, cursor)
  return { id: String(id), direction: direction === 'newer' ? 'newer' : 'older' }
}

function pageLinks(
  request: FastifyRequest,
  { cursors, publicUrl }: MessageDeps,
  { name, from, ids, more }: { name: string; from: From; ids: readonly string[]; more: boolean },
): { next: string | null; previous: string | null } {
  const link = (id: string | undefined, direction: 'older' | 'newer') =>
    id === undefined ? null : pageUrl(request, publicUrl, { cursor: cursors.write(name, [id, direction]) })
  const backwards = from?.direction === 'newer'
  return {
    next: backwards || more ? link(ids.at(-1), 'older') : null,
    previous: (backwards ? more : from !== null) ? link(ids[0], 'newer') : null,
  }
}
