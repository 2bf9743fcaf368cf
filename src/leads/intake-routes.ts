/** The dialer's door: one address that takes whatever form a dialer sends, and loses nothing that came with a valid key. */
import { Type } from '@fastify/type-provider-typebox'
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Settings } from '../accounts/settings.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { codeOf, type Queryable, type Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { originOf } from '../http/paging.ts'
import { principalOf, type Principal } from '../http/principal.ts'
import { countAgainstLimit } from '../http/rate-limit.ts'
import { createTurns, type Turns } from '../http/turns.ts'
import { isAllowed, plainAddress } from './address-list.ts'
import { findIntakeAgent, type IntakeAgent } from './intake-agent-store.ts'
import { readIntakeBody, type ReadBody } from './intake-body.ts'
import { readIntake, type IntakeMessage } from './intake-message.ts'
import { identityOf, insertIntake } from './intake-store.ts'
import { takeIntake, type Taken } from './intake-taking.ts'
import type { LeadDeps } from './lead-deps.ts'
import { LeadWire, toIntakeLead } from './lead-wire.ts'

const IntakeAnswer = Type.Object({
  success: Type.Literal(true),
  lead: LeadWire,
  message: Type.String(),
  redirect_url: Type.String({ description: 'Opens the lead on the agent’s screen' }),
})
const url = '/api/leads/from-dialer/'
const tags = ['dialer']
const summary = 'A dialer tells of a person: makes the lead, or updates it'

/** A scope of its own: here the bytes of a body are kept until somebody could make sense of them. */
export async function intakeRoutes(app: App, deps: LeadDeps): Promise<void> {
  const turns = createTurns()
  await app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))
    for (const method of ['GET', 'POST'] as const) {
      scope.route({
        method,
        url,
        config: { allow: 'dialer', refusals: [404, 429] },
        exposeHeadRoute: false,
        schema: { tags, summary, security: [], response: { 201: IntakeAnswer } },
        onRequest: async (request) => {
          await requireKey(request, deps)
          mendContentType(request)
        },
        preValidation: async (request) => readInto(request),
        handler: async (request, reply) => takeOrKeep(request, reply, { deps, turns }),
      })
    }
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What a dialer sent. */
    intake: ReadBody | undefined
  }
}

/** Before the body is read: who has no key costs nothing. The key's workspace decides from here on. */
async function requireKey(request: FastifyRequest, { sql, clock, keys }: LeadDeps): Promise<void> {
  const header = request.headers['x-dialer-api-key']
  const sent = (Array.isArray(header) ? header[0] : header)?.trim() ?? ''
  const queried = sent === '' ? (new URLSearchParams(queryOf(request)).get('api_key') ?? '') : ''
  const found = await keys.identify(sent || queried, { now: clock.now(), wall: clock.wall() })
  const mayQuery =
    sent !== '' || (found !== null && (await findSettings(sql, found.workspaceId)).intakeQueryKey)
  if (found === null || !mayQuery) throw new AppError('unauthenticated', 'invalid_api_key', 'Invalid API key')
  request.principal = principalOfKey(found)
}

/** A Content-Type that is none would be refused before its body was read, and the body lost: here it is an unknown one. */
function mendContentType({ headers }: FastifyRequest): void {
  const type = headers['content-type']
  if (type?.trim() === '') delete headers['content-type']
  else if (type !== undefined && !/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/.test(type))
    headers['content-type'] = 'application/octet-stream'
}

/** A dialer's key sees nothing and is nobody: it only brings. */
function principalOfKey(key: { id: string; workspaceId: number }): Principal {
  const nobody = { userId: null, agentId: null, sessionId: null, scopes: null, isOwner: false }
  return { ...nobody, workspaceId: key.workspaceId, role: 'agent', keyId: key.id }
}

async function readInto(request: FastifyRequest): Promise<void> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const said = await readIntakeBody({
    contentType: request.headers['content-type'],
    bytes,
    query: queryOf(request),
  })
  request.intake = said
  request.body = said.ok ? said.members : {}
}

function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?')
  return at < 0 ? '' : request.url.slice(at + 1)
}

async function takeOrKeep(
  request: FastifyRequest,
  reply: FastifyReply,
  { deps, turns }: Omit<Door, 'settings'>,
) {
  const settings = await findSettings(deps.sql, principalOf(request).workspaceId)
  try {
    return await takeNow(request, reply, { deps, turns, settings })
  } catch (error) {
    await keepRejected(request, deps, { error, settings })
    throw error
  }
}

type Door = { deps: LeadDeps; turns: Turns; settings: Settings }

async function takeNow(request: FastifyRequest, reply: FastifyReply, { deps, turns, settings }: Door) {
  const { sql } = deps
  const { workspaceId } = principalOf(request)
  const address = plainAddress(request.ip)
  requireAllowed(settings, address)
  await countMessage(request, deps, { counted: 'intake', atMost: settings.intakePerMinute })
  const said = request.intake
  if (said === undefined || !said.ok) throw said?.error ?? new Error('The intake did not read its body')
  const message = readIntake(said.members, settings.defaultRegion)
  const agent = await requireAgent(sql, workspaceId, message)
  const take = () => idempotent(request, reply, sql, (tx) => takeInto(tx, request, { deps, message, agent }))
  const answer = await turns(laneOf(workspaceId, message), async () => {
    try {
      return await take()
    } catch (error) {
      if (codeOf(error) !== uniqueViolation) throw error
      // Somebody else wrote this dialer's id meanwhile: the second look finds their lead.
      return take()
    }
  })
  openScreen(request, reply, answer.redirect_url)
  return answer
}

