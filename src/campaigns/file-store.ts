import type { Queryable, Sql } from '../db/sql.ts'

export type LibraryEntry = { kind: 'audio' | 'numbers'; id: number }

/** Kept files of either kind, newest first. */
export async function listLibrary(
  sql: Queryable,
  workspaceId: number,
  { limit, offset }: { limit: number; offset: number },
): Promise<LibraryEntry[]> {
  return sql<LibraryEntry[]>`
    ${library(sql, workspaceId)}
     order by id desc
     limit ${limit} offset ${offset}`
}

export async function countLibrary(sql: Queryable, workspaceId: number): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*) as count from (${library(sql, workspaceId)}) l`
  return row?.count ?? 0
}

/** False when there is no such file. What is being imported from a list of numbers goes on: it has its rows. */
export async function removeFromLibrary(
  sql: Sql,
  workspaceId: number,
  id: number,
  now: Date,
): Promise<boolean> {
  const audio = await sql`
    update audio set removed_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id} and name is not null and removed_at is null`
  if (audio.count === 1) return true
  const numbers = await sql`
    update uploads set kept = false
     where workspace_id = ${workspaceId} and id = ${id} and kept and layout is not null`
  return numbers.count === 1
}

function library(sql: Queryable, workspaceId: number) {
  return sql`
    select 'audio' as kind, id from audio
     where workspace_id = ${workspaceId} and name is not null and state = 'ready' and removed_at is null
     union all
    select 'numbers' as kind, id from uploads
     where workspace_id = ${workspaceId} and kept and layout is not null`
}
