import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import { transaction, type Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { isRecord } from '../http/coercion.ts'
import { instantText } from '../http/instants.ts'
import { originOf, pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf } from '../http/principal.ts'
import { readKept } from './intake-body.ts'
import { findIntake, listIntake, lockIntake, noteReplay, type IntakeEntry } from './intake-log-store.ts'
import { readIntake } from './intake-message.ts'
import { answerOf, requireAgent } from './intake-routes.ts'
import { takeIntake, type Taken } from './intake-taking.ts'
import type { LeadDeps } from './lead-deps.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])
const nullableInteger = Type.Union([Type.Integer(), Type.Null()])
const entryMembers = {
  id: Type.Integer(),
  received_at: Type.String(),
  status: Type.Enum(['taken', 'rejected']),
  method: Type.String(),
  address: Type.String(),
  key: nullableText,
  user: nullableText,
  dialer_user_id: nullableText,
  name: nullableText,
  phone: nullableText,
  error_code: nullableText,
  error: nullableText,
  note: nullableText,
  lead_id: nullableInteger,
  replays: Type.Integer(),
  replayed_at: nullableText,
}
const EntryWire = Type.Object(entryMembers)
const EntryDetail = Type.Object({
  ...entryMembers,
  body: Type.Unknown({ description: 'What came, without passwords and keys' }),
})
const Filter = Type.Object({
  ...PageQuery,
  status: Type.Optional(Type.Enum(['taken', 'rejected'])),
  error_code: Type.Optional(Type.String({ maxLength: 60 })),
  user: Type.Optional(Type.String({ maxLength: 255, description: 'The dialer’s name for the agent' })),
})
const Id = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const config = { allow: managers }
const tags = ['dialer']

/** What dialers sent: taken, or kept until the reason is mended. */
export async function intakeLogRoutes(app: App, deps: LeadDeps): Promise<void> {
  const { sql } = deps

  app.route({
    method: 'GET',
    url: '/api/leads/intake-log/',
    config,
    schema: {
      tags,
      summary: 'What dialers sent, newest first',
      querystring: Filter,
      response: { 200: pageOf(EntryWire) },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const { status = null, error_code: errorCode = null, user = null } = request.query
      const page = readPage(request.query)
      const filter = { workspaceId, status, errorCode, user }
      const { count, entries } = await listIntake(sql, filter, { limit: page.size, offset: page.offset })
      return pageAnswer(request, deps.publicUrl, { ...page, count, results: entries.map(toWire) })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/leads/intake-log/:id/',
    config,
    schema: { tags, summary: 'One message of a dialer', params: Id, response: { 200: EntryDetail } },
    handler: async (request) => {
      const entry = await findIntake(sql, principalOf(request).workspaceId, request.params.id)
      if (entry === null) throw notFound()
      return { ...toWire(entry), body: entry.body }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/leads/intake-log/:id/replay/',
    config,
    schema: { tags, summary: 'Take a message up again, after its reason is mended', params: Id },
    handler: async (request) => {
      const { workspaceId, userId } = principalOf(request)
      const place = { workspaceId, id: request.params.id, by: userId, now: deps.clock.now() }
      const taken = await transaction(sql, (tx) => replay(tx, place)).catch(async (error: unknown) => {
        if (error instanceof AppError && !['not_found', 'already_taken'].includes(error.code)) {
          await noteReplay(sql, place, { status: 'rejected', code: error.code, message: error.message })
        }
        throw error
      })
      return answerOf(taken, deps.publicUrl ?? originOf(request))
    },
  })
}

type Place = { workspaceId: number; id: number; by: string | null; now: Date }

async function replay(tx: Tx, place: Place): Promise<Taken> {
  const { workspaceId, id, now } = place
  const entry = await lockIntake(tx, workspaceId, id)
  if (entry === null) throw notFound()
  if (entry.status === 'taken') {
    const message = `This message was taken already, as lead ${entry.leadId}.`
    throw new AppError('conflict', 'already_taken', message)
  }
  const said = await readKept(entry.body)
  if (!said.ok) throw said.error
  const { defaultRegion } = await findSettings(tx, workspaceId)
  const message = readIntake(said.members, defaultRegion)
  const agent = await requireAgent(tx, workspaceId, message)
  return takeIntake(tx, {
    workspaceId,
    message,
    agent,
    receivedAt: entry.receivedAt,
    now,
    // The call is long over: it would cover what the agent is doing now.
    pop: false,
    keep: async (inTx, { leadId, callKey }) => {
      const note = message.remarks.join(' ') || null
      await noteReplay(inTx, place, { status: 'taken', leadId, callKey, note })
    },
  })
}

function toWire(entry: IntakeEntry) {
  const said = isRecord(entry.body['members']) ? entry.body['members'] : {}
  const text = (...names: string[]): string | null => {
    const value = names.map((name) => said[name]).find((found) => typeof found === 'string' && found !== '')
    return typeof value === 'string' ? value.slice(0, 255) : null
  }
  const parts = [text('first_name'), text('last_name')].filter((part) => part !== null).join(' ')
  return {
    id: entry.id,
    received_at: instantText(entry.receivedAt),
    status: entry.status,
    method: entry.method,
    address: entry.address,
    key: entry.keyName,
    user: text('user', 'agent_username'),
    dialer_user_id: text('dialer_user_id'),
    name: text('full_name') ?? (parts || null),
    phone: text('phone', 'phone_number'),
    error_code: entry.errorCode,
    error: entry.error,
    note: entry.note,
    lead_id: entry.leadId,
    replays: entry.replays,
    replayed_at: entry.replayedAt === null ? null : instantText(entry.replayedAt),
  }
}

function notFound(): AppError {
  return new AppError('not_found', 'not_found', 'Not found.')
}