const uniqueViolation = '23505'
const lanes = 6

/**
 * Messages about one person wait for each other here, before they take a connection: a dialer that repeats itself fifty
 * times at once would otherwise hold every connection of the pool while they wait for one lock.
 */
function laneOf(workspaceId: number, message: IntakeMessage): string {
  const [name = message.agent.username ?? ''] = identityOf(message)
  const hash = createHash('sha256').update(`${workspaceId} ${name}`).digest()
  return `lane ${hash.readUInt32BE() % lanes}`
}

/** A page of the dialer that a browser opened goes on to the lead, with nothing of the person in its address. */
function openScreen(request: FastifyRequest, reply: FastifyReply, redirectUrl: string): void {
  reply.header('referrer-policy', 'no-referrer')
  if (request.headers['sec-fetch-mode'] === 'navigate') reply.header('refresh', `0; url=${redirectUrl}`)
}

type Accepted = { deps: LeadDeps; message: IntakeMessage; agent: IntakeAgent }

async function takeInto(tx: Tx, request: FastifyRequest, { deps, message, agent }: Accepted) {
  const { workspaceId } = principalOf(request)
  const now = deps.clock.now()
  const taken = await takeIntake(tx, {
    workspaceId,
    message,
    agent,
    receivedAt: now,
    now,
    pop: true,
    keep: async (inTx, { leadId, callKey }) => {
      const outcome = { status: 'taken', leadId } as const
      await insertIntake(inTx, { ...receiptOf(request, now), callKey, remarks: message.remarks, outcome })
    },
  })
  return { status: 201, body: answerOf(taken, deps.publicUrl ?? originOf(request)) }
}

/** What the dialer is told of a lead. The way to it carries nothing but its id. */
export function answerOf({ lead, isNew }: Taken, origin: string) {
  return {
    success: true as const,
    lead: toIntakeLead(lead),
    message: isNew ? 'Lead created successfully' : 'Lead updated successfully',
    redirect_url: `${origin}/agent-dashboard?from_dialer=true&lead_id=${lead.id}`,
  }
}

/** The person a message names; throws `agent_not_found` (404). */
export async function requireAgent(
  sql: Queryable,
  workspaceId: number,
  { agent: named }: IntakeMessage,
): Promise<IntakeAgent> {
  const agent = await findIntakeAgent(sql, workspaceId, named)
  if (agent !== null) return agent
  const [param, kind, value] =
    named.username === null
      ? ['dialer_user_id', 'dialer_user_id', named.dialerUserId]
      : ['user', 'username', named.username]
  throw new AppError('not_found', 'agent_not_found', `Agent with ${kind} '${value}' not found`, { param })
}

function requireAllowed(settings: Settings, address: string): void {
  if (isAllowed(settings.intakeAllowList, address)) return
  const message = `The address ${address} is not on the list of those that may post leads. An administrator adds it to intake_allow_list.`
  throw new AppError('forbidden', 'address_not_allowed', message)
}

/** Per key and address, over all servers. */
async function countMessage(
  request: FastifyRequest,
  { sql, clock }: LeadDeps,
  { counted, atMost }: { counted: string; atMost: number },
): Promise<void> {
  const key = `${counted}:${principalOf(request).keyId}:${plainAddress(request.ip)}`
  await countAgainstLimit(sql, { key, atMost, windowMs: 60_000 }, clock.wall())
}

/** A minute's rejected messages that are kept whatever the limit is. */
const leastKept = 1_000

/** What could not be taken waits in the log until somebody has mended the reason; a flood is not kept without bound. */
async function keepRejected(
  request: FastifyRequest,
  deps: LeadDeps,
  { error, settings }: { error: unknown; settings: Settings },
): Promise<void> {
  const refusal =
    error instanceof AppError ? error : { code: 'internal_error', message: 'Something went wrong here.' }
  try {
    await countMessage(request, deps, {
      counted: 'intake kept',
      atMost: Math.max(leastKept, settings.intakePerMinute),
    })
  } catch {
    return
  }
  const outcome = { status: 'rejected', code: refusal.code, message: refusal.message } as const
  const receipt = receiptOf(request, deps.clock.now())
  await insertIntake(deps.sql, { ...receipt, callKey: null, remarks: [], outcome }).catch(
    (cause: unknown) => {
      // The database is away for both, and the first error says so.
      if (error instanceof AppError) throw cause
    },
  )
}

function receiptOf(request: FastifyRequest, now: Date) {
  const { workspaceId, keyId } = principalOf(request)
  const { method, intake } = request
  return {
    workspaceId,
    keyId,
    receivedAt: now,
    method,
    address: plainAddress(request.ip),
    body: intake?.kept ?? {},
  }
}
