/** Keys of dialers and their secrets. A key is found by the hash of a secret that has not ended. */
import { timingSafeEqual } from 'node:crypto'
import type { Queryable, Sql, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'

export type DialerKey = {
  id: string
  name: string
  /** How many secrets it has had; the newest is the one that was shown last. */
  generation: number
  createdAt: Date
  rotatedAt: Date | null
  lastUsedAt: Date | null
  /** When the older secrets end; null when there is none left. Database time. */
  overlapEndsAt: Date | null
}

export type FoundDialerKey = { id: string; workspaceId: number }

/** The live key that a secret with this hash opens. `wall` is database time. */
export async function findDialerKey(
  sql: Queryable,
  hash: Buffer,
  wall: Date,
): Promise<FoundDialerKey | null> {
  const [row] = await sql<
    { workspace_id: number; id: string; secret_hash: Buffer; last_used_at: Date | null }[]
  >`
    select key.workspace_id, key.id, secret.secret_hash, key.last_used_at
      from dialer_key_secrets secret
      join dialer_keys key on key.workspace_id = secret.workspace_id and key.id = secret.key_id
     where secret.secret_hash = ${hash} and (secret.expires_at is null or secret.expires_at > ${wall})
       and key.revoked_at is null`
  if (!row || !timingSafeEqual(row.secret_hash, hash)) return null
  const found = { id: row.id, workspaceId: row.workspace_id }
  if (row.last_used_at === null || wall.getTime() - row.last_used_at.getTime() >= 60_000) {
    await sql`
      update dialer_keys set last_used_at = ${wall} where workspace_id = ${found.workspaceId} and id = ${found.id}`
  }
  return found
}

/** Whether a secret with this hash was ever there, and whether a workspace ever had a key. */
export async function knowsSecret(sql: Queryable, hash: Buffer): Promise<boolean> {
  const rows = await sql`select from dialer_key_secrets where secret_hash = ${hash} limit 1`
  return rows.length > 0
}

export async function hasHadKeys(sql: Queryable, workspaceId: number): Promise<boolean> {
  const rows = await sql`select from dialer_keys where workspace_id = ${workspaceId} limit 1`
  return rows.length > 0
}

/** The live keys of a workspace, newest first. */
export async function listDialerKeys(
  sql: Queryable,
  list: { workspaceId: number; offset: number; limit: number; wall: Date },
): Promise<{ count: number; keys: DialerKey[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from dialer_keys where workspace_id = ${list.workspaceId} and revoked_at is null`
  const keys = await sql<DialerKey[]>`
    select ${keyColumns(sql, list.wall)}
      from dialer_keys key
     where key.workspace_id = ${list.workspaceId} and key.revoked_at is null
     order by key.created_at desc, key.id desc
    offset ${list.offset} limit ${list.limit}`
  return { count: total?.count ?? 0, keys }
}

/** The live key, held until the transaction ends. */
export async function lockDialerKey(
  tx: Tx,
  key: { workspaceId: number; id: string; wall: Date },
): Promise<DialerKey | null> {
  // Read in a statement of its own: one that waited for the lock would show the secrets of before.
  const locked = await tx`
    select from dialer_keys
     where workspace_id = ${key.workspaceId} and id = ${key.id} and revoked_at is null
       for no key update`
  if (locked.count === 0) return null
  const [row] = await tx<DialerKey[]>`
    select ${keyColumns(tx, key.wall)}
      from dialer_keys key
     where key.workspace_id = ${key.workspaceId} and key.id = ${key.id}`
  return row ?? null
}

function keyColumns(sql: Queryable, wall: Date) {
  return sql`
    key.id, key.name, key.created_at as "createdAt", key.rotated_at as "rotatedAt", key.last_used_at as "lastUsedAt",
    (select max(generation) from dialer_key_secrets secret
      where secret.workspace_id = key.workspace_id and secret.key_id = key.id) as generation,
    (select max(expires_at) from dialer_key_secrets secret
      where secret.workspace_id = key.workspace_id and secret.key_id = key.id and expires_at > ${wall}) as "overlapEndsAt"`
}

const mostKeys = 100

export async function insertDialerKey(
  tx: Tx,
  key: { workspaceId: number; id: string; name: string; hash: Buffer; createdBy: string | null; now: Date },
): Promise<void> {
  const [total] = await tx<{ count: number }[]>`
    select count(*) as count from dialer_keys where workspace_id = ${key.workspaceId} and revoked_at is null`
  if ((total?.count ?? 0) >= mostKeys) {
    const message = `There are ${mostKeys} dialer keys already. Delete those nobody uses.`
    throw new AppError('conflict', 'too_many_keys', message)
  }
  await tx`
    insert into dialer_keys (workspace_id, id, name, created_by, created_at)
    values (${key.workspaceId}, ${key.id}, ${key.name}, ${key.createdBy}, ${key.now})`
  await insertSecret(tx, { ...key, generation: 1 })
}

/** Adds a secret; the older ones end at `olderEndAt`, or earlier where that was said before. */
export async function rotateDialerKey(
  tx: Tx,
  key: { workspaceId: number; id: string; hash: Buffer; generation: number; olderEndAt: Date; now: Date },
): Promise<void> {
  await tx`
    update dialer_key_secrets set expires_at = least(expires_at, ${key.olderEndAt})
     where workspace_id = ${key.workspaceId} and key_id = ${key.id}`
  await insertSecret(tx, key)
  await tx`
    update dialer_keys set rotated_at = ${key.now} where workspace_id = ${key.workspaceId} and id = ${key.id}`
}

async function insertSecret(
  tx: Tx,
  secret: { workspaceId: number; id: string; hash: Buffer; generation: number },
): Promise<void> {
  await tx`
    insert into dialer_key_secrets (workspace_id, key_id, generation, secret_hash)
    values (${secret.workspaceId}, ${secret.id}, ${secret.generation}, ${secret.hash})`
}

/** False when there is no such live key. */
export async function revokeDialerKey(
  sql: Sql,
  key: { workspaceId: number; id: string; now: Date },
): Promise<boolean> {
  const revoked = await sql`
    update dialer_keys set revoked_at = ${key.now}
     where workspace_id = ${key.workspaceId} and id = ${key.id} and revoked_at is null`
  return revoked.count > 0
}
