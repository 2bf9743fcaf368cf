import { Type } from '@fastify/type-provider-typebox'
import { findHero, type Hero } from '../accounts/hero-store.ts'
import { findUser } from '../accounts/user-store.ts'
import type { User } from '../accounts/user.ts'
import type { Queryable } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { sixDecimalsText } from '../http/instants.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf, seesAll, type Principal } from '../http/principal.ts'
import { invalidInput, lengthOf, shown } from '../http/validation.ts'
import { calendarOf } from './calendar.ts'
import { sideOf, statuses, type CallRequest } from './call-request.ts'
import { linkEnd } from './booking-link.ts'
import { contextOf, originFor, type RequestDeps } from './request-deps.ts'
import { nameOf } from './request-letters.ts'
import { linkFor, tellAsked } from './request-moves.ts'
import { findPeople } from './party-store.ts'
import { findRequest, insertRequest, listRequests } from './request-store.ts'
import { RequestWire, toRequestWire } from './request-wire.ts'

const longestMessage = 500

const NewRequest = Type.Object({
  hero_id: Type.Union([Type.Integer(), Type.String()], { description: 'The id of a hero' }),
  message: Type.String({ description: 'What the call is about, 1 to 500 characters' }),
  estimated_length: Type.Integer({ description: 'Minutes: 15, 30 … 120' }),
})
const ListQuery = Type.Object({
  ...PageQuery,
  status: Type.Optional(Type.Enum([...statuses])),
  role: Type.Optional(Type.Enum(['user', 'hero'], { description: 'Only where I am this party' })),
})
export const RequestId = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
})
const tags = ['call requests']

/** Making call requests and reading them. */
export async function requestRoutes(app: App, deps: RequestDeps): Promise<void> {
  createRoute(app, deps)
  readingRoutes(app, deps)
  linkRoute(app, deps)
}

function createRoute(app: App, deps: RequestDeps): void {
  const { sql, clock } = deps
  app.route({
    method: 'POST',
    url: '/api/v1/call-requests/',
    config: { allow: 'signed_in' },
    attachValidation: true,
    schema: { tags, summary: 'Ask a hero for a call', body: NewRequest, response: { 200: RequestWire } },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      return idempotent(request, reply, sql, async (tx) => {
        const user = userId === null ? null : await findUser(tx, workspaceId, userId)
        requireVerified(user)
        if (request.validationError) throw request.validationError
        const { hero_id, message, estimated_length } = request.body
        const hero = await findHero(tx, workspaceId, heroName(hero_id))
        const wanted = requireNewRequest({ user, hero, heroId: hero_id, message, estimated_length })
        const made = await insertRequest(tx, { ...wanted, workspaceId, now: clock.now() })
        const asked = await tellAsked(contextOf(request, tx, deps), made)
        return { status: 200, body: toRequestWire(asked, new Map(), originFor(request, deps)) }
      })
    },
  })
}

