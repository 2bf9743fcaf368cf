import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf } from '../http/principal.ts'
import { blockNumber, listBlocked, unblockNumber, type BlockedNumber } from './do-not-call-store.ts'
import { numberRefusals, readPhoneNumber, type NumberRefusal } from './phone-number.ts'

export type DoNotCallDeps = { sql: Sql; clock: Clock; publicUrl: string | null }

const given = Type.String({ minLength: 1, maxLength: 250, description: 'As people write it' })
const Block = Type.Object({ number: given, reason: Type.Optional(Type.String({ maxLength: 500 })) })
const Named = Type.Object({ number: Type.Optional(given) })
const Blocked = Type.Object({ number: Type.String(), reason: Type.String(), created: Type.String() })

/** The one list of numbers that a workspace never calls or texts. In force before the answer returns. */
export async function doNotCallRoutes(app: App, deps: DoNotCallDeps): Promise<void> {
  const { sql, clock } = deps
  const config = { allow: managers }
  const tags = ['numbers']
  const url = '/api/do-not-call/'

  app.route({
    method: 'GET',
    url,
    config,
    schema: {
      tags,
      summary: 'Numbers never called, newest first',
      querystring: Type.Object({ ...PageQuery, number: Type.Optional(given) }),
      response: { 200: pageOf(Blocked) },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const page = readPage(request.query)
      const number =
        request.query.number === undefined ? null : await readE164(sql, workspaceId, request.query.number)
      const { count, blocked } = await listBlocked(sql, workspaceId, {
        number,
        limit: page.size,
        offset: page.offset,
      })
      return pageAnswer(request, deps.publicUrl, { ...page, count, results: blocked.map(toWire) })
    },
  })

  app.route({
    method: 'POST',
    url,
    config,
    schema: { tags, summary: 'Never call a number again', body: Block, response: { '2xx': Blocked } },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      const number = await readE164(sql, workspaceId, request.body.number)
      const reason = request.body.reason ?? null
      return idempotent(request, reply, sql, async (tx) => {
        const now = clock.now()
        const blocked = await blockNumber(tx, { workspaceId, number, reason, createdBy: userId }, now)
        await closeBatch(tx, { now, workspaces: [changed(workspaceId, number, true)] })
        return { status: blocked.isNew ? 201 : 200, body: toWire(blocked) }
      })
    },
  })

  app.route({
    method: 'DELETE',
    url,
    config,
    schema: { tags, summary: 'Take a number off the list', querystring: Named, body: Named },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const named = request.body.number ?? request.query.number
      if (named === undefined)
        throw new AppError('invalid', 'missing_field', 'number is required.', { param: 'number' })
      const number = await readE164(sql, workspaceId, named)
      return idempotent(request, reply, sql, async (tx) => {
        const removed = await unblockNumber(tx, workspaceId, number)
        if (removed)
          await closeBatch(tx, { now: clock.now(), workspaces: [changed(workspaceId, number, false)] })
        return { status: 200, body: { number, removed } }
      })
    },
  })
}

async function readE164(sql: Sql, workspaceId: number, text: string): Promise<string> {
  const { defaultRegion } = await findSettings(sql, workspaceId)
  const read = readPhoneNumber(text, defaultRegion)
  if (read.e164 !== null) return read.e164
  const why = numberRefusals[read.reason as NumberRefusal]
  throw new AppError('invalid', 'invalid_number', `number "${text.slice(0, 40)}" cannot be read. ${why}`, {
    param: 'number',
  })
}

function changed(workspaceId: number, number: string, blocked: boolean) {
  const event = { kind: 'do_not_call.changed', visibleTo: null, data: { number, blocked } }
  return { workspaceId, totals: [], events: [event] }
}

function toWire(blocked: BlockedNumber) {
  return { number: blocked.number, reason: blocked.reason, created: instantText(blocked.createdAt) }
}
