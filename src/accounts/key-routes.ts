import { Type } from '@fastify/type-provider-typebox'
import { createHmac } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf } from '../http/principal.ts'
import { uuidV7 } from '../random.ts'
import type { AccountDeps } from './account-deps.ts'
import { hashOfKey } from './identify.ts'
import { insertKey, listKeys, revokeKey, type ApiKey } from './key-store.ts'

const scopes = ['read', 'write'] as const
const NewKey = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  scopes: Type.Optional(Type.Array(Type.Enum([...scopes]), { minItems: 1, maxItems: 10 })),
})
const members = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  prefix: Type.String(),
  created: Type.String(),
  last_used: Type.Union([Type.String(), Type.Null()]),
}
const KeyWire = Type.Object(members)
const CreatedKey = Type.Object({ ...members, key: Type.String({ description: 'Shown this once' }) })
const Id = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** Keys for programs. A key acts for the person who made it, as a manager at most, within its scopes. */
export async function keyRoutes(app: App, deps: AccountDeps): Promise<void> {
  const { sql, clock } = deps
  const config = { allow: ['admin'], personal: true } as const
  const tags = ['keys']

  app.route({
    method: 'GET',
    url: '/api/keys/',
    config,
    schema: {
      tags,
      summary: 'API keys',
      querystring: Type.Object(PageQuery),
      response: { 200: pageOf(KeyWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const { workspaceId } = principalOf(request)
      const { count, keys } = await listKeys(sql, { workspaceId, offset: page.offset, limit: page.size })
      return pageAnswer(request, deps.publicUrl, {
        ...page,
        count,
        results: keys.map((key) => toWire(key, deps.keySecret)),
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/keys/',
    config,
    schema: { tags, summary: 'Make an API key', body: NewKey, response: { 201: CreatedKey } },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      const created = await idempotent(request, reply, sql, async (tx) => {
        const now = clock.now()
        const id = uuidV7(now.getTime())
        const hash = hashOfKey(keyOf(deps.keySecret, id))
        const name = request.body.name.trim()
        const wanted = [...new Set(request.body.scopes ?? scopes)]
        const key = await insertKey(tx, {
          workspaceId,
          id,
          userId: userId ?? '',
          name,
          scopes: wanted,
          hash,
          now,
        })
        return { status: 201, body: toWire(key, deps.keySecret) }
      })
      // Added after what is stored for a replay: the key itself is in no table.
      return { ...created, key: keyOf(deps.keySecret, created.id) }
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/keys/:id/',
    config: { ...config, success: 204 },
    schema: { tags, summary: 'Revoke an API key', params: Id },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const revoked = await revokeKey(sql, { workspaceId, id: request.params.id, now: clock.now() })
      if (!revoked) throw new AppError('not_found', 'not_found', 'Not found.')
      return reply.code(204).send()
    },
  })
}

function toWire(key: ApiKey, secret: Buffer) {
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    prefix: keyOf(secret, key.id).slice(0, 8),
    created: instantText(key.createdAt),
    last_used: key.lastUsedAt === null ? null : instantText(key.lastUsedAt),
  }
}

/** The key with this id. Derived, so that a repeated request can be told it again without it being stored. */
function keyOf(secret: Buffer, id: string): string {
  return `tk_${createHmac('sha256', secret).update(id).digest('base64url')}`
}