function readingRoutes(app: App, deps: RequestDeps): void {
  const { sql, clock } = deps

  app.route({
    method: 'GET',
    url: '/api/v1/call-requests/',
    config: { allow: 'signed_in' },
    schema: {
      tags,
      summary: 'Call requests, newest first: the own ones; all for administrators and managers',
      querystring: ListQuery,
      response: { 200: pageOf(RequestWire) },
    },
    handler: async (request) => {
      const principal = principalOf(request)
      const { workspaceId } = principal
      const userId = principal.userId ?? ''
      const page = readPage(request.query)
      const { status = null, role } = request.query
      const { count, requests } = await listRequests(sql, {
        workspaceId,
        partyId: seesAll(principal) ? null : userId,
        side: role === undefined ? null : { userId, side: role },
        status,
        offset: page.offset,
        limit: page.size,
      })
      const people = await peopleOf(sql, workspaceId, requests)
      const results = requests.map((one) => toRequestWire(one, people, originFor(request, deps)))
      return pageAnswer(request, deps.publicUrl, { ...page, count, results })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/call-requests/:id/',
    config: { allow: 'signed_in' },
    schema: { tags, summary: 'One call request', params: RequestId, response: { 200: RequestWire } },
    handler: async (request) => {
      const found = await readable(sql, principalOf(request), request.params.id)
      const people = await peopleOf(sql, found.workspaceId, [found])
      return toRequestWire(found, people, originFor(request, deps))
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/call-requests/:id/calendar.ics',
    config: { allow: 'signed_in' },
    schema: {
      tags,
      summary: 'An agreed call for a calendar',
      params: RequestId,
      produces: ['text/calendar'],
    },
    handler: async (request, reply) => {
      const found = await readable(sql, principalOf(request), request.params.id)
      const text = await calendarText(sql, found, clock.now())
      if (text === null)
        throw new AppError(
          'not_found',
          'not_found',
          'No time has been agreed, so there is nothing for a calendar yet.',
        )
      return reply
        .type('text/calendar; charset=utf-8')
        .header('content-disposition', 'attachment; filename="call.ics"')
        .send(text)
    },
  })
}

function linkRoute(app: App, deps: RequestDeps): void {
  const url = Type.Union([Type.String(), Type.Null()])
  app.route({
    method: 'POST',
    url: '/api/v1/call-requests/:id/booking-link/',
    config: { allow: 'signed_in' },
    schema: {
      tags,
      summary: 'Links to the public page of a request, which need no login',
      description: 'A party gets the own link only: whoever has a link acts as that party.',
      params: RequestId,
      response: { 200: Type.Object({ user_url: url, hero_url: url, expires_at: Type.String() }) },
    },
    handler: async (request) => {
      const principal = principalOf(request)
      const found = await readable(deps.sql, principal, request.params.id)
      const now = deps.clock.now()
      const context = { links: deps.links, origin: originFor(request, deps), now }
      const side = sideOf(found, principal.userId)
      return {
        user_url: side === 'hero' ? null : linkFor(context, found, 'user'),
        hero_url: side === 'user' ? null : linkFor(context, found, 'hero'),
        expires_at: sixDecimalsText(linkEnd(now)),
      }
    },
  })
}

/** The text of the calendar file; null without an agreed time. */
export async function calendarText(sql: Queryable, request: CallRequest, now: Date): Promise<string | null> {
  const people = await findPeople(sql, request.workspaceId, [request.userId, request.heroUserId])
  const nameIn = (id: string) => {
    const person = people.get(id)
    return person === undefined ? 'Somebody' : nameOf(person)
  }
  const names = { user: nameIn(request.userId), hero: nameIn(request.heroUserId) }
  return calendarOf(request, names, { now, url: null })
}

/** Everybody who proposed something in these requests. */
export function peopleOf(sql: Queryable, workspaceId: number, requests: readonly CallRequest[]) {
  const ids = requests.flatMap((one) => one.proposals.map((proposal) => proposal.userId))
  return findPeople(sql, workspaceId, ids)
}

/** Throws 404 for an unknown request and 403 for one that is none of this person's business. */
export async function readable(sql: Queryable, principal: Principal, id: number): Promise<CallRequest> {
  const found = await findRequest(sql, { workspaceId: principal.workspaceId, id })
  if (found === null) throw new AppError('not_found', 'not_found', 'Not found.')
  if (sideOf(found, principal.userId) !== null || seesAll(principal)) return found
  throw new AppError(
    'forbidden',
    'not_a_party',
    'You are neither the user nor the hero of this call request.',
  )
}

function requireVerified(user: User | null): asserts user is User {
  if (user === null) throw new AppError('forbidden', 'forbidden', 'Only a person may ask for a call.')
  const missing = !user.isVerifiedEmail ? 'email' : !user.isVerifiedPhone ? 'phone' : 'payment'
  if (user.isVerifiedEmail && user.isVerifiedPhone && user.isVerifiedPayment) return
  const ways = {
    email: 'Your e-mail is not verified. Verify it with POST /api/accounts/verify-email/.',
    phone: 'Your phone is not verified. Verify it with POST /api/accounts/verify-phone/.',
    payment: 'You have no verified form of payment. Add one with POST /api/accounts/payment-method/.',
  }
  throw new AppError('forbidden', `${missing}_unverified`, ways[missing])
}

/** A hero by the id; the id of the person behind one is understood, too. */
function heroName(given: number | string): { id: number } | { userId: string } {
  const text = String(given).trim()
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { userId: text }
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0
  return { id }
}

type Wanted = {
  user: User
  hero: Hero | null
  heroId: unknown
  message: string
  estimated_length: number
}

function requireNewRequest({ user, hero, heroId, message, estimated_length: length }: Wanted) {
  const problems = []
  if (hero === null || !hero.active || hero.approvedAt === null) {
    problems.push({
      param: 'hero_id',
      code: 'unknown_hero',
      message: `There is no active hero ${shown(heroId)}.`,
    })
  } else if (hero.userId === user.id) {
    problems.push({ param: 'hero_id', code: 'own_hero', message: 'hero_id is yourself. Ask somebody else.' })
  }
  const text = message.trim()
  if (text === '' || lengthOf(text) > longestMessage) {
    const sentence = `message must have 1 to ${longestMessage} characters; it has ${lengthOf(text)}.`
    problems.push({ param: 'message', code: text === '' ? 'blank' : 'too_long', message: sentence })
  }
  if (length < 15 || length > 120 || length % 15 !== 0) {
    const sentence = `estimated_length must be a multiple of 15 from 15 to 120; ${shown(length)} is not.`
    problems.push({ param: 'estimated_length', code: 'range', message: sentence })
  }
  if (hero === null || problems.length > 0) throw invalidInput(problems)
  return {
    userId: user.id,
    heroId: hero.id,
    heroUserId: hero.userId,
    message: text,
    estimatedLength: length,
  }
}
