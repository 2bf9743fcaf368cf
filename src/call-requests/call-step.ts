/**
 * What happens next when an agreed time has come: the hero is rung, then the user, both meet in a conference, and the call
 * ends after its length and a grace. Pure; asked again and again with what is known then, so a crash in between loses
 * nothing.
 */
import { isFinal, type CallState } from '../calls/call.ts'
import { endOf, type CallRequest, type Outcome, type Side } from './call-request.ts'

export type Leg = {
  callId: string
  /** The carrier's id; null until it is known. */
  sid: string | null
  state: CallState
  startedAt: Date | null
  endedAt: Date | null
}
/** The calls to both parties. `together`: the carrier told, or showed, that both were in the conference. */
export type Legs = { hero: Leg | null; user: Leg | null; together: boolean }

export type Closing = {
  kind: 'close'
  outcome: Outcome
  reason: string
  /** By whom it came to nothing, as far as that is known: the other one is told. */
  absent: Side | null
}

export type Step =
  | { kind: 'ring'; side: Side }
  | { kind: 'wait'; until: Date }
  /** Both should be there, and nothing was heard of it: the carrier is asked. */
  | { kind: 'look'; until: Date; sids: readonly string[] }
  | { kind: 'joined'; until: Date }
  | Closing
  /** Nothing is to be done any more, but these calls are to be ended. */
  | { kind: 'rest'; hangUp: readonly string[] }

/** Both talk on for so long after the agreed length. */
export const graceMs = 2 * 60_000
const waitMs = 1_000
/** The announcement is over by then, and the carrier has told that both are there; unless that was lost. */
const lookAfterMs = 10_000
const lookAgainMs = 5_000
/** What the carrier tells may come so much later than the end of the call that it is about. */
const lateWordMs = 10_000

export function nextStep(request: CallRequest, legs: Legs, now: Date): Step {
  const end = endOf(request)
  if (request.agreedTime === null || end === null) return { kind: 'rest', hangUp: [] }
  if (request.status === 's') return afterJoining(request, legs, now)
  if (request.status !== 'a' || request.outcome !== null) return { kind: 'rest', hangUp: openCalls(legs) }
  if (now < request.agreedTime) return { kind: 'wait', until: request.agreedTime }
  if (legs.hero === null)
    return now < end ? { kind: 'ring', side: 'hero' } : failed({ reason: 'too_late', absent: null })
  if (legs.together)
    return { kind: 'joined', until: new Date(now.getTime() + request.estimatedLength * 60_000 + graceMs) }
  if (now.getTime() > end.getTime() + graceMs) return failed({ reason: 'no_word_of_the_call', absent: null })
  return legs.user === null ? beforeUser(legs.hero, now) : beforeJoining(legs.hero, legs.user, now)
}

function beforeUser(hero: Leg, now: Date): Step {
  if (hero.startedAt === null) return isFinal(hero.state) ? missed('hero', hero.state) : soon(now)
  return isFinal(hero.state)
    ? failed({ reason: 'hero_left', absent: 'hero' })
    : { kind: 'ring', side: 'user' }
}

function beforeJoining(hero: Leg, user: Leg, now: Date): Step {
  if (user.startedAt === null) {
    if (isFinal(user.state)) return missed('user', user.state)
    return isFinal(hero.state) ? failed({ reason: 'hero_left', absent: 'hero' }) : soon(now)
  }
  const left = [hero, user].filter((leg) => isFinal(leg.state))
  if (left.length > 0) {
    const last = Math.max(...left.map((leg) => leg.endedAt?.getTime() ?? 0))
    if (now.getTime() < last + lateWordMs) return soon(now)
    const first = isFinal(hero.state) && left.length === 1 ? 'hero' : 'user'
    return failed({ reason: `${first}_left`, absent: left.length === 2 ? null : first })
  }
  if (now.getTime() < user.startedAt.getTime() + lookAfterMs) return soon(now)
  const sids = [hero.sid, user.sid].filter((sid) => sid !== null)
  return sids.length < 2 ? soon(now) : { kind: 'look', until: new Date(now.getTime() + lookAgainMs), sids }
}

function afterJoining(request: CallRequest, legs: Legs, now: Date): Step {
  const joinedAt = request.joinedAt ?? now
  const until = new Date(joinedAt.getTime() + request.estimatedLength * 60_000 + graceMs)
  if (now < until && openCalls(legs).length > 0) return { kind: 'wait', until }
  return { kind: 'rest', hangUp: openCalls(legs) }
}

function soon(now: Date): Step {
  return { kind: 'wait', until: new Date(now.getTime() + waitMs) }
}

function missed(absent: Side, state: CallState): Step {
  const isAbsence = state === 'no_answer' || state === 'busy' || state === 'canceled'
  return { kind: 'close', outcome: isAbsence ? `${absent}_missed` : 'failed', reason: state, absent }
}

function failed(why: { reason: string; absent: Side | null }): Step {
  return { kind: 'close', outcome: 'failed', ...why }
}

function openCalls({ hero, user }: Legs): string[] {
  return [hero, user].flatMap((leg) => (leg === null || isFinal(leg.state) ? [] : [leg.callId]))
}
