import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf } from '../http/principal.ts'
import { uuidV7 } from '../random.ts'
import {
  insertDialerKey,
  listDialerKeys,
  lockDialerKey,
  revokeDialerKey,
  rotateDialerKey,
  type DialerKey,
} from './dialer-key-store.ts'
import { hashOf } from './dialer-key.ts'
import type { LeadDeps } from './lead-deps.ts'

const NewKey = Type.Object({ name: Type.Optional(Type.String({ maxLength: 100 })) })
const Rotation = Type.Object({
  overlap_hours: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 720,
      default: 24,
      description: 'How long the old secret still opens',
    }),
  ),
})
const members = {
  id: Type.String(),
  name: Type.String(),
  created: Type.String(),
  rotated: Type.Union([Type.String(), Type.Null()]),
  last_used: Type.Union([Type.String(), Type.Null()]),
  overlap_ends: Type.Union([Type.String(), Type.Null()]),
}
const KeyWire = Type.Object(members)
const ShownKey = Type.Object({ ...members, key: Type.String({ description: 'Shown this once' }) })
const Id = Type.Object({ id: Type.String({ format: 'uuid' }) })

const config = { allow: ['admin'], personal: true } as const
const tags = ['keys']

/** Keys for dialers: they open the intake and nothing else. */
export async function dialerKeyRoutes(app: App, deps: LeadDeps): Promise<void> {
  listing(app, deps)
  writing(app, deps)
}

function listing(app: App, { sql, clock, keys, publicUrl }: LeadDeps): void {
  app.route({
    method: 'GET',
    url: '/api/dialer-keys/',
    config,
    schema: {
      tags,
      summary: 'Dialer keys',
      querystring: Type.Object(PageQuery),
      response: { 200: pageOf(KeyWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const { workspaceId } = principalOf(request)
      await keys.ensureFirst(clock.now())
      const wanted = { workspaceId, offset: page.offset, limit: page.size, wall: clock.wall() }
      const { count, keys: found } = await listDialerKeys(sql, wanted)
      return pageAnswer(request, publicUrl, { ...page, count, results: found.map(toWire) })
    },
  })
}

function writing(app: App, { sql, clock, keys }: LeadDeps): void {
  app.route({
    method: 'POST',
    url: '/api/dialer-keys/',
    config,
    schema: { tags, summary: 'Make a dialer key', body: NewKey, response: { 201: ShownKey } },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      const created = await idempotent(request, reply, sql, async (tx) => {
        const now = clock.now()
        const id = uuidV7(now.getTime())
        const name = request.body.name?.trim() || 'Dialer'
        const hash = hashOf(keys.secretOf(id, 1))
        await insertDialerKey(tx, { workspaceId, id, name, hash, createdBy: userId, now })
        return {
          status: 201,
          body: toWire(await requireKey(await lockDialerKey(tx, { workspaceId, id, wall: now }))),
        }
      })
      // Added after what is stored for a replay: the secret itself is in no table.
      return { ...created, key: keys.secretOf(created.id, 1) }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/dialer-keys/:id/rotate/',
    config,
    schema: {
      tags,
      summary: 'Give a key a new secret; the old one ends after the overlap',
      params: Id,
      body: Rotation,
      response: { 200: ShownKey },
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const { id } = request.params
      const olderEndAt = new Date(clock.wall().getTime() + (request.body.overlap_hours ?? 24) * 3_600_000)
      const rotated = await idempotent(request, reply, sql, async (tx) => {
        const place = { workspaceId, id, wall: clock.wall() }
        const generation = requireKey(await lockDialerKey(tx, place)).generation + 1
        const hash = hashOf(keys.secretOf(id, generation))
        await rotateDialerKey(tx, { workspaceId, id, hash, generation, olderEndAt, now: clock.now() })
        const key = requireKey(await lockDialerKey(tx, place))
        return { status: 200, body: { ...toWire(key), generation } }
      })
      const { generation, ...body } = rotated
      return { ...body, key: keys.secretOf(id, generation) }
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/dialer-keys/:id/',
    config: { ...config, success: 204 },
    schema: { tags, summary: 'Revoke a dialer key', params: Id },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      requireKey(await revokeDialerKey(sql, { workspaceId, id: request.params.id, now: clock.now() }))
      return reply.code(204).send()
    },
  })
}

function requireKey<Found>(found: Found | null | false): Found {
  if (found === null || found === false) throw new AppError('not_found', 'not_found', 'Not found.')
  return found
}

function toWire(key: DialerKey) {
  return {
    id: key.id,
    name: key.name,
    created: instantText(key.createdAt),
    rotated: key.rotatedAt === null ? null : instantText(key.rotatedAt),
    last_used: key.lastUsedAt === null ? null : instantText(key.lastUsedAt),
    overlap_ends: key.overlapEndsAt === null ? null : instantText(key.overlapEndsAt),
  }
}
