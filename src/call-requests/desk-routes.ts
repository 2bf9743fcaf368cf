import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Queryable } from '../db/sql.ts'
import type { App } from '../http/app-shell.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf, seesAll, type Principal } from '../http/principal.ts'
import { sixDecimalsText } from '../http/instants.ts'
import { reminderLeadMs, sideOf, type CallRequest } from './call-request.ts'
import { stageOf, stages, countStages, listStage, type DeskFilter, type Stage } from './desk-store.ts'
import { findPeople, type Person } from './party-store.ts'
import { originFor, type RequestDeps } from './request-deps.ts'
import { readable, RequestId } from './request-routes.ts'
import { cancellationsSince } from './cancellation-store.ts'
import { findRequests } from './request-store.ts'
import { RequestWire, toRequestWire } from './request-wire.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])
const PersonWire = Type.Object({
  id: Type.String({ format: 'uuid' }),
  first_name: Type.String(),
  last_name: Type.String(),
  profile_image: nullableText,
  timezone: Type.String(),
})
const stage = Type.Enum([...stages], { description: 'Whose turn it is, for who asks' })
const members = {
  ...RequestWire.properties,
  stage,
  side: Type.Union([Type.Enum(['user', 'hero']), Type.Null()], { description: 'Of who asks' }),
  user_person: PersonWire,
  hero_person: PersonWire,
  outcome_reason: nullableText,
}
const DeskWire = Type.Object(members)
const DeskDetail = Type.Object({
  ...members,
  remind_time: nullableText,
  now: Type.String(),
  cancellations_left: Type.Union([Type.Integer(), Type.Null()]),
})
const DeskPage = Type.Object({
  ...pageOf(DeskWire).properties,
  counts: Type.Object(Object.fromEntries(stages.map((one) => [one, Type.Integer()]))),
})
const tags = ['call requests']

/** Call requests with their people and whose turn it is, for pages. */
export async function deskRoutes(app: App, deps: RequestDeps): Promise<void> {
  const { sql, clock } = deps

  app.route({
    method: 'GET',
    url: '/api/requests/',
    config: { allow: 'signed_in' },
    schema: {
      tags,
      summary: 'Call requests of one stage, latest moved first, and how many there are of each',
      querystring: Type.Object({ ...PageQuery, stage: Type.Optional(stage) }),
      response: { 200: DeskPage },
    },
    handler: async (request) => {
      const principal = principalOf(request)
      const page = readPage(request.query)
      const wanted = request.query.stage ?? 'needs_me'
      const filter = filterOf(principal)
      const counts = await countStages(sql, filter)
      const count = counts[wanted]
      const listed = await listStage(
        sql,
        { ...filter, stage: wanted },
        { limit: page.size, offset: page.offset },
      )
      const found = await findRequests(
        sql,
        principal.workspaceId,
        listed.map((one) => one.id),
      )
      const people = await everybodyOf(sql, found)
      const shown = { principal, people, origin: originFor(request, deps) }
      const results = listed.flatMap(({ id, stage: at }) => {
        const one = found.find((other) => other.id === id)
        return one === undefined ? [] : [toDeskWire(one, { ...shown, stage: at })]
      })
      return { ...pageAnswer(request, deps.publicUrl, { ...page, count, results }), counts }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/requests/:id/',
    config: { allow: 'signed_in' },
    schema: {
      tags,
      summary: 'One call request with its people',
      params: RequestId,
      response: { 200: DeskDetail },
    },
    handler: async (request) => {
      const principal = principalOf(request)
      const found = await readable(sql, principal, request.params.id)
      const people = await everybodyOf(sql, [found])
      const at = (await stageOf(sql, filterOf(principal), found.id)) ?? 'closed'
      const { agreedTime } = found
      const remindAt = agreedTime === null ? null : new Date(agreedTime.getTime() - reminderLeadMs)
      return {
        ...toDeskWire(found, { principal, people, origin: originFor(request, deps), stage: at }),
        remind_time: remindAt === null ? null : sixDecimalsText(remindAt),
        now: sixDecimalsText(clock.now()),
        cancellations_left: await cancellationsLeft(sql, principal, clock.now()),
      }
    },
  })
}

function filterOf(principal: Principal): DeskFilter {
  const { workspaceId, userId } = principal
  return { workspaceId, userId, ownOnly: !seesAll(principal) }
}

function everybodyOf(sql: Queryable, requests: readonly CallRequest[]): Promise<Map<string, Person>> {
  const ids = requests.flatMap((one) => [one.userId, one.heroUserId])
  return findPeople(sql, requests[0]?.workspaceId ?? 0, ids)
}

type Shown = { principal: Principal; people: Map<string, Person>; origin: string; stage: Stage }

function toDeskWire(request: CallRequest, { principal, people, origin, stage: at }: Shown) {
  return {
    ...toRequestWire(request, people, origin),
    stage: at,
    side: sideOf(request, principal.userId),
    user_person: personWire(people.get(request.userId), origin),
    hero_person: personWire(people.get(request.heroUserId), origin),
    outcome_reason: request.outcomeReason,
  }
}

function personWire(person: Person | undefined, origin: string) {
  if (person === undefined) throw new Error('a party of a request is not there')
  return {
    id: person.id,
    first_name: person.firstName,
    last_name: person.lastName,
    profile_image: person.profileImage === null ? null : new URL(person.profileImage, origin).href,
    timezone: person.timeZone,
  }
}

/** How many accepted requests this person may still cancel without a fee; null for who is no person. */
async function cancellationsLeft(sql: Queryable, principal: Principal, now: Date): Promise<number | null> {
  const { workspaceId, userId } = principal
  if (userId === null) return null
  const { cancellationLimit, cancellationWindowDays } = await findSettings(sql, workspaceId)
  const since = new Date(now.getTime() - cancellationWindowDays * 24 * 60 * 60_000)
  const cancelled = await cancellationsSince(sql, { workspaceId, userId }, since)
  return Math.max(0, cancellationLimit - cancelled)
}
