/** Instants in the words of a place. The only file of this domain that computes local time. Pure. */
import { Temporal } from 'temporal-polyfill'

/** `Mon 25 Dec 2017, 11:45 (Kathmandu, UTC+05:45)`. `zone`: IANA. */
export function localWords(at: Date, zone: string): string {
  return `${dayWords(at, zone)}, ${clockWords(at, zone)} (${placeWords(at, zone)})`
}

/** `Mon 25 Dec 2017`. */
export function dayWords(at: Date, zone: string): string {
  const parts = partsOf(at, zone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
  return `${parts['weekday']} ${parts['day']} ${parts['month']} ${parts['year']}`
}

/** `11:45`, on a clock of 24 hours. */
export function clockWords(at: Date, zone: string): string {
  const local = localOf(at, zone)
  return `${two(local.hour)}:${two(local.minute)}`
}

/** `Kathmandu, UTC+05:45`: the offset is that of the moment, summer time included. */
export function placeWords(at: Date, zone: string): string {
  const city = zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone
  const { offset } = localOf(at, zone)
  return zone === 'UTC' ? 'UTC' : `${city}, UTC${offset}`
}

/** How many calendar days the place is ahead of the other at this moment: -1, 0 or 1. */
export function dayDifference(at: Date, zone: string, other: string): number {
  const [here, there] = [localOf(at, zone).toPlainDate(), localOf(at, other).toPlainDate()]
  return there.until(here).days
}

/** True when the clocks of the place are changed between the two moments. */
export function clocksChange(from: Date, to: Date, zone: string): boolean {
  return localOf(from, zone).offsetNanoseconds !== localOf(to, zone).offsetNanoseconds
}

function localOf(at: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function partsOf(at: Date, zone: string, options: Intl.DateTimeFormatOptions): Record<string, string> {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone })
  formats.set(zone, format)
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]))
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
