import { parseSettings } from '../accounts/settings.ts'
import type { DialRules } from './claim.ts'

/** What the dialer obeys of a workspace's settings, as they are stored. */
export function dialRules(stored: unknown): DialRules {
  const settings = parseSettings(stored)
  return {
    callingHours: settings.callingHours,
    holidays: settings.holidays,
    frequencyCap: settings.frequencyCap,
    timeZone: settings.timeZone,
    callsPerSecond: settings.callsPerSecond,
    maxConcurrentCalls: settings.maxConcurrentCalls,
    creditLimit: settings.creditLimit,
    creditPrices: settings.creditPrices,
  }
}

export function holdsUnknown(stored: unknown): boolean {
  return parseSettings(stored).unknownPolicy === 'hold'
}
