import type { Queryable } from '../db/sql.ts'

export type IntakeAgent = { id: string; username: string }

/**
 * The active person that a dialer means: by its id for them first, then by username in any letter case. A stock dialer
 * sends its own id for them as the user, so that counts as well.
 */
export async function findIntakeAgent(
  sql: Queryable,
  workspaceId: number,
  named: { dialerUserId: string | null; username: string | null },
): Promise<IntakeAgent | null> {
  const [row] = await sql<IntakeAgent[]>`
    select id, username
      from users
     where workspace_id = ${workspaceId} and is_active and role in ('agent', 'manager', 'admin')
       and (dialer_user_id in (${named.dialerUserId}, ${named.username}) or lower(username) = lower(${named.username}))
     order by case when dialer_user_id = ${named.dialerUserId} then 1
                   when lower(username) = lower(${named.username}) then 2
                   else 3 end
     limit 1`
  return row ?? null
}
