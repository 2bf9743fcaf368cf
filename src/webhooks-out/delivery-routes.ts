import { Type } from '@fastify/type-provider-typebox'
import { transaction } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { insertDeliveries, noticeBody, noticeChannel } from '../events/notice-store.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf } from '../http/principal.ts'
import { uuidV7 } from '../random.ts'
import { listDeliveries, sendAgain } from './delivery-store.ts'
import { findEndpoint } from './endpoint-store.ts'
import type { WebhookDeps } from './webhook-deps.ts'
import { config, found, tags, WebhookId } from './webhook-routes.ts'
import { DeliveryWire, toDelivery } from './webhook-wire.ts'

const Asked = Type.Object({
  ...PageQuery,
  status: Type.Optional(Type.Enum(['waiting', 'delivered', 'failed'])),
})
const DeliveryId = Type.Object({
  id: Type.String({ format: 'uuid' }),
  delivery_id: Type.String({ format: 'uuid' }),
})

/** What endpoints were told, kept for a week after it ended. */
export async function deliveryRoutes(app: App, deps: WebhookDeps): Promise<void> {
  log(app, deps)
  sending(app, deps)
}

function log(app: App, { sql, publicUrl }: WebhookDeps): void {
  app.route({
    method: 'GET',
    url: '/api/webhooks/:id/deliveries/',
    config,
    schema: {
      tags,
      summary: 'What a webhook was told, and what it answered',
      params: WebhookId,
      querystring: Asked,
      response: { 200: pageOf(DeliveryWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const { workspaceId } = principalOf(request)
      const endpoint = found(await findEndpoint(sql, { workspaceId, id: request.params.id }))
      const wanted = { state: request.query.status ?? null, offset: page.offset, limit: page.size }
      const place = { workspaceId, endpointId: endpoint.id }
      const { count, deliveries } = await listDeliveries(sql, place, wanted)
      return pageAnswer(request, publicUrl, { ...page, count, results: deliveries.map(toDelivery) })
    },
  })
}

function sending(app: App, { sql, clock }: WebhookDeps): void {
  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/deliveries/:delivery_id/resend/',
    config: { ...config, success: 202 },
    schema: {
      tags,
      summary: 'Send a delivery again, under the same id',
      params: DeliveryId,
      response: { 202: DeliveryWire },
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const { id, delivery_id: deliveryId } = request.params
      reply.code(202)
      return transaction(sql, async (tx) => {
        requireOn(found(await findEndpoint(tx, { workspaceId, id })))
        const place = { workspaceId, endpointId: id }
        const delivery = found(await sendAgain(tx, place, deliveryId, clock.now()))
        await tx`select pg_notify(${noticeChannel}, '')`
        return toDelivery(delivery)
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/test/',
    config: { ...config, success: 202 },
    schema: {
      tags,
      summary: 'Send a test message',
      params: WebhookId,
      response: { 202: Type.Object({ message_id: Type.String() }) },
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      return idempotent(request, reply, sql, async (tx) => {
        const endpoint = found(await findEndpoint(tx, { workspaceId, id: request.params.id }))
        requireOn(endpoint)
        const now = clock.now()
        const [kind, messageId] = ['webhook.test', uuidV7(now.getTime())]
        const body = noticeBody(kind, { webhook_id: endpoint.id }, now)
        const delivery = { workspaceId, endpointId: endpoint.id, messageId, kind, body }
        await insertDeliveries(tx, [delivery], now)
        return { status: 202, body: { message_id: `msg_${messageId}` } }
      })
    },
  })
}

function requireOn({ disabledAt }: { disabledAt: Date | null }): void {
  if (disabledAt === null) return
  const sentence = 'This webhook is off. Switch it on first: PATCH it with "enabled": true.'
  throw new AppError('conflict', 'webhook_off', sentence)
}
