/** Drives each text through its life: sets the timers, writes the ledger, sends the callbacks. */
import { reportText } from './text-callbacks.ts'
import type { Text, TextStatus } from './text.ts'
import type { Workshop } from './workshop.ts'

/** Starts the life of a text that is in the ledger. `reported` is called when its first callback was delivered or given up. */
export function beginText(shop: Workshop, text: Text, reported: () => void = () => undefined): void {
  reportText(shop, text, reported)
  goOn(shop, text, 0)
}

/** Carries on with a text that was under way when the carrier stopped. */
export function resumeText(shop: Workshop, text: Text): void {
  goOn(shop, text, shop.clock.now().getTime() - text.updatedAt)
}

function goOn(shop: Workshop, text: Text, idleMs: number): void {
  const { plan } = text
  if (text.status === 'queued') {
    after(shop, plan.sendSeconds, idleMs, () => {
      move(shop, text, plan.outcome === 'failed' ? 'failed' : 'sent')
      goOn(shop, text, 0)
    })
  } else if (text.status === 'sent' && plan.outcome !== 'silent' && plan.outcome !== 'failed') {
    const { outcome } = plan
    after(shop, plan.deliverSeconds, idleMs, () => {
      move(shop, text, outcome)
    })
  }
}

function move(shop: Workshop, text: Text, status: TextStatus): void {
  const now = shop.clock.now().getTime()
  text.status = status
  text.updatedAt = now
  if (status === 'sent') text.sentAt = now
  if (status === 'undelivered' || status === 'failed') text.errorCode = text.plan.errorCode
  const { sid, errorCode } = text
  shop.ledger.append({ event: 'text-moved', sid, status, errorCode }, () => {
    reportText(shop, text)
  })
}

function after(shop: Workshop, seconds: number, idleMs: number, action: () => void): void {
  shop.timers.after(Math.max(0, (seconds * 1000) / shop.speed - idleMs), action)
}
