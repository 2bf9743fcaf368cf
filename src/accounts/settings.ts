import { isAddressRange, parseOrigin, parseRegion, isTimeZone } from '../config-values.ts'
import type { FieldProblem } from '../errors.ts'
import { coerce, isRecord } from '../http/coercion.ts'
import { shown } from '../http/validation.ts'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** From and until, local `HH:MM`; until may be `24:00`. */
export type DayHours = readonly [from: string, until: string]

/** When people may be rung, by weekday; a weekday that is absent is closed. */
export type CallingHours = Readonly<Partial<Record<Weekday, DayHours>>>

/** What a workspace chose. Pure data: what absence means is said here and nowhere else. */
export type Settings = {
  /** IANA name. */
  timeZone: string
  /** ISO 3166 country of numbers that are written without one. */
  defaultRegion: string
  signUpOpen: boolean
  /** Null: not chosen, which means any time on a simulated carrier and never on a live one. */
  callingHours: CallingHours | 'always' | null
  /** Local dates on which nobody is rung, `YYYY-MM-DD`. */
  holidays: readonly string[]
  /** How often one number may be called in the whole workspace; null = as often as campaigns say. */
  frequencyCap: { perDay: number } | null
  /** Null: the carrier account's. */
  callsPerSecond: number | null
  maxConcurrentCalls: number | null
  /** What becomes of a call nobody knows the fate of: freed after a while, or kept for a person to decide. */
  unknownPolicy: 'reconcile' | 'hold'
  /** Origins whose pages may read answers. */
  allowedOrigins: readonly string[]
  /** How many accepted call requests one person may cancel within the window; more only by force. */
  cancellationLimit: number
  cancellationWindowDays: number
  /** What a cancellation by force costs, in the smallest unit of the installation's currency; null = nothing. */
  cancellationFee: number | null
  /** Addresses and CIDR ranges that dialers may post from; none = any. */
  intakeAllowList: readonly string[]
  /** Take a dialer's key from the address of the request too, where logs of others may keep it. */
  intakeQueryKey: boolean
  /** How many messages one dialer key may bring from one address in a minute. */
  intakePerMinute: number
}

export const defaultSettings: Settings = {
  timeZone: 'UTC',
  defaultRegion: 'NP',
  signUpOpen: false,
  callingHours: null,
  holidays: [],
  frequencyCap: null,
  callsPerSecond: null,
  maxConcurrentCalls: null,
  unknownPolicy: 'reconcile',
  allowedOrigins: [],
  cancellationLimit: 3,
  cancellationWindowDays: 30,
  cancellationFee: null,
  intakeAllowList: [],
  intakeQueryKey: false,
  intakePerMinute: 30_000,
}

/** One member: how it is called on the wire and in the database, and which values it takes. */
type Member<Name extends keyof Settings> = {
  wire: string
  /** Completes "time_zone must be …". */
  accepted: string
  /** The value in its one form; undefined when it is not accepted. */
  read: (value: unknown) => Settings[Name] | undefined
}

const members: { [Name in keyof Settings]: Member<Name> } = {
  timeZone: {
    wire: 'time_zone',
    accepted: 'a time zone like Asia/Kathmandu',
    read: (value) => (typeof value === 'string' && isTimeZone(value) ? value : undefined),
  },
  defaultRegion: {
    wire: 'default_region',
    accepted: 'a country code of two letters, like NP',
    read: (value) => (typeof value === 'string' ? (parseRegion(value) ?? undefined) : undefined),
  },
  signUpOpen: { wire: 'sign_up_open', accepted: 'true or false', read: readBoolean },
  callingHours: {
    wire: 'calling_hours',
    accepted: '{"mon": ["09:00", "20:00"], …} with the open weekdays (mon to sun), "always", or null',
    read: readCallingHours,
  },
  holidays: { wire: 'holidays', accepted: 'a list of at most 400 dates like 2026-12-25', read: readHolidays },
  frequencyCap: {
    wire: 'frequency_cap',
    accepted: '{"per_day": 3} with a whole number from 1 to 100, or null',
    read: readFrequencyCap,
  },
  callsPerSecond: {
    wire: 'calls_per_second',
    accepted: 'a number from 0.01 to 100000, or null',
    read: (value) => (value === null ? null : numberWithin(value, 0.01, 100_000)),
  },
  maxConcurrentCalls: {
    wire: 'max_concurrent_calls',
    accepted: 'a whole number from 1 to 1000000, or null',
    read: (value) => (value === null ? null : wholeWithin(value, 1, 1_000_000)),
  },
  unknownPolicy: {
    wire: 'unknown_policy',
    accepted: 'reconcile or hold',
    read: readUnknownPolicy,
  },
  allowedOrigins: {
    wire: 'allowed_origins',
    accepted: 'a list of at most 50 origins like https://crm.example.com',
    read: readOrigins,
  },
  cancellationLimit: {
    wire: 'cancellation_limit',
    accepted: 'a whole number from 0 to 1000',
    read: (value) => wholeWithin(value, 0, 1_000),
  },
  cancellationWindowDays: {
    wire: 'cancellation_window_days',
    accepted: 'a whole number from 1 to 365',
    read: (value) => wholeWithin(value, 1, 365),
  },
  cancellationFee: {
    wire: 'cancellation_fee',
    accepted: 'a whole number from 1 to 10000000 in the smallest unit of the currency, or null',
    read: (value) => (value === null ? null : wholeWithin(value, 1, 10_000_000)),
  },
  intakeAllowList: {
    wire: 'intake_allow_list',
    accepted: 'a list of at most 200 addresses and ranges like 192.0.2.7 or 10.0.0.0/8',
    read: readAddresses,
  },
  intakeQueryKey: { wire: 'intake_query_key', accepted: 'true or false', read: readBoolean },
  intakePerMinute: {
    wire: 'intake_per_minute',
    accepted: 'a whole number from 1 to 1000000',
    read: (value) => wholeWithin(value, 1, 1_000_000),
  },
}

