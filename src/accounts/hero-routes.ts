import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { sixDecimalsText } from '../http/instants.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf, type Principal } from '../http/principal.ts'
import { originFor, type AccountDeps } from './account-deps.ts'
import { applyAsHero, findHero, listHeroes, updateHero, type Hero } from './hero-store.ts'
import { imageUrl } from './user-wire.ts'

const bio = Type.String({ maxLength: 500, description: 'The headline of the public profile' })
const HeroWire = Type.Object({
  id: Type.Integer(),
  user: Type.String({ format: 'uuid' }),
  first_name: Type.String(),
  last_name: Type.String(),
  profile_image: Type.Union([Type.String(), Type.Null()]),
  bio: Type.String(),
  timezone: Type.String(),
  active: Type.Boolean(),
  approved: Type.Boolean(),
  created: Type.String(),
})
const Id = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const HeroQuery = Type.Object({
  ...PageQuery,
  search: Type.Optional(Type.String({ maxLength: 100 })),
  waiting: Type.Optional(
    Type.Boolean({ description: 'Those who asked to become a hero; administrators only' }),
  ),
})
const tags = ['heroes']

/** The people who may be asked for a call. */
export async function heroRoutes(app: App, deps: AccountDeps): Promise<void> {
  const { sql, clock } = deps

  app.route({
    method: 'GET',
    url: '/api/v1/heroes/',
    config: { allow: 'signed_in' },
    schema: {
      tags,
      summary: 'Heroes who may be asked for a call',
      querystring: HeroQuery,
      response: { 200: pageOf(HeroWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const principal = principalOf(request)
      const waiting = request.query.waiting === true
      if (waiting && principal.role !== 'admin') throw forbidden('Only administrators see who is waiting.')
      const search = request.query.search?.trim() || null
      const filter = { workspaceId: principal.workspaceId, waiting, search }
      const { count, heroes } = await listHeroes(sql, { ...filter, offset: page.offset, limit: page.size })
      const results = heroes.map((hero) => toWire(hero, originFor(request, deps)))
      return pageAnswer(request, deps.publicUrl, { ...page, count, results })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/heroes/:id/',
    config: { allow: 'signed_in' },
    schema: { tags, summary: 'One hero', params: Id, response: { 200: HeroWire } },
    handler: async (request) => {
      const principal = principalOf(request)
      const hero = await findHero(sql, principal.workspaceId, { id: request.params.id })
      if (hero === null || !maySee(principal, hero))
        throw new AppError('not_found', 'not_found', 'Not found.')
      return toWire(hero, originFor(request, deps))
    },
  })

  app.route({
    method: 'POST',
    url: '/api/v1/heroes/',
    config: { allow: 'signed_in', personal: true },
    schema: {
      tags,
      summary: 'Ask to become a hero',
      body: Type.Object({ bio: Type.Optional(bio) }),
      response: { 201: HeroWire },
    },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      return idempotent(request, reply, sql, async (tx) => {
        const who = {
          workspaceId,
          userId: userId ?? '',
          bio: request.body.bio?.trim() ?? '',
          now: clock.now(),
        }
        await applyAsHero(tx, who)
        const hero = await findHero(tx, workspaceId, { userId: who.userId })
        if (hero === null) throw new AppError('not_found', 'not_found', 'Not found.')
        return { status: 201, body: toWire(hero, originFor(request, deps)) }
      })
    },
  })
  changeRoute(app, deps)
}

function changeRoute(app: App, deps: AccountDeps): void {
  const { sql, clock } = deps
  app.route({
    method: 'PATCH',
    url: '/api/v1/heroes/:id/',
    config: { allow: 'signed_in', personal: true },
    schema: {
      tags,
      summary: 'Change a profile: the hero, or an administrator, who also approves by active: true',
      params: Id,
      body: Type.Object({ bio: Type.Optional(bio), active: Type.Optional(Type.Boolean()) }),
      response: { 200: HeroWire },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const { workspaceId } = principal
      const which = { workspaceId, id: request.params.id }
      return idempotent(request, reply, sql, async (tx) => {
        const hero = await findHero(tx, workspaceId, which)
        if (hero === null || !maySee(principal, hero))
          throw new AppError('not_found', 'not_found', 'Not found.')
        if (!isOwn(principal, hero) && principal.role !== 'admin') {
          throw forbidden('Only the hero and administrators may change this profile.')
        }
        const active = request.body.active ?? null
        const approve = active === true && hero.approvedAt === null
        if (approve && principal.role !== 'admin') {
          throw forbidden('An administrator has to approve this profile before it becomes active.')
        }
        await updateHero(tx, which, {
          bio: request.body.bio?.trim() ?? null,
          active,
          approve,
          now: clock.now(),
        })
        const changed = await findHero(tx, workspaceId, which)
        return { status: 200, body: toWire(changed ?? hero, originFor(request, deps)) }
      })
    },
  })
}

function isOwn(principal: Principal, hero: Hero): boolean {
  return principal.userId === hero.userId
}

function maySee(principal: Principal, hero: Hero): boolean {
  return (hero.active && hero.approvedAt !== null) || isOwn(principal, hero) || principal.role === 'admin'
}

function forbidden(message: string): AppError {
  return new AppError('forbidden', 'forbidden', message)
}

function toWire(hero: Hero, origin: string) {
  return {
    id: hero.id,
    user: hero.userId,
    first_name: hero.firstName,
    last_name: hero.lastName,
    profile_image: imageUrl(hero, origin),
    bio: hero.bio,
    timezone: hero.timeZone,
    active: hero.active && hero.approvedAt !== null,
    approved: hero.approvedAt !== null,
    created: sixDecimalsText(hero.createdAt),
  }
}
