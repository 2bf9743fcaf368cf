/**
 * Whether a number may be called now. Pure. Every answer has its reason, and every number that is not called keeps it:
 * "why was this person not called" is never a guess.
 */
import { isCapReached, type Contacts, type FrequencyCap } from '../accounts/frequency-cap.ts'
import { callingWindow, nextMidnight, type CallingRules, type Window } from '../calls/calling-window.ts'

export type Rules = CallingRules & { frequencyCap: FrequencyCap | null }

export type Circumstances = {
  now: Date
  rules: Rules
  /** Where the number may be; never empty. */
  zones: readonly string[]
  onDoNotCallList: boolean
  /** What this workspace's calls and texts to this number came to. */
  contacts: Contacts
  /** Another call between the same two numbers is open. */
  numberBusy: boolean
  /** What will be said could be composed for this number. */
  message: { ok: true } | { ok: false; reason: string }
  /** What will be heard is there. */
  soundIsReady: boolean
  /** A live carrier does not take the numbers that only the simulated one understands. */
  magicNumberOnLiveCarrier: boolean
}

export type Eligibility =
  | { ok: true }
  /** Not in this run. */
  | { ok: false; reason: string; dueAt: null }
  /** Not now. */
  | { ok: false; reason: string; dueAt: Date }

/** How long a number waits while another call to it is open. */
export const numberBusyDelayMs = 5_000

/** How long a number waits before it is looked at again while what it will hear is being spoken. */
export const soundDelayMs = 500

export function eligibility(circumstances: Circumstances): Eligibility {
  const { now, rules, zones } = circumstances
  if (circumstances.onDoNotCallList) return never('do_not_call')
  if (circumstances.magicNumberOnLiveCarrier) return never('simulated_number')
  if (!circumstances.message.ok) return never(circumstances.message.reason)
  const window = windowFor(rules, zones, now)
  if (!window.open)
    return window.opensAt === null
      ? never('never_within_calling_hours')
      : later('outside_window', window.opensAt)
  if (isCapReached(rules.frequencyCap, circumstances.contacts)) {
    return later('frequency_cap', nextMidnight(zones[0] ?? 'UTC', now))
  }
  if (!circumstances.soundIsReady) return later('audio_not_ready', new Date(now.getTime() + soundDelayMs))
  if (circumstances.numberBusy) return later('number_busy', new Date(now.getTime() + numberBusyDelayMs))
  return { ok: true }
}

function never(reason: string): Eligibility {
  return { ok: false, reason, dueAt: null }
}

function later(reason: string, dueAt: Date): Eligibility {
  return { ok: false, reason, dueAt }
}

const remembered = new Map<string, Window>()

/** Numbers of one claim share their zones and their minute: the answer is worked out once for each. */
export function windowFor(rules: Rules, zones: readonly string[], now: Date): Window {
  const minute = Math.floor(now.getTime() / 60_000)
  const key = `${minute} ${zones.join()} ${JSON.stringify(rules.callingHours)} ${rules.holidays.join()}`
  const known = remembered.get(key)
  if (known) return known
  if (remembered.size > 2_000) remembered.clear()
  const window = callingWindow(rules, zones, now)
  remembered.set(key, window)
  return window
}
