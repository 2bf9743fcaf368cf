/** Whether somebody could be called now, by what can be known before a run begins, and when else. Pure. */
import { callingWindow, type CallingRules, type Window } from '../calls/calling-window.ts'

export type Outlook = { ok: true } | { ok: false; reason: string; due: Date | null }

/** The answer is worked out once for everybody in the same zones. */
export function outlooks(rules: CallingRules, now: Date) {
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
    }): Outlook {
      if (one.e164 === null) return { ok: false, reason: 'invalid_number', due: null }
      if (one.listed) return { ok: false, reason: 'do_not_call', due: null }
      if (one.missing.length > 0)
        return { ok: false, reason: `no_value_for_${one.missing.join('_and_')}`, due: null }
      const window = windowIn(one.zones)
      if (window.open) return { ok: true }
      const reason = window.opensAt === null ? 'never_within_calling_hours' : 'outside_window'
      return { ok: false, reason, due: window.opensAt }
    },
  }
}
