/** The public page of a request. The signed link is the credential: whoever has it acts as its party. */
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readInstant } from '../calls/given-instant.ts'
import { isTimeZone } from '../config-values.ts'
import { transaction, type Queryable } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { countAgainstLimit } from '../http/rate-limit.ts'
import { invalidInput } from '../http/validation.ts'
import { readReason } from './action-routes.ts'
import type { BookingName } from './booking-link.ts'
import { bookingPage, deadLinkPage } from './booking-page.ts'
import { bookingStyle } from './booking-style.ts'
import { otherSide, personOf, type CallRequest } from './call-request.ts'
import { findPeople } from './party-store.ts'
import { readAgreedTime, readTimes } from './proposed-time.ts'
import { contextOf, type RequestDeps } from './request-deps.ts'
import * as moves from './request-moves.ts'
import type { MoveContext } from './request-moves.ts'
import { calendarText } from './request-routes.ts'
import { findRequest, lockRequest } from './request-store.ts'

const Token = Type.Object({ token: Type.String({ maxLength: 200 }) })
const Zone = Type.Object({
  zone: Type.Optional(Type.String({ maxLength: 60 })),
  done: Type.Optional(Type.String()),
})
const text = Type.Optional(Type.String({ maxLength: 2_000 }))
const MoveBody = Type.Object({
  zone: text,
  time_one: text,
  time_two: text,
  time_three: text,
  agreed_time: text,
  reason: text,
  force: Type.Optional(Type.Boolean()),
})
type Given = {
  zone?: string
  time_one?: string
  time_two?: string
  time_three?: string
  agreed_time?: string
  reason?: string
  force?: boolean
}
const config = { allow: 'anyone' } as const
const movesAllowed = { atMost: 60, windowMs: 15 * 60_000 }

const notices: Record<string, string> = {
  agree: 'Agreed. We text you both fifteen minutes before.',
  accept: 'Accepted. Your times were sent.',
  propose: 'Your times were sent.',
  decline: 'Declined. The other party was told.',
  cancel: 'Cancelled. The other party was told.',
}

export async function bookingRoutes(app: App, deps: RequestDeps): Promise<void> {
  app.route({
    method: 'GET',
    url: '/b/style.css',
    config,
    schema: { hide: true },
    handler: async (_request, reply) =>
      reply
        .type('text/css; charset=utf-8')
        .header('cache-control', 'public, max-age=3600')
        .send(bookingStyle),
  })

  app.route({
    method: 'GET',
    url: '/b/:token',
    config,
    schema: { hide: true, params: Token, querystring: Zone },
    handler: async (request, reply) => {
      const name = nameOfLink(request.params.token, deps)
      if (name === null) return deadLink(reply)
      const { zone, done } = request.query
      const shown = { zone: zone ?? null, notice: notices[done ?? ''] ?? null, problem: null }
      return show(request, reply, deps, { ...shown, name, status: 200 })
    },
  })

  app.route({
    method: 'GET',
    url: '/b/:token/calendar.ics',
    config,
    schema: { hide: true, params: Token },
    handler: async (request, reply) => {
      const name = nameOfLink(request.params.token, deps)
      const found = name === null ? null : await findRequest(deps.sql, name)
      const calendar = found === null ? null : await calendarText(deps.sql, found, deps.clock.now())
      if (calendar === null) return deadLink(reply)
      return reply.type('text/calendar; charset=utf-8').send(calendar)
    },
  })

  app.route({
    method: 'POST',
    url: '/b/:token/:move',
    config,
    schema: {
      hide: true,
      params: Type.Object({ ...Token.properties, move: Type.Enum(Object.keys(notices)) }),
      body: MoveBody,
    },
    handler: async (request, reply) => {
      const name = nameOfLink(request.params.token, deps)
      if (name === null) return deadLink(reply)
      const key = `booking:${name.workspaceId}:${name.id}:${name.side}`
      await countAgainstLimit(deps.sql, { key, ...movesAllowed }, deps.clock.wall())
      const { move } = request.params
      const zone = request.body.zone ?? null
      try {
        await transaction(deps.sql, async (tx) => {
          const found = await lockRequest(tx, name)
          if (found === null)
            throw new AppError('not_found', 'not_found', 'This request is not there any more.')
          const readIn = await zoneOf(tx, found, name, zone)
          await make(contextOf(request, tx, deps), found, { name, move, given: request.body, zone: readIn })
        })
      } catch (error) {
        if (!(error instanceof AppError) || error.status >= 500) throw error
        return show(request, reply, deps, {
          name,
          zone,
          notice: null,
          problem: error.message,
          status: error.status,
        })
      }
      const query = new URLSearchParams({ done: move, ...(zone === null ? {} : { zone }) })
      return reply.redirect(`/b/${request.params.token}?${query.toString()}`, 303)
    },
  })
}

