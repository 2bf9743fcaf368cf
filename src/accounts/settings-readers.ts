/** Reads the values of settings: undefined when one is not accepted. */
import { isAddressRange, parseOrigin, parseRegion } from '../config-values.ts'
import { coerce, isRecord } from '../http/coercion.ts'
import { capUnits, type FrequencyCap } from './frequency-cap.ts'
import { weekdays, type DayHours, type Settings, type Weekday } from './settings.ts'

/** Values come as JSON or as the text of a form, as everywhere. */
const listOfText = { type: 'array', items: { type: 'string' } }

export function readBoolean(value: unknown): boolean | undefined {
  const read = coerce({ type: 'boolean' }, value)
  return typeof read === 'boolean' ? read : undefined
}

export function readUnknownPolicy(value: unknown): Settings['unknownPolicy'] | undefined {
  const read = coerce({ enum: ['reconcile', 'hold'] }, value)
  return read === 'reconcile' || read === 'hold' ? read : undefined
}

export function readCallingHours(given: unknown): Settings['callingHours'] | undefined {
  const value = coerce({ type: 'object' }, given)
  if (value === null) return null
  if (typeof value === 'string') return value.toLowerCase() === 'always' ? 'always' : undefined
  if (!isRecord(value)) return undefined
  const hours: Partial<Record<Weekday, DayHours>> = {}
  for (const [dayName, day] of Object.entries(value)) {
    const weekday = weekdays.find((name) => name === dayName.toLowerCase())
    const read = readDayHours(day)
    if (weekday === undefined || read === undefined) return undefined
    if (read !== null) hours[weekday] = read
  }
  // No open day at all would be a way of never calling that looks like a choice of hours.
  return Object.keys(hours).length > 0 ? hours : undefined
}

const localTime = /^([01]\d|2[0-3]):[0-5]\d$/

/** Null: closed on that day. */
function readDayHours(day: unknown): DayHours | null | undefined {
  if (day === null) return null
  if (!Array.isArray(day) || day.length !== 2) return undefined
  const [from, until]: unknown[] = day
  if (typeof from !== 'string' || typeof until !== 'string') return undefined
  if (!localTime.test(from) || !(localTime.test(until) || until === '24:00') || from >= until)
    return undefined
  return [from, until]
}

export function readHolidays(given: unknown): readonly string[] | undefined {
  const value = coerce(listOfText, given)
  if (!Array.isArray(value) || value.length > 400) return undefined
  const dates = value.filter((date): date is string => typeof date === 'string' && isDate(date))
  return dates.length === value.length ? [...new Set(dates)].sort() : undefined
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

export function readFrequencyCap(given: unknown): Settings['frequencyCap'] | undefined {
  const value = coerce({ type: 'object' }, given)
  if (value === null) return null
  if (!isRecord(value)) return undefined
  const cap: FrequencyCap = {}
  for (const [name, count] of Object.entries(value)) {
    const unit = capUnits.find((one) => capNames[one] === name)
    const most = wholeWithin(count, 1, 100)
    if (unit === undefined || most === undefined) return undefined
    cap[unit] = most
  }
  return Object.keys(cap).length === 0 ? undefined : cap
}

export function capToWire(cap: Settings['frequencyCap'] | undefined): Record<string, number> | null {
  if (!cap) return null
  return Object.fromEntries(
    capUnits.flatMap((unit) => (cap[unit] === undefined ? [] : [[capNames[unit], cap[unit]]])),
  )
}

const capNames = { perDay: 'per_day', perWeek: 'per_week', perMonth: 'per_month' } as const

export function numberWithin(given: unknown, least: number, most: number): number | undefined {
  const value = coerce({ type: 'number' }, given)
  return typeof value === 'number' && value >= least && value <= most ? value : undefined
}

export function wholeWithin(given: unknown, least: number, most: number): number | undefined {
  const value = numberWithin(given, least, most)
  return Number.isInteger(value) ? value : undefined
}

export function readCountries(given: unknown): readonly string[] | null | undefined {
  if (given === null) return null
  const value = coerce(listOfText, given)
  if (!Array.isArray(value) || value.length > 300) return undefined
  const countries = value.map((country) => (typeof country === 'string' ? parseRegion(country) : null))
  const good = countries.filter((country) => country !== null)
  return good.length === countries.length ? [...new Set(good)] : undefined
}

export function readOrigins(given: unknown): readonly string[] | undefined {
  const value = coerce(listOfText, given)
  if (!Array.isArray(value) || value.length > 50) return undefined
  const origins = value.map((origin) => (typeof origin === 'string' ? parseOrigin(origin) : null))
  const good = origins.filter((origin) => origin !== null)
  return good.length === origins.length ? [...new Set(good)] : undefined
}

export function readAddresses(given: unknown): readonly string[] | undefined {
  const value = given === null ? [] : coerce(listOfText, given)
  if (!Array.isArray(value) || value.length > 200) return undefined
  const ranges = value.map((range) => (typeof range === 'string' ? range.trim() : ''))
  return ranges.every(isAddressRange) ? [...new Set(ranges)] : undefined
}
