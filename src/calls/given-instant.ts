/** Reads instants as requests write them. Pure. */
import { Temporal } from 'temporal-polyfill'

const form = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * An instant like `2023-05-09T17:07`, with or without seconds; it is in `zone` (IANA) unless it carries an offset. A date
 * alone is the start of that day. A local time that a daylight saving change skips is moved on, one that comes twice is
 * taken the first time. Null when it is none.
 */
export function readInstant(given: string, zone: string): Date | null {
  // A plus in the query of a URL arrives as a space when it was not escaped.
  const text = given
    .trim()
    .replace(/ (\d\d:?\d\d)$/, (match, offset: string, at: number) => (at > 10 ? `+${offset}` : match))
  const found = form.exec(text)
  if (found === null) return null
  try {
    if (found[1] !== undefined) return new Date(Temporal.Instant.from(text).epochMilliseconds)
    return new Date(Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
