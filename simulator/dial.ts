/** The verb that rings another number and joins the two: a call of its own, whose parent is the call that dialed. */
import { randomUUID } from 'node:crypto'
import { isFinal, NO_EXTRAS, startLife, type Call, type CallRequest } from './call.ts'
import {
  afterDialing,
  afterRinging,
  conversationSeconds,
  hear,
  partnerLeft,
  talkEnding,
} from './call-life.ts'
import { leaveConference } from './conference-call.ts'
import { callbackEvents, isHttpUrl, isPhoneNumber, sparse, type Refusal } from './call-request.ts'
import { magicNumber } from './magic-numbers.ts'
import { planOf } from './person.ts'
import { interruptTalk, settle, type Talk } from './talk.ts'
import type { Dial } from './twiml.ts'

/** What the dialing call's next request says about the one that is over. */
type Said = Record<string, string>

/**
 * Dials, or goes on waiting for the call that was dialed before the carrier stopped. `over` is called when that call has
 * ended and the one that dialed it is still there.
 */
export function dialCall(talk: Talk, verb: Dial, over: (said: Said) => void): void {
  const { shop, call, life } = talk
  const known = shop.book.childrenOf(call.sid)[life.dials]
  if (known) return joinWith(talk, known, over)
  const request = requestOf(talk, verb)
  const refusal = refusalOf(talk, request)
  if (refusal) {
    const { statusCode, code, message: reason } = refusal
    shop.ledger.append({ event: 'refused', to: request.to, from: request.from, statusCode, code, reason })
    life.step += 1
    return over({ DialCallStatus: 'failed', DialBridged: 'false' })
  }
  const child = bear(talk, request)
  shop.ledger.append({
    event: 'accepted',
    sid: child.sid,
    attempt: child.attempt,
    parentSid: call.sid,
    ...sparse(request),
  })
  joinWith(talk, child, over)
  talk.runner.begin(shop, child)
}

/** Ends the call that this one dialed, or leaves the conference that it is in, and nothing follows from it. */
export function letGo(talk: Talk): void {
  leaveConference(talk)
  const { shop, life, runner } = talk
  const child = life.dialed
  if (child === null) return
  life.dialed = null
  if (isFinal(child.status)) return
  if (child.live) child.live.onEnd = null
  const answered = child.status === 'in-progress'
  interruptTalk(shop, child)
  runner.finish(shop, child, partnerLeft(answered))
}

function joinWith(talk: Talk, child: Call, over: (said: Said) => void): void {
  const { shop, call, life, runner } = talk
  const total = child.live === null ? 0 : plannedSeconds(child)
  life.dialed = child
  life.hearing = {
    event: 'dialed',
    seconds: total,
    startedAt: shop.clock.now().getTime(),
    nextStep: life.step + 1,
  }
  const end = (): void => {
    life.cancelTimer()
    // Who takes the line away has settled what was heard.
    if (!life.hearing) return
    const natural = child.status !== 'canceled'
    const elapsed = ((shop.clock.now().getTime() - life.hearing.startedAt) * shop.speed) / 1000
    settle(shop, call, life.hearing, natural ? total : Math.min(elapsed, total))
    life.dials += 1
    life.dialed = null
    over(saidOf(child))
  }
  if (child.live === null) return end()
  child.live.onEnd = end
  const heard = hear(total, life)
  if (heard.cutBy === null) return
  const { cutBy } = heard
  life.cancelTimer = shop.timers.after((heard.seconds * 1000) / shop.speed, () => {
    if (!life.hearing) return
    settle(shop, call, life.hearing, heard.seconds)
    runner.finish(shop, call, talkEnding(cutBy))
  })
}

function requestOf({ call }: Talk, verb: Dial): CallRequest {
  const { statusCallback } = verb
  return {
    to: verb.number,
    from: verb.callerId ?? call.from,
    url: null,
    method: 'POST',
    fallbackUrl: null,
    fallbackMethod: 'POST',
    twiml: null,
    statusCallback: statusCallback !== null && isHttpUrl(statusCallback) ? statusCallback : null,
    statusCallbackMethod: verb.statusCallbackMethod,
    statusCallbackEvents: callbackEvents(verb.statusCallbackEvent),
    ringTimeoutSeconds: verb.ringTimeoutSeconds,
    timeLimitSeconds: verb.timeLimitSeconds,
    ...NO_EXTRAS,
  }
}

function refusalOf({ shop }: Talk, { to, from }: CallRequest): Refusal | null {
  if (!isPhoneNumber(to)) return { statusCode: 400, code: 13223, message: `Invalid phone number: ${to}` }
  if (!shop.numbers.isCallerId(from, shop.clock.now()))
    return { statusCode: 400, code: 13214, message: `Invalid caller id: ${from}` }
  return magicNumber(to)?.refusal ?? null
}

function bear({ shop, call }: Talk, request: CallRequest): Call {
  const attempt = shop.book.byTo(request.to).length + 1
  const now = shop.clock.now().getTime()
  const child: Call = {
    sid: `CA${randomUUID().replaceAll('-', '')}`,
    to: request.to,
    from: request.from,
    parentSid: call.sid,
    attempt,
    status: 'queued',
    createdAt: now,
    updatedAt: now,
    startedAt: null,
    answeredAt: null,
    endedAt: null,
    durationSeconds: null,
    answeredBy: null,
    queueMs: 0,
    live: startLife(request, planOf(shop, request.to, attempt), magicNumber(request.to)),
  }
  shop.book.add(child)
  return child
}

/** From dialing to the end of the conversation, when nobody interferes. */
function plannedSeconds({ live }: Call): number {
  if (live === null) return 0
  const dialing = afterDialing(live.plan)
  if (dialing.next !== 'ringing') return dialing.afterSeconds
  const ringing = afterRinging(live.plan, live.request.ringTimeoutSeconds)
  const before = dialing.afterSeconds + ringing.afterSeconds
  if (ringing.next !== 'answered') return before
  return before + Math.min(conversationSeconds(live.plan), live.request.timeLimitSeconds)
}

function saidOf(child: Call): Said {
  return {
    DialCallStatus: child.status,
    DialCallSid: child.sid,
    DialBridged: String(child.answeredAt !== null),
    ...(child.answeredAt === null ? {} : { DialCallDuration: String(child.durationSeconds ?? 0) }),
  }
}
