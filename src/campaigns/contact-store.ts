/** How often people were contacted. */
import {
  capUnits,
  daysOfUnit,
  noContacts,
  type Contacts,
  type FrequencyCap,
} from '../accounts/frequency-cap.ts'
import { startOfDay } from '../calls/calling-window.ts'
import { column, type Queryable } from '../db/sql.ts'

export type CappedNumber = {
  workspaceId: number
  to: string
  rules: { frequencyCap: FrequencyCap | null }
  /** Where the number may be; its own days are those of the first. */
  zones: readonly string[]
}

/**
 * The calls and texts that went (or may have gone) to these numbers, within the units that their cap names. What people
 * asked for themselves does not count among the texts: codes, reminders of an agreed time, answers. Keys: `workspace number`.
 */
export async function contactsOf(
  sql: Queryable,
  numbers: readonly CappedNumber[],
  now: Date,
): Promise<Map<string, Contacts>> {
  const asked = numbers.flatMap(({ workspaceId, to, rules, zones }) =>
    capUnits
      .filter((unit) => rules.frequencyCap?.[unit] !== undefined)
      .map((unit) => ({
        workspaceId,
        to,
        unit,
        since: startOfDay(zones[0] ?? 'UTC', now, daysOfUnit[unit] - 1),
      })),
  )
  const contacts = new Map<string, Contacts>()
  if (asked.length === 0) return contacts
  const counts = await sql<{ place: number; count: number }[]>`
    select asked.place,
           (select count(*)::int from calls c
             where c.workspace_id = asked.workspace_id and c.to_number = asked.number and c.created_at >= asked.since
               and c.phase not in ('void', 'waiting') and c.owner is not null)
           + (select count(*)::int from texts t
               where t.workspace_id = asked.workspace_id and t.to_number = asked.number and t.created_at >= asked.since
                 and t.phase not in ('void', 'waiting') and t.owner is not null and t.kind in ('single', 'campaign'))
           as count
      from unnest(${column(asked, (one) => one.workspaceId)}::bigint[], ${column(asked, (one) => one.to)}::text[],
                  ${column(asked, (one) => one.since)}::timestamptz[])
           with ordinality as asked (workspace_id, number, since, place)`
  for (const { place, count } of counts) {
    const one = asked[place - 1]
    if (one === undefined) continue
    const key = `${one.workspaceId} ${one.to}`
    const known = contacts.get(key) ?? noContacts
    contacts.set(key, { ...known, [one.unit]: Math.max(known[one.unit], count) })
  }
  return contacts
}
