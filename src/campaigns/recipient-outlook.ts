/** Whether somebody could be called now, by what can be known before a run begins, and when else. Pure. */
import { isCapReached, type Contacts, type FrequencyCap } from '../accounts/frequency-cap.ts'
import { callingWindow, nextMidnight, type CallingRules, type Window } from '../calls/calling-window.ts'

/** `due`: when the person is looked at again; null: not in this run. */
export type Outlook = { ok: true } | { ok: false; reason: string; due: Date | null }

export type OutlookRules = CallingRules & { frequencyCap: FrequencyCap | null }

/** The window is worked out once for everybody in the same zones. */
export function outlooks(rules: OutlookRules, now: Date) {
  const windows = new Map<string, Window>()
  const windowIn = (zones: readonly string[]): Window => {
    const key = zones.join()
    const known = windows.get(key) ?? callingWindow(rules, zones, now)
    windows.set(key, known)
    return known
  }
  return {
    windowIn,
    of(one: {
      e164: string | null
      listed: boolean
      missing: readonly string[]
      zones: readonly string[]
      contacts: Contacts
    }): Outlook {
      if (one.e164 === null) return { ok: false, reason: 'invalid_number', due: null }
      if (one.listed) return { ok: false, reason: 'do_not_call', due: null }
      if (one.missing.length > 0)
        return { ok: false, reason: `no_value_for_${one.missing.join('_and_')}`, due: null }
      const window = windowIn(one.zones)
      if (window.open && isCapReached(rules.frequencyCap, one.contacts))
        return { ok: false, reason: 'frequency_cap', due: nextMidnight(one.zones[0] ?? 'UTC', now) }
      if (window.open) return { ok: true }
      const reason = window.opensAt === null ? 'never_within_calling_hours' : 'outside_window'
      return { ok: false, reason, due: window.opensAt }
    },
  }
}
