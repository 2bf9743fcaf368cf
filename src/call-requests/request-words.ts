/** What parties are texted, in their own zone. Pure. */
import type { CallRequest, Outcome } from './call-request.ts'
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

/** What the party that was there is told when the other one was not; null when there is nothing to say. */
export function missedWords(outcome: Outcome, other: Person): string | null {
  if (outcome !== 'hero_missed' && outcome !== 'user_missed') return null
  return `${nameOf(other)} could not be reached for your call. Suggest new times when it suits you.`
}
