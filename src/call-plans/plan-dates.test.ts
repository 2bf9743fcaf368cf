/**
 * The arithmetic of plans against another library with a time-zone database of its own. PLAN_CASES=100000 runs all of
 * them; SEED repeats a run.
 */
import '@js-joda/timezone'
import { DateTimeFormatter, Instant, LocalDate, ZonedDateTime, ZoneId } from '@js-joda/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  dayOf,
  frequencies,
  nextAfterCall,
  nextFromToday,
  toWholeSecond,
  type Frequency,
} from './plan-dates.ts'

const cases = Number(process.env['PLAN_CASES'] ?? 10_000)
const seed = Number(process.env['SEED'] ?? 20_241_228)

/** With half an hour and three quarters, both hemispheres, midnights that are skipped, and a day that never was. */
const zones = [
  'UTC',
  'Asia/Kathmandu',
  'America/Chicago',
  'America/New_York',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Santiago',
  'America/Havana',
  'Atlantic/Azores',
  'Europe/London',
  'Europe/Berlin',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Apia',
]

/** Where zones stopped changing the same way in both databases there would be nothing to compare. */
const firstMs = Date.UTC(2005, 0, 1)
const lastMs = Date.UTC(2024, 0, 1)

const anyInstant = fc.integer({ min: firstMs / 1_000, max: lastMs / 1_000 }).map((seconds) => seconds * 1_000)

/** Local times around the last days of months, where months have different lengths. */
const monthEnd = fc
  .record({
    year: fc.integer({ min: 2005, max: 2023 }),
    month: fc.integer({ min: 0, max: 11 }),
    hours: fc.integer({ min: -72, max: 48 }),
  })
  .map(({ year, month, hours }) => Date.UTC(year, month + 1, 1) + hours * 3_600_000 + 1_800_000)

/** Instants up to three hours (and whole periods) from a change of the zone's offset. */
function nearChange(zone: string): fc.Arbitrary<number> {
  const changes = changesOf(zone)
  if (changes.length === 0) return anyInstant
  return fc
    .record({
      change: fc.constantFrom(...changes),
      minutes: fc.integer({ min: -180, max: 180 }),
      back: fc.constantFrom(0, 1, 7, 14, 28, 30, 31),
    })
    .map(({ change, minutes, back }) => change + minutes * 60_000 - back * 86_400_000)
}

const aCase = fc.constantFrom(...zones).chain((zone) =>
  fc.record({
    zone: fc.constant(zone),
    at: fc.oneof({ arbitrary: nearChange(zone), weight: 3 }, { arbitrary: monthEnd, weight: 2 }, anyInstant),
    frequency: fc.constantFrom(...frequencies),
  }),
)

