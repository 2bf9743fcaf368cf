/** Whether a text may be sent now. Pure. Every answer has its reason, and every text that is not sent keeps it. */
import { isCapReached, type Contacts } from '../accounts/frequency-cap.ts'
import { nextMidnight } from '../calls/calling-window.ts'
import { isUrgent, type Lane, type TextKind } from '../messages/text.ts'
import { windowFor, type Eligibility, type Rules } from './eligibility.ts'

export type TextCircumstances = {
  now: Date
  lane: Lane
  kind: TextKind
  rules: Rules
  /** Where the number may be; never empty. */
  zones: readonly string[]
  /** Why the number is on the do-not-call list, if it is. */
  forbidden: 'by_workspace' | 'by_person' | null
  expiresAt: Date | null
  /** What this workspace's calls and texts to this number came to. */
  contacts: Contacts
  /** An identical text between the same two numbers is not known to have left the carrier. */
  identicalOpen: boolean
  /** What will be sent could be composed, and is still wanted. */
  body: { ok: true } | { ok: false; reason: string }
  /** A live carrier does not take the numbers that only the simulated one understands. */
  magicNumberOnLiveCarrier: boolean
}

const identicalDelayMs = 2_000

export function textEligibility(circumstances: TextCircumstances): Eligibility {
  const { now, lane, kind, rules, zones, forbidden, expiresAt } = circumstances
  if (forbidden !== null && !isExempt(lane, forbidden)) return never('do_not_call')
  if (circumstances.magicNumberOnLiveCarrier) return never('simulated_number')
  if (expiresAt !== null && expiresAt <= now) return never('expired')
  if (!circumstances.body.ok) return never(circumstances.body.reason)
  if (isUnasked(lane, kind)) {
    const window = windowFor(rules, zones, now)
    if (!window.open)
      return window.opensAt === null
        ? never('never_within_calling_hours')
        : later('outside_window', window.opensAt)
    if (isCapReached(rules.frequencyCap, circumstances.contacts))
      return later('frequency_cap', nextMidnight(zones[0] ?? 'UTC', now))
  }
  if (circumstances.identicalOpen)
    return later('identical_text_under_way', new Date(now.getTime() + identicalDelayMs))
  return { ok: true }
}

/** A code that somebody just asked for is no advertising; what the person forbade is forbidden all the same. */
function isExempt(lane: Lane, forbidden: 'by_workspace' | 'by_person'): boolean {
  return lane === 'otp' && forbidden === 'by_workspace'
}

/**
 * An answer to the person's own text, a code and a reminder that was agreed upon come when they are due, at any hour and
 * however often.
 */
export function isUnasked(lane: Lane, kind: TextKind): boolean {
  return !isUrgent(lane) && kind !== 'reply'
}

function never(reason: string): Eligibility {
  return { ok: false, reason, dueAt: null }
}

function later(reason: string, dueAt: Date): Eligibility {
  return { ok: false, reason, dueAt }
}
