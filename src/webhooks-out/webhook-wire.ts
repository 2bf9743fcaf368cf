/** Webhooks and their deliveries as the API tells them. */
import { Type } from '@fastify/type-provider-typebox'
import { everyKind, noticeKinds, type NoticeKind } from '../events/notice.ts'
import { instantText } from '../http/instants.ts'
import type { Delivery } from './delivery-store.ts'
import type { Endpoint } from './endpoint-store.ts'

const Instant = Type.String()
const MaybeInstant = Type.Union([Type.String(), Type.Null()])
const MaybeText = Type.Union([Type.String(), Type.Null()])

const kindNames = Object.keys(noticeKinds) as NoticeKind[]

export const Events = Type.Array(Type.Enum([...kindNames, everyKind]), {
  minItems: 1,
  maxItems: 50,
  description: Object.entries(noticeKinds)
    .map(([kind, says]) => `\`${kind}\`: ${says}.`)
    .join(' ')
    .concat(' `*`: all of them.'),
})

export const webhookMembers = {
  id: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  enabled: Type.Boolean(),
  disabled_reason: Type.Union([Type.Enum(['by_person', 'gone', 'failing']), Type.Null()]),
  created: Instant,
  last_delivered: MaybeInstant,
  failing_since: MaybeInstant,
  overlap_ends: MaybeInstant,
}
export const WebhookWire = Type.Object(webhookMembers)
export const ShownWebhook = Type.Object({
  ...webhookMembers,
  secret: Type.String({ description: 'Signs every message, by Standard Webhooks. Shown this once' }),
})

export function toWebhook(endpoint: Endpoint) {
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.kinds,
    enabled: endpoint.disabledAt === null,
    disabled_reason: endpoint.disabledReason as 'by_person' | 'gone' | 'failing' | null,
    created: instantText(endpoint.createdAt),
    last_delivered: textOf(endpoint.lastDeliveredAt),
    failing_since: textOf(endpoint.failingSince),
    overlap_ends: textOf(endpoint.overlapEndsAt),
  }
}

export const DeliveryWire = Type.Object({
  id: Type.String(),
  message_id: Type.String({ description: 'The webhook-id header: the same at each attempt' }),
  event: Type.String(),
  status: Type.Enum(['waiting', 'delivered', 'failed']),
  attempts: Type.Integer(),
  created: Instant,
  next_attempt: MaybeInstant,
  ended: MaybeInstant,
  problem: MaybeText,
  request: Type.Object({ url: Type.String(), body: Type.String() }),
  response: Type.Union([
    Type.Object({ status: Type.Integer(), body: Type.String(), ms: Type.Integer(), at: MaybeInstant }),
    Type.Null(),
  ]),
})

export function toDelivery(delivery: Delivery) {
  const { answerStatus: status, answerBody: body, answerMs: ms } = delivery
  return {
    id: delivery.id,
    message_id: `msg_${delivery.messageId}`,
    event: delivery.kind,
    status: delivery.state,
    attempts: delivery.attempts,
    created: instantText(delivery.createdAt),
    next_attempt: delivery.state === 'waiting' ? instantText(delivery.dueAt) : null,
    ended: textOf(delivery.endedAt),
    problem: delivery.problem,
    request: { url: delivery.url, body: delivery.body },
    response:
      status === null ? null : { status, body: body ?? '', ms: ms ?? 0, at: textOf(delivery.triedAt) },
  }
}

function textOf(at: Date | null): string | null {
  return at === null ? null : instantText(at)
}
