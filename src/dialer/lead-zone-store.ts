import { column, type Tx } from '../db/sql.ts'

/** The time zones of the leads that have these numbers, where somebody entered one. Keys: `workspace number`. */
export async function leadZones(
  tx: Tx,
  numbers: readonly { workspaceId: number; to: string }[],
): Promise<Map<string, string>> {
  if (numbers.length === 0) return new Map()
  const rows = await tx<{ workspace_id: number; number: string; time_zone: string }[]>`
    select asked.workspace_id, asked.number, found.time_zone
      from unnest(${column(numbers, (one) => one.workspaceId)}::bigint[], ${column(numbers, (one) => one.to)}::text[])
           as asked (workspace_id, number)
     cross join lateral (
       select l.time_zone from leads l
        where l.workspace_id = asked.workspace_id and l.phone_e164 = asked.number and l.deleted_at is null
          and l.time_zone is not null
        order by l.updated_at desc
        limit 1) as found`
  return new Map(rows.map((row) => [`${row.workspace_id} ${row.number}`, row.time_zone]))
}
