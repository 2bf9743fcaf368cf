/**
 * When a call plan calls next. Pure; the only file that computes dates of plans. Everything is reckoned on the calendar
 * of a time zone (IANA), so that ten o'clock stays ten o'clock when daylight saving begins or ends.
 */
import { Temporal } from 'temporal-polyfill'

export const frequencies = ['DAILY', 'WEEKLY', 'BIWEEKLY', 'MONTHLY'] as const
export type Frequency = (typeof frequencies)[number]

/** A month is a calendar month: from 31 January it is the last day of February. */
const periods: Record<Frequency, { days: number } | { months: number }> = {
  DAILY: { days: 1 },
  WEEKLY: { days: 7 },
  BIWEEKLY: { days: 14 },
  MONTHLY: { months: 1 },
}

/**
 * One period after `calledAt`, at the same local time of day. A time that daylight saving skips on that day is as much
 * later as the skipped span is long; one that comes twice is taken the first time.
 */
export function nextAfterCall(calledAt: Date, frequency: Frequency, zone: string): Date {
  return toDate(inZone(calledAt, zone).add(periods[frequency]))
}

/** For a plan that never called: the start of the day that is one period after today. */
export function nextFromToday(now: Date, frequency: Frequency, zone: string): Date {
  const day = inZone(now, zone).toPlainDate().add(periods[frequency])
  return toDate(day.toZonedDateTime(zone))
}

/** The day of `now`: its first instant, and that of the next day. */
export function dayOf(now: Date, zone: string): { from: Date; until: Date } {
  const day = inZone(now, zone).toPlainDate()
  return {
    from: toDate(day.toZonedDateTime(zone)),
    until: toDate(day.add({ days: 1 }).toZonedDateTime(zone)),
  }
}

/** Plans are dated to the second, as they are shown: what was read back names the same call. */
export function toWholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1_000) * 1_000)
}

function inZone(at: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)
}

function toDate(at: Temporal.ZonedDateTime): Date {
  return new Date(at.epochMilliseconds)
}