describe('the dates of a plan', () => {
  test(`agree with an independent calendar in ${cases} cases over ${zones.length} zones`, () => {
    const seen = { changed: 0, monthEnds: 0 }
    fc.assert(
      fc.property(aCase, ({ zone, at, frequency }) => {
        const next = nextAfterCall(new Date(at), frequency, zone).getTime()
        expect(next).toBe(oracleAfterCall(at, frequency, zone))
        expect(nextFromToday(new Date(at), frequency, zone).getTime()).toBe(
          oracleFromToday(at, frequency, zone),
        )
        const day = dayOf(new Date(at), zone)
        expect([day.from.getTime(), day.until.getTime()]).toEqual(oracleDay(at, zone))
        if (offsetAt(at, zone) !== offsetAt(next, zone)) seen.changed += 1
        if (frequency === 'MONTHLY' && dayOfMonth(at, zone) !== dayOfMonth(next, zone)) seen.monthEnds += 1
      }),
      { numRuns: cases, seed },
    )
    // Else the cases would not be where mistakes are made.
    expect(seen.changed).toBeGreaterThan(cases / 10)
    expect(seen.monthEnds).toBeGreaterThan(cases / 100)
  }, 600_000)

  test.each([
    ['UTC', 'DAILY', '2024-12-28T10:00:00Z', '2024-12-29T10:00:00Z'],
    ['UTC', 'WEEKLY', '2024-12-28T10:00:00Z', '2025-01-04T10:00:00Z'],
    ['UTC', 'MONTHLY', '2025-01-31T10:00:00Z', '2025-02-28T10:00:00Z'],
    ['UTC', 'MONTHLY', '2024-01-31T10:00:00Z', '2024-02-29T10:00:00Z'],
    // Ten o'clock in Chicago, before and after the clocks go forward.
    ['America/Chicago', 'DAILY', '2026-03-07T16:00:00Z', '2026-03-08T15:00:00Z'],
    // Half past two does not exist that night: it becomes half past three.
    ['America/Chicago', 'DAILY', '2026-03-07T08:30:00Z', '2026-03-08T08:30:00Z'],
    ['Asia/Kathmandu', 'BIWEEKLY', '2026-03-01T04:15:00Z', '2026-03-15T04:15:00Z'],
  ])('in %s %s after %s is %s', (zone, frequency, at, expected) => {
    expect(nextAfterCall(new Date(at), frequency as Frequency, zone)).toEqual(new Date(expected))
  })

  test('a plan that never called is due at the start of a day', () => {
    const now = new Date('2024-12-28T10:00:00Z')
    expect(nextFromToday(now, 'DAILY', 'UTC')).toEqual(new Date('2024-12-29T00:00:00Z'))
    expect(nextFromToday(now, 'DAILY', 'Asia/Kathmandu')).toEqual(new Date('2024-12-28T18:15:00Z'))
    // The night in which Havana has no midnight begins at one o'clock.
    const havana = nextFromToday(new Date('2024-03-09T12:00:00Z'), 'DAILY', 'America/Havana')
    expect(havana).toEqual(new Date('2024-03-10T05:00:00Z'))
  })

  test('are whole seconds, cut off', () => {
    expect(toWholeSecond(new Date('2024-12-28T10:00:00.999Z'))).toEqual(new Date('2024-12-28T10:00:00Z'))
  })
})

function zoned(at: number, zone: string): ZonedDateTime {
  return ZonedDateTime.ofInstant(Instant.ofEpochMilli(at), ZoneId.of(zone))
}

function oracleAfterCall(at: number, frequency: Frequency, zone: string): number {
  const local = zoned(at, zone).toLocalDateTime()
  const next =
    frequency === 'MONTHLY'
      ? local.plusMonths(1)
      : local.plusDays({ DAILY: 1, WEEKLY: 7, BIWEEKLY: 14 }[frequency])
  return next.atZone(ZoneId.of(zone)).toInstant().toEpochMilli()
}

function oracleFromToday(at: number, frequency: Frequency, zone: string): number {
  const today = zoned(at, zone).toLocalDate()
  const day =
    frequency === 'MONTHLY'
      ? today.plusMonths(1)
      : today.plusDays({ DAILY: 1, WEEKLY: 7, BIWEEKLY: 14 }[frequency])
  return startOf(day, zone)
}

function oracleDay(at: number, zone: string): [number, number] {
  const today = zoned(at, zone).toLocalDate()
  return [startOf(today, zone), startOf(today.plusDays(1), zone)]
}

function startOf(day: LocalDate, zone: string): number {
  return day.atStartOfDay(ZoneId.of(zone)).toInstant().toEpochMilli()
}

function offsetAt(at: number, zone: string): string {
  return zoned(at, zone).offset().id()
}

function dayOfMonth(at: number, zone: string): string {
  return zoned(at, zone).format(DateTimeFormatter.ofPattern('d'))
}

const known = new Map<string, number[]>()

/** Every change of the offset between the two years, to the minute. */
function changesOf(zone: string): number[] {
  const remembered = known.get(zone)
  if (remembered) return remembered
  const found: number[] = []
  const step = 7 * 86_400_000
  for (let at = firstMs; at < lastMs; at += step) {
    if (offsetAt(at, zone) === offsetAt(at + step, zone)) continue
    let [low, high] = [at, at + step]
    while (high - low > 60_000) {
      const middle = low + Math.floor((high - low) / 120_000) * 60_000
      if (offsetAt(middle, zone) === offsetAt(low, zone)) low = middle
      else high = middle
    }
    found.push(high)
  }
  known.set(zone, found)
  return found
}
