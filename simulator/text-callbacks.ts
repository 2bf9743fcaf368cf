import { randomUUID } from 'node:crypto'
import type { CallbackForm } from './callback-form.ts'
import { callbacksAreSound, decideCallback, PLAIN_CALLBACK, type CallbackFate } from './faults.ts'
import { magicNumber } from './magic-numbers.ts'
import { seededDraw } from './random.ts'
import type { SignedRequest } from './sender.ts'
import { isFinalText, STATUS_CALLBACK_METHOD, type Text } from './text.ts'
import type { Workshop } from './workshop.ts'

/** How long after the overtaking callback the overtaken one is sent. */
const OVERTAKEN_MS = 50

/**
 * Reports the status a text has now, if it has an address to report to. Faults of the switches and of magic numbers
 * are applied here. `sent` is called when the callback has been delivered or given up (at once when there is none).
 */
export function reportText(shop: Workshop, text: Text, sent: () => void = () => undefined): void {
  if (text.statusCallback === null) return sent()
  const request: SignedRequest = {
    address: text.statusCallback,
    method: STATUS_CALLBACK_METHOD,
    form: statusForm(text, shop.accountSid),
    token: randomUUID(),
    maxBytes: 0,
  }
  const last = isFinalText(text.status)
  const fate = fateOf(shop, text)
  if (fate.lost) {
    shop.ledger.append({ event: 'text-callback-withheld', sid: text.sid, status: text.status })
    if (last) releaseHeld(shop, text)
    return sent()
  }
  const deliver = (): void => {
    send(shop, { sid: text.sid, request, fate, sent })
  }
  if (fate.held && !last && !text.heldCallback) {
    text.heldCallback = deliver
    return
  }
  deliver()
  releaseHeld(shop, text)
}

/** Tells the account's server what somebody texted to one of its numbers. */
export function reportInbound(shop: Workshop, text: Text, address: string, told: () => void): void {
  const form = {
    ...textForm(text, shop.accountSid),
    SmsStatus: 'received',
    Body: text.body,
    NumMedia: '0',
    NumSegments: String(text.segments),
  }
  const request = { address, method: STATUS_CALLBACK_METHOD, form, token: randomUUID(), maxBytes: 64 * 1024 }
  shop.sender.send(request, (answer) => {
    if (!answer.ok || answer.statusCode >= 400) {
      const reason = answer.ok ? `HTTP ${answer.statusCode}` : answer.message
      shop.ledger.append({ event: 'text-callback-failed', sid: text.sid, status: 'received', reason })
    }
    told()
  })
}

function releaseHeld(shop: Workshop, text: Text): void {
  const held = text.heldCallback
  if (!held) return
  text.heldCallback = null
  shop.timers.after(OVERTAKEN_MS, held)
}

interface Delivery {
  sid: string
  request: SignedRequest
  fate: CallbackFate
  sent: () => void
}

function send(shop: Workshop, { sid, request, fate, sent }: Delivery): void {
  const go = (): void => {
    if (fate.forged)
      shop.sender.sendForged({
        ...request,
        form: { ...request.form, MessageStatus: 'failed', SmsStatus: 'failed' },
      })
    shop.sender.send(request, (answer) => {
      if (!answer.ok || answer.statusCode >= 400) {
        const reason = answer.ok ? `HTTP ${answer.statusCode}` : answer.message
        const status = request.form['MessageStatus'] ?? ''
        shop.ledger.append({ event: 'text-callback-failed', sid, status, reason })
      }
      sent()
    })
    if (fate.doubled) shop.sender.send(request, () => undefined)
  }
  if (fate.delayMs > 0) shop.timers.after(fate.delayMs, go)
  else go()
}

function fateOf(shop: Workshop, text: Text): CallbackFate {
  const forced = magicNumber(text.to)?.callbackFault ?? null
  const settings = shop.faults.get()
  if (forced === null && callbacksAreSound(settings)) return PLAIN_CALLBACK
  const draw = seededDraw(shop.seed, text.to, text.attempt, 'text callback', text.status)
  return decideCallback(settings, draw, forced)
}

function statusForm(text: Text, accountSid: string): CallbackForm {
  const form = textForm(text, accountSid)
  form['MessageStatus'] = text.status
  form['SmsStatus'] = text.status
  if (text.errorCode !== null) form['ErrorCode'] = String(text.errorCode)
  return form
}

function textForm(text: Text, accountSid: string): CallbackForm {
  return {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    From: text.from,
    MessageSid: text.sid,
    SmsMessageSid: text.sid,
    SmsSid: text.sid,
    To: text.to,
  }
}
