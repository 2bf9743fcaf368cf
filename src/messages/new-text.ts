/** What a request for one text asks for, and why it cannot be taken. Pure. */
import { AppError } from '../errors.ts'
import { shown } from '../http/validation.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import { readInstant } from '../calls/given-instant.ts'
import { requireBody } from './text-queue.ts'

export type NewTextBody = {
  to_number: string
  message: string
  from_number?: string | null | undefined
  schedule_date?: string | null | undefined
}

export type NewTextFacts = {
  now: Date
  /** Where a schedule_date without an offset is at home: IANA zone. */
  timeZone: string
  defaultRegion: string
  carrierIsLive: boolean
  callerIds: CallerIds
}

export type NewTextWish = { to: string; from: string; body: string; scheduledFor: Date | null }

/** Reads the request. Throws AppError that names the member that was wrong and what is accepted. */
export function readNewText(body: NewTextBody, facts: NewTextFacts): NewTextWish {
  requireBody(body.message)
  return {
    to: readTo(body.to_number, facts),
    from: readSender(textOrNull(body.from_number), facts),
    body: body.message,
    scheduledFor: readSchedule(textOrNull(body.schedule_date), facts),
  }
}

function readTo(given: string, { defaultRegion, carrierIsLive }: NewTextFacts): string {
  const read = readPhoneNumber(given, defaultRegion)
  if (read.e164 === null) {
    const why = String(read.reason).replaceAll('_', ' ')
    const way = 'Send it with its country code, like +9779841000000.'
    throw invalid('to_number', 'invalid_number', `to_number ${shown(given)} cannot be texted: ${why}. ${way}`)
  }
  if (carrierIsLive && isMagicNumber(read.e164)) {
    const sentence = `to_number ${shown(given)} exists on the simulated carrier only. Name a real number.`
    throw invalid('to_number', 'magic_number', sentence)
  }
  return read.e164
}

/** Texts are sent from owned numbers: one that was merely verified can be shown in a call, and no more. */
export function readSender(
  given: string | null,
  { callerIds, defaultRegion }: Pick<NewTextFacts, 'callerIds' | 'defaultRegion'>,
): string {
  const { verified, chosen } = callerIds
  const own = chosen !== null && !verified.includes(chosen) ? [chosen] : []
  const owned = [...new Set([...own, ...callerIds.owned])]
  const [usual] = owned
  if (usual === undefined)
    throw new AppError(
      'conflict',
      'no_caller_id',
      'There is no number to text from. Buy one that can send texts.',
    )
  if (given === null) return usual
  const { e164 } = readPhoneNumber(given, defaultRegion)
  if (e164 !== null && owned.includes(e164)) return e164
  const listed = owned.slice(0, 20).join(', ')
  throw invalid(
    'from_number',
    'invalid_field',
    `from_number must be one of ${listed}; ${shown(given)} is not.`,
  )
}

function readSchedule(given: string | null, { timeZone, now }: NewTextFacts): Date | null {
  if (given === null) return null
  const at = readInstant(given, timeZone)
  if (at === null) {
    const sentence = `schedule_date must look like 2023-05-09T17:07; ${shown(given)} does not.`
    throw invalid('schedule_date', 'invalid_schedule_date', sentence)
  }
  if (at > now) return at
  const way = 'Name a time in the future, or leave it out to send now.'
  throw invalid(
    'schedule_date',
    'schedule_in_past',
    `schedule_date ${shown(given)} (${timeZone}) has passed. ${way}`,
  )
}

function textOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text.trim()
}

function invalid(param: string, code: string, sentence: string): AppError {
  return new AppError('invalid', code, sentence, { param })
}
