import type { Queryable } from '../db/sql.ts'

/** Something that happened, at its place in the order of its workspace. */
export type StoredEvent = {
  position: number
  at: Date
  kind: string
  /** The only person below manager who may see it; null = managers only. */
  visibleTo: string | null
  data: unknown
}

/** Events are promised for this long. */
export const eventsKeptMs = 24 * 60 * 60 * 1000

/** The newest position of a workspace; 0 when nothing ever happened. */
export async function findHead(sql: Queryable, workspaceId: number): Promise<number> {
  const [row] = await sql<{ position: number }[]>`
    select position from event_heads where workspace_id = ${workspaceId}`
  return row?.position ?? 0
}

/** The events after a position, in order, without a gap as far as they are kept. */
export async function readEvents(
  sql: Queryable,
  read: { workspaceId: number; after: number; limit: number },
): Promise<StoredEvent[]> {
  return sql<StoredEvent[]>`
    select position, at, kind, visible_to as "visibleTo", data
      from events
     where workspace_id = ${read.workspaceId} and position > ${read.after}
     order by position
     limit ${read.limit}`
}
