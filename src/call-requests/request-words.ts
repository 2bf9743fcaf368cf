/** What parties are texted, in their own zone. Pure. */
import type { CallRequest, Side } from './call-request.ts'
import { clockWords, placeWords } from './local-time.ts'
import type { Person } from './party-store.ts'
import { nameOf } from './request-letters.ts'

/** The reminder of one party. The minutes are those that are left: it may be late. */
export function reminderWords(request: CallRequest, to: Person, other: Person, now: Date): string {
  const at = request.agreedTime ?? now
  const minutes = Math.max(1, Math.round((at.getTime() - now.getTime()) / 60_000))
  const when = `${clockWords(at, to.timeZone)} (${placeWords(at, to.timeZone)})`
  return `Your call with ${nameOf(other)} is at ${when}, in ${minutes} min. We ring you then.`
}

/** What a party hears when the phone is answered. */
export function announcementWords(request: CallRequest, side: Side, other: Person): string {
  const who = `This is your call with ${nameOf(other)}. You have ${request.estimatedLength} minutes.`
  return side === 'hero' ? `${who} One moment please, we are calling.` : `${who} You are connected now.`
}

/** What a party is told when the call came to nothing: the other one was not there, or it is not known why. */
export function missedWords(other: Person, otherWasAbsent: boolean): string {
  return otherWasAbsent
    ? `${nameOf(other)} could not be reached for your call. Suggest new times when it suits you.`
    : `Your call with ${nameOf(other)} could not be connected. Suggest new times when it suits you.`
}
