import { randomUUID } from 'node:crypto'
import type { Call, CallbackEvent, CallStatus, HttpMethod } from './call.ts'
import type { Ending } from './call-life.ts'
import { callbackForm, type CallbackForm } from './callback-form.ts'
import type { SignedRequest } from './sender.ts'
import { callbacksAreSound, decideCallback, PLAIN_CALLBACK, type CallbackFate } from './faults.ts'
import { seededDraw } from './random.ts'
import type { Workshop } from './workshop.ts'

/** How long after the overtaking callback the overtaken one is sent. */
const OVERTAKEN_MS = 50

/**
 * Reports a change of a call to its status callback address, if that event was asked for. Faults of the
 * switches and of magic numbers are applied here. `sent` is called when the callback has been delivered or
 * given up (at once when there is none).
 */
export function report(
  shop: Workshop,
  call: Call,
  news: { event: CallbackEvent; status: CallStatus; ending?: Ending },
  sent: () => void = () => undefined,
): void {
  const life = call.live
  if (!life) return sent()
  const { statusCallback, statusCallbackMethod, statusCallbackEvents } = life.request
  if (statusCallback === null || !statusCallbackEvents.includes(news.event)) {
    if (news.event === 'completed') releaseHeld(shop, call)
    return sent()
  }
  const sequence = life.sequence
  life.sequence += 1
  const moment = { accountSid: shop.accountSid, sequence, at: shop.clock.now() }
  const form = callbackForm(call, { ...moment, status: news.status, ending: news.ending ?? null })
  const request = {
    address: statusCallback,
    method: statusCallbackMethod,
    form,
    token: randomUUID(),
    maxBytes: 0,
  }
  const fate = fateOf(shop, call, sequence)
  if (fate.lost) {
    shop.ledger.append({ event: 'callback-withheld', sid: call.sid, callStatus: news.status, sequence })
    if (news.event === 'completed') releaseHeld(shop, call)
    return sent()
  }
  const deliver = (): void => {
    send(shop, { sid: call.sid, request, fate, sent })
  }
  if (fate.held && news.event !== 'completed' && !life.heldCallback) {
    life.heldCallback = deliver
    return
  }
  deliver()
  releaseHeld(shop, call)
}

/** Tells something beside the states of a call to an address of its own, under the same faults. */
export function tell(
  shop: Workshop,
  call: Call,
  news: { name: string; address: string; method: HttpMethod; form: CallbackForm },
): void {
  const { name, address, method, form } = news
  const settings = shop.faults.get()
  const fate = callbacksAreSound(settings)
    ? PLAIN_CALLBACK
    : decideCallback(settings, seededDraw(shop.seed, call.to, call.attempt, name), null)
  if (fate.lost) {
    shop.ledger.append({ event: 'callback-withheld', sid: call.sid, callStatus: name, sequence: 0 })
    return
  }
  const request = { address, method, form, token: randomUUID(), maxBytes: 0 }
  send(shop, { sid: call.sid, request, fate, sent: () => undefined })
}

function releaseHeld(shop: Workshop, call: Call): void {
  const held = call.live?.heldCallback
  if (!held || !call.live) return
  call.live.heldCallback = null
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
    if (fate.forged) shop.sender.sendForged({ ...request, form: { ...request.form, CallStatus: 'failed' } })
    shop.sender.send(request, (answer) => {
      if (!answer.ok || answer.statusCode >= 400) {
        shop.ledger.append({
          event: 'callback-failed',
          sid,
          callStatus: request.form['CallStatus'] ?? '',
          sequence: Number(request.form['SequenceNumber'] ?? 0),
          reason: answer.ok ? `HTTP ${answer.statusCode}` : answer.message,
        })
      }
      sent()
    })
    if (fate.doubled) shop.sender.send(request, () => undefined)
  }
  if (fate.delayMs > 0) shop.timers.after(fate.delayMs, go)
  else go()
}

function fateOf(shop: Workshop, call: Call, sequence: number): CallbackFate {
  const forced = call.live?.magic?.callbackFault ?? null
  const settings = shop.faults.get()
  if (forced === null && callbacksAreSound(settings)) return PLAIN_CALLBACK
  return decideCallback(settings, seededDraw(shop.seed, call.to, call.attempt, 'callback', sequence), forced)
}
