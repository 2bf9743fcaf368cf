/** Reads what requests say about plans. Pure. The sentences are those that programs written for these routes know. */
import { AppError } from '../errors.ts'
import { readInstant } from '../calls/given-instant.ts'
import { lengthOf, shown } from '../http/validation.ts'
import { frequencies, toWholeSecond, type Frequency } from './plan-dates.ts'
import { mostAheadMs, outcomes, type Outcome, type Plan } from './plan.ts'

const longestNotes = 10_000
const earliest = Date.UTC(1970, 0, 1)
const latest = Date.UTC(3000, 0, 1)

/** Null for anything that is not the id of a lead. */
export function readLeadId(given: unknown): number | null {
  const id = typeof given === 'string' && /^\s*\d{1,16}\s*$/.test(given) ? Number(given) : given
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null
}

export function readFrequency(given: unknown): Frequency {
  const word = typeof given === 'string' ? given.trim().toUpperCase() : null
  const found = frequencies.find((frequency) => frequency === word)
  if (found !== undefined) return found
  throw invalid('frequency', 'invalid_frequency', 'Invalid frequency.')
}

/** For the route that is about nothing else: it tells a missing frequency from a wrong one. */
export function requireFrequency(given: unknown): Frequency {
  if (given === undefined || given === null || given === '')
    throw invalid('frequency', 'missing_field', 'Frequency not provided.')
  return readFrequency(given)
}

export function readNotes(given: unknown): string {
  if (given === undefined || given === null) return ''
  if (typeof given !== 'string' && typeof given !== 'number')
    throw invalid('notes', 'invalid_field', `notes must be text; ${shown(given)} is not.`)
  const notes = String(given)
  const length = lengthOf(notes)
  if (length <= longestNotes) return notes
  throw invalid('notes', 'too_long', `notes have ${length} characters; they may have ${longestNotes}.`)
}

/** When a call was made: an instant, in UTC unless it says otherwise, and not in the future. */
export function readCalledAt(given: unknown, now: Date): Date {
  const at = readInstantOf('last_called', given)
  if (at.getTime() <= now.getTime() + mostAheadMs) return at
  const way = 'Record a call when it was made; clocks may differ by five minutes.'
  throw invalid('last_called', 'in_the_future', `last_called ${shown(given)} is in the future. ${way}`)
}

export function readOutcome(given: unknown): Outcome | null {
  if (given === undefined || given === null || given === '') return null
  const word =
    typeof given === 'string'
      ? given
          .trim()
          .toLowerCase()
          .replaceAll(/[\s-]+/g, '_')
      : null
  const found = outcomes.find((outcome) => outcome === word)
  if (found !== undefined) return found
  const sentence = `outcome must be one of ${outcomes.join(', ')}; ${shown(given)} is not.`
  throw invalid('outcome', 'invalid_outcome', sentence)
}

export type PlanChange = Partial<Pick<Plan, 'frequency' | 'notes' | 'lastCalled' | 'nextCallDate'>>

/** Exactly the members that were sent. */
export function readPlanChange(body: Readonly<Record<string, unknown>>, now: Date): PlanChange {
  const { frequency, notes, last_called: lastCalled, next_call_date: nextCallDate } = body
  return {
    ...(frequency === undefined ? {} : { frequency: readFrequency(frequency) }),
    ...(notes === undefined ? {} : { notes: readNotes(notes) }),
    ...(lastCalled === undefined
      ? {}
      : { lastCalled: lastCalled === null || lastCalled === '' ? null : readCalledAt(lastCalled, now) }),
    ...(nextCallDate === undefined ? {} : { nextCallDate: readInstantOf('next_call_date', nextCallDate) }),
  }
}

function readInstantOf(param: string, given: unknown): Date {
  const at = typeof given === 'string' ? readInstant(given, 'UTC') : null
  if (at !== null && at.getTime() >= earliest && at.getTime() < latest) return toWholeSecond(at)
  const form = 'an instant like 2024-12-28T10:00:00Z, from 1970 to 2999'
  throw invalid(param, 'invalid_instant', `${param} must be ${form}; ${shown(given)} is not.`)
}

function invalid(param: string, code: string, sentence: string): AppError {
  return new AppError('invalid', code, sentence, { param })
}
