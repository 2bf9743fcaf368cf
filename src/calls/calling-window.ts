/**
 * When a number may be called: calling hours and holidays, in the number's own time. Pure; the only file that
 * computes local times of calls. Time zones are IANA's, correct across daylight saving.
 */
import { Temporal } from 'temporal-polyfill'

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'
/** From the first time to the last, on the same day; a day that is not named is closed. `24:00` is the day's end. */
export type CallingHours = Partial<Record<Weekday, readonly [string, string]>>
export type CallingRules = {
  /** `always` and null (not chosen) both mean any time here; a live carrier asks for a choice when a run begins. */
  callingHours: CallingHours | 'always' | null
  /** Dates of the number's own calendar, `2026-12-25`. */
  holidays: readonly string[]
}

export type Window = { open: true } | { open: false; opensAt: Date | null }

const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const searchedDays = 400

/**
 * Whether all of `zones` are within the calling hours at `now`, else when the last of them opens. A number that may be
 * in several zones is called only when it is a permitted time in each of them.
 */
export function callingWindow(rules: CallingRules, zones: readonly string[], now: Date): Window {
  let opensAt: Date | null = null
  for (const zone of zones) {
    const window = windowIn(rules, zone, now)
    if (window.open) continue
    if (window.opensAt === null) return window
    if (opensAt === null || window.opensAt > opensAt) opensAt = window.opensAt
  }
  return opensAt === null ? { open: true } : { open: false, opensAt }
}

/** The hours that are within both; null and `always` add nothing. A weekday that is left with none is closed. */
export function commonHours(
  one: CallingRules['callingHours'],
  other: CallingRules['callingHours'],
): CallingRules['callingHours'] {
  if (one === null || one === 'always') return other === null ? one : other
  if (other === null || other === 'always') return one
  const common: CallingHours = {}
  for (const weekday of weekdays) {
    const [first, second] = [one[weekday], other[weekday]]
    if (first === undefined || second === undefined) continue
    const from = first[0] > second[0] ? first[0] : second[0]
    const until = first[1] < second[1] ? first[1] : second[1]
    if (from < until) common[weekday] = [from, until]
  }
  return common
}

/** The start of the day after `now` in `zone`. */
export function nextMidnight(zone: string, now: Date): Date {
  const local = localTime(zone, now)
  return new Date(local.toPlainDate().add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds)
}

/** The start of the day of `now` in `zone`, or of one so many days before. */
export function startOfDay(zone: string, now: Date, daysBefore = 0): Date {
  const day = localTime(zone, now).toPlainDate().subtract({ days: daysBefore })
  return new Date(day.toZonedDateTime(zone).epochMilliseconds)
}

function windowIn(rules: CallingRules, zone: string, now: Date): Window {
  const hours = rules.callingHours
  if ((hours === null || hours === 'always') && rules.holidays.length === 0) return { open: true }
  const local = localTime(zone, now)
  const today = local.toPlainDate()
  for (let days = 0; days < searchedDays; days += 1) {
    const date = today.add({ days })
    const span = openSpan(rules, date)
    if (span === null) continue
    const opens = atMinute(date, span.from, zone)
    const closes = atMinute(date, span.to, zone)
    if (days === 0 && now.getTime() >= opens && now.getTime() < closes) return { open: true }
    if (opens > now.getTime()) return { open: false, opensAt: new Date(opens) }
  }
  return { open: false, opensAt: null }
}

function openSpan(rules: CallingRules, date: Temporal.PlainDate): { from: number; to: number } | null {
  if (rules.holidays.includes(date.toString())) return null
  const hours = rules.callingHours
  if (hours === null || hours === 'always') return { from: 0, to: 1_440 }
  const weekday = weekdays[date.dayOfWeek - 1]
  const span = weekday === undefined ? undefined : hours[weekday]
  return span === undefined ? null : { from: minutesOf(span[0]), to: minutesOf(span[1]) }
}

function atMinute(date: Temporal.PlainDate, minute: number, zone: string): number {
  if (minute >= 1_440) return date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds
  const plainTime = new Temporal.PlainTime(Math.floor(minute / 60), minute % 60)
  return date.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

function localTime(zone: string, now: Date): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone)
}
