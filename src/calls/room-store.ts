/** Who was in which conference. */
import type { Queryable, Sql } from '../db/sql.ts'
import type { CallName } from './call-reference.ts'

/** A participant came or left. `told`: the call whose room it is; the participant is known by its carrier id. */
export type Visit = {
  told: CallName
  conferenceSid: string
  callSid: string
  kind: 'join' | 'leave'
  at: Date
}

/** Leaving proves that one was there, also when the coming was never told. A visit that is told again changes nothing. */
export async function noteVisit(sql: Sql, visit: Visit): Promise<void> {
  const { told, conferenceSid, callSid, kind, at } = visit
  await sql`
    insert into room_visits as known (workspace_id, room, conference_sid, call_id, joined_at, left_at)
    select member.workspace_id, member.room, ${conferenceSid}, member.id, ${at}, ${kind === 'leave' ? at : null}
      from calls told
      join calls member on member.workspace_id = told.workspace_id and member.room = told.room
     where told.workspace_id = ${told.workspaceId} and told.id = ${told.callId} and member.carrier_sid = ${callSid}
        on conflict (workspace_id, room, conference_sid, call_id) do update
       set left_at = excluded.left_at
     where known.left_at is null and excluded.left_at is not null`
}

/** Whether two calls were in one conference. Who leaves ends it, so the second found the first there. */
export async function wereTogether(
  sql: Queryable,
  { workspaceId, room, calls }: { workspaceId: number; room: string; calls: readonly [string, string] },
): Promise<boolean> {
  const rows = await sql`
    select from room_visits one
      join room_visits other using (workspace_id, room, conference_sid)
     where one.workspace_id = ${workspaceId} and one.room = ${room}
       and one.call_id = ${calls[0]} and other.call_id = ${calls[1]}
     limit 1`
  return rows.length > 0
}
