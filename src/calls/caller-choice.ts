/** Which number a call shows to whoever is called. */
import type { CallerIds } from '../carriers/caller-ids.ts'
import { CarrierAway } from '../carriers/carrier.ts'
import { AppError } from '../errors.ts'
import { shown } from '../http/validation.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'

/** The number a call shows: the one that was asked for, else the installation's choice. */
export function readFrom(
  given: string | null,
  { callerIds, defaultRegion }: { callerIds: CallerIds; defaultRegion: string },
): string {
  const { owned, verified, chosen } = callerIds
  const mine = new Set([...owned, ...verified, ...(chosen === null ? [] : [chosen])])
  if (given === null && chosen !== null) return chosen
  if (given === null || mine.size === 0) {
    throw new AppError(
      'conflict',
      'no_caller_id',
      'There is no number to call from. Buy or verify one at the carrier, or set CALLER_ID.',
    )
  }
  const { e164 } = readPhoneNumber(given, defaultRegion)
  if (e164 !== null && mine.has(e164)) return e164
  const listed = [...mine].slice(0, 20).join(', ')
  const sentence = `from_number must be one of ${listed}; ${shown(given)} is not.`
  throw new AppError('invalid', 'invalid_field', sentence, { param: 'from_number' })
}

/** What the carrier said of its numbers. Throws `carrier_unavailable` (503) when it said nothing. */
export function callerIdsOf(asked: PromiseSettledResult<CallerIds>): CallerIds {
  if (asked.status === 'fulfilled') return asked.value
  if (!(asked.reason instanceof CarrierAway)) throw asked.reason
  throw new AppError(
    'unavailable',
    'carrier_unavailable',
    'The carrier cannot be asked for its numbers right now. Try again.',
    { retryAfterSeconds: 5, cause: asked.reason },
  )
}
