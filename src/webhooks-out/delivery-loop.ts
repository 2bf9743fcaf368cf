/** Sends what programs outside are told. A slow endpoint has few deliveries under way and delays nobody else's. */
import type { Clock } from '../clock.ts'
import { createLoop } from '../db/loop.ts'
import { isConnectionFailure, transaction, type Sql } from '../db/sql.ts'
import { noticeChannel, triedForMs } from '../events/notice-store.ts'
import type { Log } from '../log.ts'
import { outcomeOf } from './delivery.ts'
import { settle, takeDue, type Due } from './delivery-store.ts'
import { signedHeaders, type EndpointSecrets } from './endpoint-secret.ts'
import { disableEndpoint, lockEndpoint } from './endpoint-store.ts'
import type { WebhookSender } from './webhook-sender.ts'

export type DeliveryLoop = { start(): Promise<void>; stop(): Promise<void> }

const perEndpoint = 8
const perTurn = 64
const everyMs = 1_000
/** A server that stops waits for answers so long; what is cut off is sent again. */
const stopWithinMs = 2_000

export function createDeliveryLoop(deps: {
  sql: Sql
  clock: Clock
  log: Log
  secrets: EndpointSecrets
  sender: WebhookSender
}): DeliveryLoop {
  const { sql, clock, log, secrets, sender } = deps
  /** Under way in this process, by endpoint. */
  const busy = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  let unlisten: (() => Promise<void>) | null = null

  const loop = createLoop({
    name: 'sending webhooks',
    log,
    turn: async () => {
      const taken = await takeDue(sql, { perEndpoint, busy, limit: perTurn }, clock.now())
      for (const due of taken) begin(due)
      return everyMs
    },
  })

  function begin(due: Due): void {
    busy.set(due.endpointId, (busy.get(due.endpointId) ?? 0) + 1)
    const sending = deliverSafely(due).finally(() => {
      const left = (busy.get(due.endpointId) ?? 1) - 1
      if (left === 0) busy.delete(due.endpointId)
      else busy.set(due.endpointId, left)
      underWay.delete(sending)
      loop.wake()
    })
    underWay.add(sending)
  }

  async function deliverSafely(due: Due): Promise<void> {
    try {
      await deliver(due)
    } catch (error) {
      // It is taken up again when its time is over.
      if (!isConnectionFailure(error)) log.error({ err: error, deliveryId: due.id }, 'a webhook failed')
    }
  }

  async function deliver(due: Due): Promise<void> {
    const at = clock.wall()
    const isOverlap = due.overlapEndsAt !== null && due.overlapEndsAt > at
    const generations = isOverlap ? [due.generation, due.generation - 1] : [due.generation]
    const keys = generations.map((generation) => secrets.secretOf(due.endpointId, generation))
    const headers = signedHeaders({ id: `msg_${due.messageId}`, body: due.body, at }, keys)
    const attempt = await sender.send({ url: due.url, body: due.body, headers })
    const now = clock.now()
    const outcome = outcomeOf(attempt, due, now)
    await transaction(sql, async (tx) => {
      const endpoint = { workspaceId: due.workspaceId, id: due.endpointId }
      // Whoever may switch it off holds it first: several do, when everything is refused at once.
      if (outcome.state === 'failed') await lockEndpoint(tx, endpoint)
      await settle(tx, due, { attempt, outcome, now })
      if (outcome.state !== 'failed') return
      const isSilent = due.failingSince !== null && now.getTime() - due.failingSince.getTime() >= triedForMs
      if (!outcome.gone && !isSilent) return
      await disableEndpoint(tx, endpoint, outcome.gone ? 'gone' : 'failing', now)
      log.warn({ endpointId: due.endpointId, problem: attempt.problem }, 'a webhook was switched off')
    })
  }

  return {
    async start() {
      unlisten = (await sql.listen(noticeChannel, loop.wake)).unlisten
      loop.start()
    },
    async stop() {
      await loop.stop()
      const cut = setTimeout(() => void sender.close(), stopWithinMs)
      await Promise.all(underWay)
      clearTimeout(cut)
      await sender.close()
      await unlisten?.().catch(() => {})
    },
  }
}
