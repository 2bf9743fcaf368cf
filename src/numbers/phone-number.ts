/**
 * Reads a phone number as people and spreadsheets write it. Pure.
 *
 *   valid     in a range its country has assigned: dialed
 *   unusual   possible by its length only: kept, flagged, dialed; the carrier refuses it if it is wrong
 *   invalid   never dialed, kept with its reason
 */
import { readInternational, readNational, type PlanReading } from './numbering-plan.ts'
import { repairNumber } from './number-repair.ts'

export type NumberGrade = 'valid' | 'unusual' | 'invalid'

/** Why a number is never dialed, and what to do about it. */
export const numberRefusals = {
  no_number: 'There is no number.',
  not_a_number: 'This is not a phone number.',
  digits_lost:
    'The spreadsheet has rounded the number and its last digits are lost. Format the column as text.',
  negative: 'A minus stands before the number.',
  two_numbers: 'There is more than one number. Give each its own row.',
  short_code: 'Emergency numbers and short codes are never called.',
  emergency_number: 'Emergency numbers and short codes are never called.',
  premium_rate: 'Premium-rate numbers are never called.',
  too_short: 'The number is too short.',
  too_long: 'The number is too long.',
  unknown_country_code: 'No country has this country code.',
} as const

export type NumberRefusal = keyof typeof numberRefusals

export interface ReadNumber {
  /** The digits as given, 0–9 only; empty when digits were lost or there are none. */
  digits: string
  /** Null exactly when the grade is invalid. */
  e164: string | null
  grade: NumberGrade
  flag: 'unassigned_range' | null
  /** Why it is invalid; or 'extension_left_out' when only the main number could be kept. */
  reason: NumberRefusal | 'extension_left_out' | null
}

const E164_MAX_DIGITS = 15

/**
 * Reads one number. `defaultRegion` (ISO country) is where a number without a country code is at home.
 * A number that lost its plus is read as international when only that makes it valid.
 */
export function readPhoneNumber(given: string, defaultRegion: string): ReadNumber {
  const start = given.charCodeAt(0) === PLUS ? 1 : 0
  if (isPlainDigits(given, start)) {
    const digits = start === 0 ? given : given.slice(1)
    const international = start === 1 || digits.startsWith('00')
    const dialed = start === 0 && international ? digits.slice(2) : digits
    return grade(digits, choose(dialed, international, defaultRegion))
  }

  const repaired = repairNumber(given)
  if (!repaired.ok) return invalid(repaired.digits, repaired.reason)
  const { digits, international, parts } = repaired
  const chosen = choose(digits, international, defaultRegion)
  if (parts.length > 0 && holdsTwo(parts, chosen, defaultRegion)) return invalid(digits, 'two_numbers')
  const read = grade(digits, chosen)
  if (read.reason === 'too_long' && holdsTwo(given.trim().split(/\s+/u), chosen, defaultRegion)) {
    return invalid(digits, 'two_numbers')
  }
  return repaired.extension && read.reason === null ? { ...read, reason: 'extension_left_out' } : read
}

const PLUS = 43
const ZERO = 48
const NINE = 57

interface Choice {
  reading: PlanReading | null
  international: boolean
}

function isPlainDigits(text: string, from: number): boolean {
  if (text.length - from < 4 || text.length > 20) return false
  for (let index = from; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < ZERO || code > NINE) return false
  }
  return true
}

function choose(digits: string, international: boolean, region: string): Choice {
  if (international) return { reading: readInternational(digits), international }
  const national = readNational(digits, region)
  if (national?.valid || digits.length < 8 || digits.startsWith('0'))
    return { reading: national, international }
  const foreign = readInternational(digits)
  return { reading: foreign?.valid ? foreign : national, international }
}

/** Two numbers in one cell: nobody can say which is meant. A separator inside one valid number is none. */
function holdsTwo(parts: string[], joined: Choice, region: string): boolean {
  if (joined.reading?.valid) return false
  const whole = parts.filter((part) => {
    const repaired = repairNumber(part)
    return repaired.ok && choose(repaired.digits, repaired.international, region).reading?.possible
  })
  return whole.length > 1 || (joined.reading?.possible === true && whole.length > 0)
}

function grade(digits: string, { reading, international }: Choice): ReadNumber {
  if (digits.length <= 3) return invalid(digits, 'short_code')
  if (reading?.premium) return invalid(digits, 'premium_rate')
  if (reading && isEmergencyAreaCode(reading.e164)) return invalid(digits, 'emergency_number')
  if (reading && reading.e164.length - 1 > E164_MAX_DIGITS) return invalid(digits, 'too_long')
  if (reading?.valid) return { digits, e164: reading.e164, grade: 'valid', flag: null, reason: null }
  // Police, ambulance and operator numbers are this short everywhere, and so is nothing anyone may be rung at.
  if ((!international && digits.length <= 6) || (reading && reading.national.length <= 4)) {
    return invalid(digits, digits.length <= 4 ? 'short_code' : 'too_short')
  }
  if (reading?.possible && readsTheSame(reading.e164)) {
    return { digits, e164: reading.e164, grade: 'unusual', flag: 'unassigned_range', reason: null }
  }
  if (!reading && international && digits.length <= E164_MAX_DIGITS)
    return invalid(digits, 'unknown_country_code')
  return invalid(digits, digits.length <= 9 ? 'too_short' : 'too_long')
}

/** A length that is possible in one country of a shared code only is not what the world would dial. */
function readsTheSame(e164: string): boolean {
  const again = readInternational(e164.slice(1))
  return again !== null && again.possible && again.e164 === e164
}

/** 211, 311 … 911 are services where the North American plan has its area codes. */
function isEmergencyAreaCode(e164: string): boolean {
  return e164.length === 12 && e164.startsWith('+1') && e164.startsWith('11', 3)
}

function invalid(digits: string, reason: NumberRefusal): ReadNumber {
  return { digits, e164: null, grade: 'invalid', flag: null, reason }
}
