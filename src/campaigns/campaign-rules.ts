/** What a campaign asks for beyond its workspace's settings: when, how often again, and when to pause by itself. Pure. */
import { readCallingHours } from '../accounts/settings-readers.ts'
import type { CallingHours } from '../accounts/settings.ts'
import { AppError } from '../errors.ts'
import { coerce } from '../http/coercion.ts'
import { shown } from '../http/validation.ts'
import { breakerAccepted, breakerToWire, readBreaker, type Breaker } from './breaker.ts'
import { readRetry, retryAccepted, retryToWire, type RetryPolicy } from './retry.ts'

export type CampaignRules = {
  /** On top of the workspace's: both must be open. */
  callingHours: CallingHours | null
  retry: RetryPolicy | null
  breaker: Breaker | null
}

export const noRules: CampaignRules = { callingHours: null, retry: null, breaker: null }

/** The members of a request, and of what is stored. */
export type RulesBody = { calling_hours?: unknown; retry?: unknown; breaker?: unknown }

const hoursAccepted = '{"mon": ["09:00", "20:00"], …} with the open weekdays (mon to sun), or null'

/** The rules that a request names; the others keep their value. Throws AppError invalid that says what is accepted. */
export function readRules(body: RulesBody): Partial<CampaignRules> {
  const rules: Partial<CampaignRules> = {}
  const read = <Value>(
    name: keyof RulesBody,
    reader: (value: unknown) => Value | undefined,
    accepted: string,
  ): Value | undefined => {
    if (body[name] === undefined) return undefined
    const value = reader(fromForm(body[name]))
    if (value !== undefined) return value
    throw new AppError(
      'invalid',
      'invalid_field',
      `${name} must be ${accepted}; ${shown(body[name])} is not.`,
      {
        param: name,
      },
    )
  }
  const callingHours = read('calling_hours', readHours, hoursAccepted)
  const retry = read('retry', readRetry, retryAccepted)
  const breaker = read('breaker', readBreaker, breakerAccepted)
  if (callingHours !== undefined) rules.callingHours = callingHours
  if (retry !== undefined) rules.retry = retry
  if (breaker !== undefined) rules.breaker = breaker
  return rules
}

/** Rules as they are stored: in their wire form. */
export function storedRules(stored: RulesBody): CampaignRules {
  return {
    callingHours: readHours(stored.calling_hours ?? null) ?? null,
    retry: readRetry(stored.retry ?? null) ?? null,
    breaker: readBreaker(stored.breaker ?? null) ?? null,
  }
}

export function rulesToWire(rules: CampaignRules) {
  return {
    calling_hours: rules.callingHours,
    retry: retryToWire(rules.retry),
    breaker: breakerToWire(rules.breaker),
  }
}

/** Any time adds nothing to what the workspace says. */
function readHours(value: unknown): CallingHours | null | undefined {
  const hours = readCallingHours(value)
  return hours === 'always' ? null : hours
}

/** A form carries objects as JSON text, and nothing as nothing. */
function fromForm(given: unknown): unknown {
  const text = typeof given === 'string' ? given.trim() : null
  if (text === '' || text?.toLowerCase() === 'null') return null
  return coerce({ type: 'object' }, given)
}
