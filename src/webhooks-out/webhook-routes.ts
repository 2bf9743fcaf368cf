import { Type } from '@fastify/type-provider-typebox'
import { transaction } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { everyKind } from '../events/notice.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf } from '../http/principal.ts'
import { uuidV7 } from '../random.ts'
import * as store from './endpoint-store.ts'
import type { WebhookDeps } from './webhook-deps.ts'
import { Events, ShownWebhook, toWebhook, WebhookWire } from './webhook-wire.ts'

const Url = Type.String({ minLength: 1, maxLength: 2_000, description: 'An https address on the internet' })
const NewWebhook = Type.Object({ url: Url, events: Type.Optional(Events) })
const Change = Type.Object({
  url: Type.Optional(Url),
  events: Type.Optional(Events),
  enabled: Type.Optional(Type.Boolean()),
})
const Rotation = Type.Object({
  overlap_hours: Type.Optional(
    Type.Number({ minimum: 0, maximum: 720, default: 24, description: 'How long the old secret signs, too' }),
  ),
})
export const WebhookId = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** Where secrets are shown and data leaves: an administrator's own business. */
export const config = { allow: ['admin'], personal: true } as const
export const tags = ['webhooks']

/** Endpoints of programs outside. */
export async function webhookRoutes(app: App, deps: WebhookDeps): Promise<void> {
  reading(app, deps)
  making(app, deps)
  changing(app, deps)
}

function reading(app: App, { sql, publicUrl }: WebhookDeps): void {
  app.route({
    method: 'GET',
    url: '/api/webhooks/',
    config,
    schema: {
      tags,
      summary: 'Webhooks',
      querystring: Type.Object(PageQuery),
      response: { 200: pageOf(WebhookWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const all = await store.listEndpoints(sql, principalOf(request).workspaceId)
      const results = all.slice(page.offset, page.offset + page.size).map(toWebhook)
      return pageAnswer(request, publicUrl, { ...page, count: all.length, results })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/webhooks/:id/',
    config,
    schema: { tags, summary: 'A webhook', params: WebhookId, response: { 200: WebhookWire } },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      return toWebhook(found(await store.findEndpoint(sql, { workspaceId, id: request.params.id })))
    },
  })
}

function making(app: App, deps: WebhookDeps): void {
  const { sql, clock, secrets } = deps
  app.route({
    method: 'POST',
    url: '/api/webhooks/',
    config,
    schema: { tags, summary: 'Be told what happens', body: NewWebhook, response: { 201: ShownWebhook } },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const created = await idempotent(request, reply, sql, async (tx) => {
        const createdAt = clock.now()
        const url = readUrl(request.body.url, deps)
        const kinds = kindsOf(request.body.events ?? [everyKind])
        const id = uuidV7(createdAt.getTime())
        const endpoint = await store.insertEndpoint(tx, { workspaceId, id, url, kinds, createdAt })
        return { status: 201, body: toWebhook(endpoint) }
      })
      // Added after what is stored for a replay: the secret itself is in no table.
      return { ...created, secret: secrets.secretOf(created.id, 1) }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/rotate/',
    config,
    schema: {
      tags,
      summary: 'Give a webhook a new secret; until the overlap ends the old one signs as well',
      params: WebhookId,
      body: Rotation,
      response: { 200: ShownWebhook },
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const { id } = request.params
      const overlapEndsAt = new Date(clock.wall().getTime() + (request.body.overlap_hours ?? 24) * 3_600_000)
      const rotated = await idempotent(request, reply, sql, async (tx) => {
        const endpoint = found(await store.rotateEndpoint(tx, { workspaceId, id }, overlapEndsAt))
        return { status: 200, body: { ...toWebhook(endpoint), generation: endpoint.generation } }
      })
      const { generation, ...body } = rotated
      return { ...body, secret: secrets.secretOf(id, generation) }
    },
  })
}

function changing(app: App, deps: WebhookDeps): void {
  const { sql, clock } = deps
  app.route({
    method: 'PATCH',
    url: '/api/webhooks/:id/',
    config,
    schema: {
      tags,
      summary: 'Change a webhook, switch it off or on again',
      params: WebhookId,
      body: Change,
      response: { 200: WebhookWire },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const { url, events, enabled } = request.body
      return transaction(sql, async (tx) => {
        const endpoint = found(await store.lockEndpoint(tx, { workspaceId, id: request.params.id }))
        const change = {
          url: url === undefined ? endpoint.url : readUrl(url, deps),
          kinds: events === undefined ? endpoint.kinds : kindsOf(events),
          isOn: enabled ?? endpoint.disabledAt === null,
        }
        return toWebhook(await store.changeEndpoint(tx, endpoint, change, clock.now()))
      })
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/webhooks/:id/',
    config: { ...config, success: 204 },
    schema: { tags, summary: 'Remove a webhook with the log of its deliveries', params: WebhookId },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      if (!(await store.deleteEndpoint(sql, { workspaceId, id: request.params.id }))) found(null)
      return reply.code(204).send()
    },
  })
}

/** Throws AppError not_found. */
export function found<Found>(one: Found | null): Found {
  if (one === null) throw new AppError('not_found', 'not_found', 'Not found.')
  return one
}

function readUrl(given: string, { sender }: Pick<WebhookDeps, 'sender'>): string {
  const text = given.trim()
  if (sender.mayReach(text)) return new URL(text).href
  const sentence =
    'url must be an https address on the public internet. Hosts of your own network are allowed by WEBHOOK_PRIVATE_HOSTS.'
  throw new AppError('invalid', 'address_refused', sentence, { param: 'url' })
}

function kindsOf(events: readonly string[]): string[] {
  return events.includes(everyKind) ? [everyKind] : [...new Set(events)]
}
