import type { Queryable, Sql, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
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

/** A key as its list shows it; the key itself is derived from its id. */
export type ApiKey = { id: string; name: string; scopes: string[]; createdAt: Date; lastUsedAt: Date | null }

const mostKeys = 1_000

/** The live keys of a workspace, newest first. */
export async function listKeys(
  sql: Queryable,
  list: { workspaceId: number; offset: number; limit: number },
): Promise<{ count: number; keys: ApiKey[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from api_keys where workspace_id = ${list.workspaceId} and revoked_at is null`
  const keys = await sql<ApiKey[]>`
    select id, name, scopes, created_at as "createdAt", last_used_at as "lastUsedAt" from api_keys
     where workspace_id = ${list.workspaceId} and revoked_at is null
     order by created_at desc, id desc
    offset ${list.offset} limit ${list.limit}`
  return { count: total?.count ?? 0, keys }
}

export async function insertKey(
  tx: Tx,
  key: {
    workspaceId: number
    id: string
    userId: string
    name: string
    scopes: readonly string[]
    hash: Buffer
    now: Date
  },
): Promise<ApiKey> {
  const { count } = await listKeys(tx, { workspaceId: key.workspaceId, offset: 0, limit: 1 })
  if (count >= mostKeys) {
    throw new AppError(
      'conflict',
      'too_many_keys',
      `There are ${mostKeys} keys already. Delete those nobody uses.`,
    )
  }
  await tx`
    insert into api_keys (workspace_id, id, user_id, name, scopes, secret_hash, created_at)
    values (${key.workspaceId}, ${key.id}, ${key.userId}, ${key.name}, ${[...key.scopes]}, ${key.hash}, ${key.now})`
  return { id: key.id, name: key.name, scopes: [...key.scopes], createdAt: key.now, lastUsedAt: null }
}

/** False when there is no such live key. */
export async function revokeKey(
  sql: Queryable,
  key: { workspaceId: number; id: string; now: Date },
): Promise<boolean> {
  const revoked = await sql`
    update api_keys set revoked_at = ${key.now}
     where workspace_id = ${key.workspaceId} and id = ${key.id} and revoked_at is null`
  return revoked.count > 0
}
