/**
 * What the parties do with a request. The order of checks is part of the contract: signed in, there is such a request,
 * the right party, the body, then the state.
 */
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf, seesAll } from '../http/principal.ts'
import { invalidInput, lengthOf } from '../http/validation.ts'
import { sideOf, type CallRequest, type Side } from './call-request.ts'
import { readAgreedTime, readTimes } from './proposed-time.ts'
import { contextOf, originFor, type RequestDeps } from './request-deps.ts'
import * as moves from './request-moves.ts'
import type { MoveContext } from './request-moves.ts'
import { peopleOf, RequestId } from './request-routes.ts'
import { lockRequest } from './request-store.ts'
import { RequestWire, toRequestWire } from './request-wire.ts'

const longestReason = 500

const time = Type.Optional(
  Type.Unknown({
    description: 'An instant on a quarter hour, at least 30 minutes ahead; UTC without an offset',
  }),
)
const TimesBody = Type.Object({ time_one: time, time_two: time, time_three: time })
const DeclineBody = Type.Object({ reason: Type.Optional(Type.Union([Type.String(), Type.Null()])) })
const AgreeBody = Type.Object({
  agreed_time: Type.Optional(Type.Unknown({ description: 'A time of the other party’s newest proposal' })),
})
const CancelBody = Type.Object({
  reason: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  force: Type.Optional(
    Type.Union([Type.Boolean(), Type.Null()], {
      default: false,
      description: 'Cancel although it is one too many; may cost a fee',
    }),
  ),
})
const config = { allow: 'signed_in' } as const
const tags = ['call requests']

export async function actionRoutes(app: App, deps: RequestDeps): Promise<void> {
  const answers = { params: RequestId, response: { 200: RequestWire } }

  app.route({
    method: 'PATCH',
    url: '/api/v1/call-requests/:id/accept/',
    config,
    attachValidation: true,
    schema: { tags, summary: 'The hero accepts and suggests up to three times', body: TimesBody, ...answers },
    handler: (request, reply) =>
      act(request, reply, deps, async (context, found) => {
        requireHero(found.side)
        return moves.accept(context, found.request, timesOf(request, context.now))
      }),
  })

  app.route({
    method: 'PATCH',
    url: '/api/v1/call-requests/:id/decline/',
    config,
    attachValidation: true,
    schema: { tags, summary: 'The hero declines', body: DeclineBody, ...answers },
    handler: (request, reply) =>
      act(request, reply, deps, async (context, found) => {
        requireHero(found.side)
        return moves.decline(context, found.request, reasonOf(request))
      }),
  })

  app.route({
    method: 'PATCH',
    url: '/api/v1/call-requests/:id/new-times/',
    config,
    attachValidation: true,
    schema: { tags, summary: 'Either party suggests up to three times', body: TimesBody, ...answers },
    handler: (request, reply) =>
      act(request, reply, deps, async (context, found) => {
        const side = requireParty(found.side)
        return moves.propose(context, found.request, { side, times: timesOf(request, context.now) })
      }),
  })

  app.route({
    method: 'PATCH',
    url: '/api/v1/call-requests/:id/agreed-time/',
    config,
    attachValidation: true,
    schema: { tags, summary: 'Either party takes a time of the other', body: AgreeBody, ...answers },
    handler: (request, reply) =>
      act(request, reply, deps, async (context, found) => {
        const side = requireParty(found.side)
        if (request.validationError) throw request.validationError
        const read = readAgreedTime(request.body.agreed_time)
        if ('problem' in read) throw invalidInput([read.problem])
        return moves.agree(context, found.request, { side, time: read.time })
      }),
  })

  app.route({
    method: 'PATCH',
    url: '/api/v1/call-requests/:id/cancel/',
    config,
    attachValidation: true,
    schema: { tags, summary: 'Either party cancels, or the office', body: CancelBody, ...answers },
    handler: (request, reply) =>
      act(request, reply, deps, async (context, found) => {
        const principal = principalOf(request)
        if (!seesAll(principal)) requireParty(found.side)
        const by = { by: principal.userId ?? '', side: found.side }
        const reason = reasonOf(request)
        return moves.cancel(context, found.request, { ...by, reason, force: request.body.force ?? false })
      }),
  })
}

type Found = { request: CallRequest; side: Side | null }
type ActionRequest = FastifyRequest<{ Params: { id: number } }>

/** Locks the request and makes one move in one transaction. */
async function act(
  request: ActionRequest,
  reply: FastifyReply,
  deps: RequestDeps,
  move: (context: MoveContext, found: Found) => Promise<CallRequest>,
) {
  const { workspaceId, userId } = principalOf(request)
  return idempotent(request, reply, deps.sql, async (tx) => {
    const found = await lockRequest(tx, { workspaceId, id: idOf(request) })
    if (found === null) throw new AppError('not_found', 'not_found', 'Not found.')
    const moved = await move(contextOf(request, tx, deps), { request: found, side: sideOf(found, userId) })
    const people = await peopleOf(tx, workspaceId, [moved])
    return { status: 200, body: toRequestWire(moved, people, originFor(request, deps)) }
  })
}

/** An id that is none names nothing; the validator's other findings are told after the party was checked. */
function idOf(request: ActionRequest): number {
  const { id } = request.params
  return Number.isSafeInteger(id) && id > 0 ? id : 0
}

function requireParty(side: Side | null): Side {
  if (side !== null) return side
  throw new AppError(
    'forbidden',
    'not_a_party',
    'You are neither the user nor the hero of this call request.',
  )
}

function requireHero(side: Side | null): void {
  if (side === 'hero') return
  throw new AppError('forbidden', 'not_the_hero', 'Only the hero of this call request may do this.')
}

function timesOf(request: FastifyRequest, now: Date) {
  if (request.validationError) throw request.validationError
  const { times, problems } = readTimes(Object(request.body), now)
  if (problems.length > 0) throw invalidInput(problems)
  return times
}

function reasonOf(request: FastifyRequest<{ Body: { reason?: string | null } }>): string {
  if (request.validationError) throw request.validationError
  return readReason(request.body.reason)
}

/** Why somebody declines or cancels. Throws when it is missing or too long. */
export function readReason(given: string | null | undefined): string {
  const reason = given?.trim() ?? ''
  const length = lengthOf(reason)
  if (length >= 1 && length <= longestReason) return reason
  const missing = reason === ''
  const message = missing
    ? 'reason is required.'
    : `reason must have at most ${longestReason} characters; it has ${length}.`
  throw invalidInput([{ param: 'reason', code: missing ? 'required' : 'too_long', message }])
}
