/** Where a recipient is, when the list says so. Pure. */
import { isTimeZone } from '../config-values.ts'
import type { TagValues } from './message.ts'

/** The columns in which lists name a time zone, IANA's (`Asia/Kathmandu`). */
export const zoneTags = ['tags_timezone', 'tags_time_zone', 'tags_tz'] as const

/** The zone a recipient's own tags name; null when they name none, or none that exists. */
export function zoneInTags(tags: TagValues): string | null {
  for (const tag of zoneTags) {
    if (!Object.hasOwn(tags, tag)) continue
    const value = tags[tag]
    const name = typeof value === 'string' ? value.trim() : ''
    if (name !== '' && exists(name)) return name
  }
  return null
}

/** Where a person may be: as the list says, else the lead, else the number, else the workspace. */
export function zonesOfPerson(
  person: { tags: TagValues; leadZone: string | null; timeZone: string | null },
  workspaceZone: string,
): readonly string[] {
  return (zoneInTags(person.tags) ?? person.leadZone ?? person.timeZone ?? workspaceZone).split(',')
}

/** Lists hold the same few names a million times, and asking for one takes longer than reading its row. */
const known = new Map<string, boolean>()

function exists(name: string): boolean {
  const before = known.get(name)
  if (before !== undefined) return before
  if (known.size >= 2_000) known.clear()
  const found = name.length <= 60 && isTimeZone(name)
  known.set(name, found)
  return found
}
