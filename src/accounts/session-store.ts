import type { Queryable, Sql } from '../db/sql.ts'
import type { Role } from '../http/principal.ts'

/** A live session, with what a request needs to know of its person. */
export type Session = {
  workspaceId: number
  id: string
  userId: string
  role: Role
  isOwner: boolean
  agentId: string | null
  tokenVersion: number
}

/** The live session `id`; null when it is unknown, revoked or expired, or its person was disabled. */
export async function findSession(sql: Sql, id: string, wall: Date): Promise<Session | null> {
  const [row] = await sql<Session[]>`
    select session.workspace_id as "workspaceId", session.id, session.user_id as "userId", person.role,
           person.is_owner as "isOwner", person.token_version as "tokenVersion", agent.id as "agentId"
      from sessions session
      join users person on person.workspace_id = session.workspace_id and person.id = session.user_id
      left join agents agent on agent.workspace_id = session.workspace_id and agent.user_id = session.user_id
     where session.id = ${id} and session.revoked_at is null and session.expires_at > ${wall}
       and person.is_active`
  return row ?? null
}

export async function insertSession(
  sql: Queryable,
  session: { workspaceId: number; id: string; userId: string; wall: Date; expiresAt: Date },
): Promise<void> {
  await sql`
    insert into sessions (workspace_id, id, user_id, created_at, expires_at)
    values (${session.workspaceId}, ${session.id}, ${session.userId}, ${session.wall}, ${session.expiresAt})`
}

export async function revokeSession(
  sql: Queryable,
  session: { workspaceId: number; id: string; wall: Date },
): Promise<void> {
  await sql`
    update sessions set revoked_at = ${session.wall}
     where workspace_id = ${session.workspaceId} and id = ${session.id} and revoked_at is null`
}

/**
 * Moves the cookie's refresh token from `generation` to the next. Of several at once one wins and gets the next
 * generation; the others get null. `reused` tells that the token had been replaced before this request came in:
 * somebody kept a copy, and the caller revokes the session.
 */
export async function rotateSession(
  sql: Sql,
  session: { id: string; generation: number; requestedAt: Date; expiresAt: Date },
): Promise<{ generation: number | null; reused: boolean }> {
  const [moved] = await sql<{ generation: number }[]>`
    update sessions
       set generation = generation + 1, rotated_at = clock_timestamp(), expires_at = ${session.expiresAt}
     where id = ${session.id} and generation = ${session.generation} and revoked_at is null
    returning generation`
  if (moved) return { generation: moved.generation, reused: false }
  const [row] = await sql<
    { rotated_at: Date | null }[]
  >`select rotated_at from sessions where id = ${session.id}`
  const replacedAt = row?.rotated_at ?? null
  return { generation: null, reused: replacedAt !== null && replacedAt < session.requestedAt }
}
