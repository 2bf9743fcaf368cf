/** What happens next in the life of a call. Pure: no clock, no timers, no network. */
import type { FinalStatus, LiveCall } from './call.ts'
import type { CallPlan } from './call-plan.ts'
import { SIP_NO_ANSWER } from './call-plan.ts'

/** How a call ends and what the carrier will say about it. */
export interface Ending {
  status: FinalStatus
  reason: string
  sipResponseCode: number
  errorCode: number | null
}

export type AfterDialing = { afterSeconds: number; next: 'ringing' } | { afterSeconds: number; next: Ending }
export type AfterRinging = { afterSeconds: number; next: 'answered' } | { afterSeconds: number; next: Ending }

/** A call that has been sent into the network: it rings, or the network says at once that it will not. */
export function afterDialing(plan: CallPlan): AfterDialing {
  const afterSeconds = plan.dialSeconds
  switch (plan.outcome) {
    case 'busy':
      return { afterSeconds, next: ending('busy', 'the line was busy', plan) }
    case 'failed':
      return { afterSeconds, next: ending('failed', 'the number could not be reached', plan) }
    case 'answered':
    case 'no-answer':
      return { afterSeconds, next: 'ringing' }
  }
}

/** A ringing call is answered when somebody gets to it before the ring timeout. */
export function afterRinging(plan: CallPlan, ringTimeoutSeconds: number): AfterRinging {
  if (plan.outcome === 'answered' && plan.ringSeconds <= ringTimeoutSeconds) {
    return { afterSeconds: plan.ringSeconds, next: 'answered' }
  }
  return {
    afterSeconds: ringTimeoutSeconds,
    next: {
      status: 'no-answer',
      reason: 'nobody answered before the ring timeout',
      sipResponseCode: SIP_NO_ANSWER,
      errorCode: null,
    },
  }
}

/** How much of something that takes `seconds` is heard, and what cuts it short. */
export type Heard = { seconds: number; cutBy: null | 'hang-up' | 'time-limit' }

export function hear(
  seconds: number,
  live: Pick<LiveCall, 'talkedSeconds' | 'hangUpAtSeconds' | 'request'>,
): Heard {
  const untilHangUp = Math.max(0, live.hangUpAtSeconds - live.talkedSeconds)
  const untilLimit = Math.max(0, live.request.timeLimitSeconds - live.talkedSeconds)
  if (seconds <= untilHangUp && seconds <= untilLimit) return { seconds, cutBy: null }
  return untilHangUp <= untilLimit
    ? { seconds: untilHangUp, cutBy: 'hang-up' }
    : { seconds: untilLimit, cutBy: 'time-limit' }
}

/** A call that was answered and is over now. */
export function talkEnding(cutBy: Heard['cutBy'] | 'end' | 'request'): Ending {
  const reasons = {
    'hang-up': 'the called person hung up',
    'time-limit': 'the time limit was reached',
    end: 'the instructions came to their end',
    request: 'the account ended the call',
  }
  return { status: 'completed', reason: reasons[cutBy ?? 'end'], sipResponseCode: 200, errorCode: null }
}

/** The other end of a conversation is gone; before the answer, ringing stops. */
export function partnerLeft(answered: boolean): Ending {
  const reason = 'the one who dialed hung up'
  return answered
    ? { status: 'completed', reason, sipResponseCode: 200, errorCode: null }
    : { status: 'canceled', reason, sipResponseCode: SIP_NO_ANSWER, errorCode: null }
}

/** How long two people who were joined talk, as far as the called one decides. */
const CONVERSATION_SECONDS = 30

export function conversationSeconds(plan: CallPlan): number {
  if (plan.hangsUpAfterSeconds !== null) return plan.hangsUpAfterSeconds
  return Math.max(plan.staysSeconds, CONVERSATION_SECONDS * (plan.hearsFraction ?? 1))
}

/** Talking time as it is reported and charged: whole seconds, rounded up. */
export function reportedDuration(talkedSeconds: number): number {
  return Math.ceil(Math.round(talkedSeconds * 1000) / 1000)
}

/** Which keys a person presses when `wanted` keys (null: any number) are asked for. */
export function pressedKeys(presses: string, wanted: number | null, finishOnKey: string): string {
  const finish = finishOnKey === '' ? -1 : presses.indexOf(finishOnKey)
  const keys = finish >= 0 ? presses.slice(0, finish) : presses
  return wanted === null ? keys : keys.slice(0, wanted)
}

function ending(status: FinalStatus, reason: string, plan: CallPlan): Ending {
  return { status, reason, sipResponseCode: plan.sipResponseCode, errorCode: plan.errorCode }
}
