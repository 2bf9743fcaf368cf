/**
 * What happens next when an agreed time has come: the hero is rung, then the user, the two are joined, and the call ends
 * after its length and a grace. Pure; asked again and again with what is known then, so a crash in between loses nothing.
 */
import { isFinal, type CallState } from '../calls/call.ts'
import { endOf, type CallRequest, type Outcome } from './call-request.ts'

export type Leg = { callId: string; state: CallState; startedAt: Date | null }
/** The user is rung by the carrier once the hero answered. */
export type Legs = { hero: Leg | null; user: Leg | null }

export type Step =
  | { kind: 'ring' }
  | { kind: 'wait'; until: Date }
  | { kind: 'joined'; until: Date }
  | { kind: 'close'; outcome: Outcome; reason: string }
  /** Nothing is to be done any more, but these calls are to be ended. */
  | { kind: 'rest'; hangUp: readonly string[] }

/** Both talk on for so long after the agreed length. */
export const graceMs = 2 * 60_000
const lookAgainMs = 1_000

export function nextStep(request: CallRequest, legs: Legs, now: Date): Step {
  const end = endOf(request)
  if (request.agreedTime === null || end === null) return { kind: 'rest', hangUp: [] }
  if (request.status === 's') return afterJoining(request, legs, now)
  if (request.status !== 'a' || request.outcome !== null) return { kind: 'rest', hangUp: openCalls(legs) }
  if (now < request.agreedTime) return { kind: 'wait', until: request.agreedTime }
  const { hero, user } = legs
  if (hero === null) {
    return now < end ? { kind: 'ring' } : { kind: 'close', outcome: 'failed', reason: 'too_late' }
  }
  if (hero.startedAt !== null && user !== null && user.startedAt !== null)
    return { kind: 'joined', until: new Date(now.getTime() + request.estimatedLength * 60_000 + graceMs) }
  if (now.getTime() > end.getTime() + graceMs)
    return { kind: 'close', outcome: 'failed', reason: 'no_word_of_the_call' }
  if (hero.startedAt === null && isFinal(hero.state)) return missed('hero_missed', hero.state)
  if (user !== null && isFinal(user.state)) return missed('user_missed', user.state)
  if (isFinal(hero.state) && user === null) return { kind: 'close', outcome: 'failed', reason: 'hero_left' }
  return { kind: 'wait', until: new Date(now.getTime() + lookAgainMs) }
}

function afterJoining(request: CallRequest, legs: Legs, now: Date): Step {
  const joinedAt = request.joinedAt ?? now
  const until = new Date(joinedAt.getTime() + request.estimatedLength * 60_000 + graceMs)
  if (now < until && openCalls(legs).length > 0) return { kind: 'wait', until }
  return { kind: 'rest', hangUp: openCalls(legs) }
}

function missed(outcome: Outcome, state: CallState): Step {
  const isAbsence = state === 'no_answer' || state === 'busy' || state === 'canceled'
  return { kind: 'close', outcome: isAbsence ? outcome : 'failed', reason: state }
}

function openCalls({ hero, user }: Legs): string[] {
  return [hero, user].flatMap((leg) => (leg === null || isFinal(leg.state) ? [] : [leg.callId]))
}
