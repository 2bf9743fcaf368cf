/** Somebody texts a number of the account: told to the address of that number, as the real carrier tells it. */
import { randomUUID } from 'node:crypto'
import type { Text } from './text.ts'
import { reportInbound } from './text-callbacks.ts'
import { PLAIN_TEXT_PLAN } from './text-plan.ts'
import { segmentCount } from './text-segments.ts'
import type { Workshop } from './workshop.ts'

export interface InboundText {
  from: string
  to: string
  body: string
  /** Where it is told; the carrier's own setting when absent. */
  url?: string | undefined
}

/** Resolves with the text's id when the account's server has answered, or was given up. */
export function receiveText(shop: Workshop, inbound: InboundText): Promise<string> {
  const { from, to, body } = inbound
  const now = shop.clock.now().getTime()
  const text: Text = {
    sid: `SM${randomUUID().replaceAll('-', '')}`,
    from,
    to,
    body,
    statusCallback: null,
    attempt: 0,
    direction: 'inbound',
    segments: segmentCount(body),
    status: 'received',
    errorCode: null,
    createdAt: now,
    updatedAt: now,
    sentAt: now,
    plan: PLAIN_TEXT_PLAN,
    heldCallback: null,
  }
  shop.texts.add(text)
  const address = inbound.url ?? shop.inboundUrl.get()
  return new Promise((resolve) => {
    shop.ledger.append({ event: 'text-received', sid: text.sid, from, to, body }, () => {
      if (address === null) return resolve(text.sid)
      reportInbound(shop, text, address, () => {
        resolve(text.sid)
      })
    })
  })
}

/** Reads what the control room was asked for. Throws an Error that says what is missing. */
export function parseInboundText(value: unknown): InboundText {
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const { from, to, body, url } = given
  if (typeof from !== 'string' || typeof to !== 'string' || typeof body !== 'string')
    throw new Error('Say who texts what to whom: {"from": "+1…", "to": "+1…", "body": "STOP"}.')
  return { from, to, body, ...(typeof url === 'string' ? { url } : {}) }
}
