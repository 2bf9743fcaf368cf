import type { Queryable, Sql } from '../db/sql.ts'
import type { Principal, Role } from '../http/principal.ts'

export type FoundKey = { id: string; principal: Principal; lastUsedAt: Date | null }

type KeyRow = {
  id: string
  workspace_id: number
  user_id: string
  scopes: string[]
  last_used_at: Date | null
  role: Role
  agent_id: string | null
}

/** The live key with this hash. It ends with the person who made it, and never does what only a person may. */
export async function findKey(sql: Sql, hash: Buffer): Promise<FoundKey | null> {
  const [row] = await sql<KeyRow[]>`
    select key.id, key.workspace_id, key.user_id, key.scopes, key.last_used_at, person.role, agent.id as agent_id
      from api_keys key
      join users person on person.workspace_id = key.workspace_id and person.id = key.user_id
      left join agents agent on agent.workspace_id = key.workspace_id and agent.user_id = key.user_id
     where key.secret_hash = ${hash} and key.revoked_at is null and person.is_active`
  if (!row) return null
  const principal: Principal = {
    userId: row.user_id,
    workspaceId: row.workspace_id,
    // People, keys and carrier settings are an administrator's own business, not a program's.
    role: row.role === 'admin' ? 'manager' : row.role,
    agentId: row.agent_id,
    keyId: row.id,
    sessionId: null,
    scopes: row.scopes,
    isOwner: false,
  }
  return { id: row.id, principal, lastUsedAt: row.last_used_at }
}

/** Notes that the key was used, to the minute: a busy key would otherwise be the hottest row of the database. */
export async function touchKey(sql: Queryable, key: FoundKey, wall: Date): Promise<void> {
  if (key.lastUsedAt !== null && wall.getTime() - key.lastUsedAt.getTime() < 60_000) return
  await sql`
    update api_keys set last_used_at = ${wall}
     where workspace_id = ${key.principal.workspaceId} and id = ${key.id}`
}