type Making = { name: BookingName; move: string; given: Given; zone: string }

function make(
  context: MoveContext,
  found: CallRequest,
  { name, move, given, zone }: Making,
): Promise<CallRequest> {
  const { side } = name
  if ((move === 'accept' || move === 'decline') && side !== 'hero')
    throw new AppError('forbidden', 'not_the_hero', 'Only the hero of this call request may do this.')
  switch (move) {
    case 'accept':
      return moves.accept(context, found, timesIn(given, zone, context.now))
    case 'propose':
      return moves.propose(context, found, { side, times: timesIn(given, zone, context.now) })
    case 'decline':
      return moves.decline(context, found, readReason(given.reason))
    case 'cancel': {
      const by = personOf(found, side)
      return moves.cancel(context, found, {
        by,
        side,
        reason: readReason(given.reason),
        force: given.force ?? false,
      })
    }
    default: {
      const read = readAgreedTime(given.agreed_time)
      if ('problem' in read) throw invalidInput([read.problem])
      return moves.agree(context, found, { side, time: read.time })
    }
  }
}

/** Times as a person writes them: in the zone of the page, unless they carry an offset. */
function timesIn(given: Given, zone: string, now: Date) {
  const inZone = (written: string | undefined) =>
    written ? (readInstant(written, zone)?.toISOString() ?? written) : written
  const { times, problems } = readTimes(
    {
      time_one: inZone(given.time_one),
      time_two: inZone(given.time_two),
      time_three: inZone(given.time_three),
    },
    now,
  )
  if (problems.length > 0) throw invalidInput(problems)
  return times
}

/** Null for a link that was not made here, was changed, or has ended. */
function nameOfLink(token: string, { links, clock }: RequestDeps): BookingName | null {
  const name = links.read(token)
  return name !== null && name.expiresAt > clock.now() ? name : null
}

function deadLink(reply: FastifyReply) {
  const sentence =
    'It was changed on its way, or it has expired. Sign in, or ask the other party for a new one.'
  return reply.code(404).type('text/html; charset=utf-8').send(deadLinkPage(sentence))
}

type Shown = {
  name: BookingName
  zone: string | null
  notice: string | null
  problem: string | null
  status: number
}

async function show(
  request: FastifyRequest<{ Params: { token: string } }>,
  reply: FastifyReply,
  deps: RequestDeps,
  { name, zone, notice, problem, status }: Shown,
) {
  const found = await findRequest(deps.sql, name)
  if (found === null) return deadLink(reply)
  const { side } = name
  const ids = [personOf(found, side), personOf(found, otherSide(side))]
  const people = await findPeople(deps.sql, found.workspaceId, ids)
  const [me, other] = ids.map((id) => people.get(id))
  if (me === undefined || other === undefined) return deadLink(reply)
  const isZone = zone === null || isTimeZone(zone)
  const page = bookingPage({
    request: found,
    side,
    me,
    other,
    zone: zone !== null && isZone ? zone : me.timeZone,
    now: deps.clock.now(),
    path: `/b/${request.params.token}`,
    notice,
    problem: isZone ? problem : `${zone} is no time zone. Write it like Asia/Kathmandu.`,
  })
  // The address is the credential: it must not travel to other sites.
  return reply
    .code(status)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(page)
}

async function zoneOf(
  sql: Queryable,
  found: CallRequest,
  { side }: BookingName,
  zone: string | null,
): Promise<string> {
  if (zone !== null && isTimeZone(zone)) return zone
  const id = personOf(found, side)
  return (await findPeople(sql, found.workspaceId, [id])).get(id)?.timeZone ?? 'UTC'
}