const names = Object.keys(members) as (keyof Settings)[]

/** Settings as they are stored. A member that is absent, or no longer accepted, has its default. */
export function parseSettings(stored: unknown): Settings {
  const settings: Settings = { ...defaultSettings }
  for (const name of names)
    readInto(settings, name, isRecord(stored) ? stored[members[name].wire] : undefined)
  return settings
}

/** Settings by their wire names, as they are stored and answered. */
export function settingsToWire(settings: Partial<Settings>): Record<string, unknown> {
  const wire: Record<string, unknown> = {}
  for (const name of names) {
    const value = settings[name]
    if (value !== undefined)
      wire[members[name].wire] = name === 'frequencyCap' ? capToWire(settings.frequencyCap) : value
  }
  return wire
}

/** Members of the contract that nothing acts on yet: accepting one would promise what does not happen. */
const notActedOn = new Set('otp_echo otp_countries credit_limit'.split(' '))

/**
 * Reads a change by wire names. Every problem is named with the value that was wrong and what is accepted; an unknown
 * member is one, because a safety setting must not be ignored silently.
 */
export function readSettingsChange(body: Record<string, unknown>): {
  changes: Partial<Settings>
  problems: FieldProblem[]
} {
  const changes: Partial<Settings> = {}
  const problems: FieldProblem[] = []
  for (const [wire, value] of Object.entries(body)) {
    const name = names.find((candidate) => members[candidate].wire === wire)
    if (name === undefined) {
      const message = notActedOn.has(wire)
        ? `${wire} cannot be set: nothing acts on it yet.`
        : `${wire} is not a setting.`
      problems.push({ param: wire, code: notActedOn.has(wire) ? 'not_acted_on' : 'unknown', message })
    } else if (!readInto(changes, name, value)) {
      const message = `${wire} must be ${members[name].accepted}; ${shown(value)} is not.`
      problems.push({ param: wire, code: 'invalid', message })
    }
  }
  return { changes, problems }
}

function readInto<Name extends keyof Settings>(
  target: Partial<Settings>,
  name: Name,
  value: unknown,
): boolean {
  const read = value === undefined ? undefined : members[name].read(value)
  if (read === undefined) return false
  target[name] = read
  return true
}

/** Values come as JSON or as the text of a form, as everywhere. */
const listOfText = { type: 'array', items: { type: 'string' } }

function readBoolean(value: unknown): boolean | undefined {
  const read = coerce({ type: 'boolean' }, value)
  return typeof read === 'boolean' ? read : undefined
}

function readUnknownPolicy(value: unknown): Settings['unknownPolicy'] | undefined {
  const read = coerce({ enum: ['reconcile', 'hold'] }, value)
  return read === 'reconcile' || read === 'hold' ? read : undefined
}

function readCallingHours(given: unknown): Settings['callingHours'] | undefined {
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

function readHolidays(given: unknown): readonly string[] | undefined {
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

function readFrequencyCap(given: unknown): Settings['frequencyCap'] | undefined {
  const value = coerce({ type: 'object' }, given)
  if (value === null) return null
  if (!isRecord(value) || Object.keys(value).some((name) => name !== 'per_day')) return undefined
  const perDay = wholeWithin(value['per_day'], 1, 100)
  return perDay === undefined ? undefined : { perDay }
}

function capToWire(cap: Settings['frequencyCap'] | undefined): { per_day: number } | null {
  return cap ? { per_day: cap.perDay } : null
}

function numberWithin(given: unknown, least: number, most: number): number | undefined {
  const value = coerce({ type: 'number' }, given)
  return typeof value === 'number' && value >= least && value <= most ? value : undefined
}

function wholeWithin(given: unknown, least: number, most: number): number | undefined {
  const value = numberWithin(given, least, most)
  return Number.isInteger(value) ? value : undefined
}

function readOrigins(given: unknown): readonly string[] | undefined {
  const value = coerce(listOfText, given)
  if (!Array.isArray(value) || value.length > 50) return undefined
  const origins = value.map((origin) => (typeof origin === 'string' ? parseOrigin(origin) : null))
  const good = origins.filter((origin) => origin !== null)
  return good.length === origins.length ? [...new Set(good)] : undefined
}

function readAddresses(given: unknown): readonly string[] | undefined {
  const value = given === null ? [] : coerce(listOfText, given)
  if (!Array.isArray(value) || value.length > 200) return undefined
  const ranges = value.map((range) => (typeof range === 'string' ? range.trim() : ''))
  return ranges.every(isAddressRange) ? [...new Set(ranges)] : undefined
}
