import { parseRegion, isTimeZone } from '../config-values.ts'
import type { FieldProblem } from '../errors.ts'
import { isRecord } from '../http/coercion.ts'
import { shown } from '../http/validation.ts'
import type { FrequencyCap } from './frequency-cap.ts'
import {
  capToWire,
  numberWithin,
  readAddresses,
  readBoolean,
  readCallingHours,
  readCountries,
  readFrequencyCap,
  readHolidays,
  readOrigins,
  readUnknownPolicy,
  wholeWithin,
} from './settings-readers.ts'
import { readPriceList, usualPrices, type PriceList } from './price-list.ts'

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
  /** How often one number may be called and texted in the whole workspace; null = as often as campaigns say. */
  frequencyCap: FrequencyCap | null
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
  /** Credits that may be used in all; null = no end. */
  creditLimit: number | null
  creditPrices: PriceList
  /** Whether the answer to sending a code tells the code. */
  otpEcho: boolean
  /** ISO countries that codes are sent to; null = all on a simulated carrier, the default region on a live one. */
  otpCountries: readonly string[] | null
  /** Codes sent in one local day; null = no end. */
  otpPerDay: number | null
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
  creditLimit: null,
  creditPrices: usualPrices,
  otpEcho: true,
  otpCountries: null,
  otpPerDay: null,
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
    accepted:
      '{"per_day": 3}, {"per_week": 7}, {"per_month": 20} or several of them in one, with whole numbers from 1 to 100, or null',
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
  creditLimit: {
    wire: 'credit_limit',
    accepted: 'a whole number from 0 to 1000000000000, or null',
    read: (value) => (value === null ? null : wholeWithin(value, 0, 1_000_000_000_000)),
  },
  creditPrices: {
    wire: 'credit_prices',
    accepted: '{"default": {"call": 1, "text": 1, "number": 50}, "NP": {"call": 2}} with whole numbers',
    read: readPriceList,
  },
  otpEcho: { wire: 'otp_echo', accepted: 'true or false', read: readBoolean },
  otpCountries: {
    wire: 'otp_countries',
    accepted: 'a list of country codes like ["NP", "IN"], or null',
    read: readCountries,
  },
  otpPerDay: {
    wire: 'otp_per_day',
    accepted: 'a whole number from 1 to 1000000, or null',
    read: (value) => (value === null ? null : wholeWithin(value, 1, 1_000_000)),
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
      problems.push({ param: wire, code: 'unknown', message: `${wire} is not a setting.` })
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
