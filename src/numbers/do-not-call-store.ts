import { arrayOf, type Queryable, type Tx } from '../db/sql.ts'

export type BlockedNumber = { number: string; reason: string; createdAt: Date }

/** Puts a number on the list. One that is there already stays; a given reason replaces the old one. */
export async function blockNumber(
  tx: Tx,
  block: { workspaceId: number; number: string; reason: string | null; createdBy: string | null },
  now: Date,
): Promise<BlockedNumber & { isNew: boolean }> {
  const [row] = await tx<(BlockedRow & { is_new: boolean })[]>`
    insert into do_not_call as d (workspace_id, number, reason, created_at, created_by)
    values (${block.workspaceId}, ${block.number}, ${block.reason ?? ''}, ${now}, ${block.createdBy})
        on conflict (workspace_id, number) do update set reason = coalesce(${block.reason}, d.reason)
    returning number, reason, created_at, xmax = 0 as is_new`
  if (!row) throw new Error('A number was not put on the do-not-call list')
  return { ...toBlocked(row), isNew: row.is_new }
}

/** Takes a number off the list; false when it was not on it. */
export async function unblockNumber(tx: Tx, workspaceId: number, number: string): Promise<boolean> {
  const result = await tx`delete from do_not_call where workspace_id = ${workspaceId} and number = ${number}`
  return result.count === 1
}

/** The person texted STOP to these workspaces. An entry that one of them had made stays its own beside it. */
export async function stopNumber(
  tx: Tx,
  { workspaceIds, number }: { workspaceIds: readonly number[]; number: string },
  now: Date,
): Promise<void> {
  await tx`
    insert into do_not_call as d (workspace_id, number, reason, created_at, stopped_at)
    select w.id, ${number}, 'Texted STOP', ${now}, ${now}
      from unnest(${arrayOf(workspaceIds)}::bigint[]) as w (id)
     order by w.id
        on conflict (workspace_id, number) do update set stopped_at = coalesce(d.stopped_at, ${now})`
}

/** The person texted START: lifts what STOP did, and nothing else. Returns the workspaces that may text again. */
export async function liftStop(
  tx: Tx,
  { workspaceIds, number }: { workspaceIds: readonly number[]; number: string },
): Promise<number[]> {
  const removed = await tx<{ workspace_id: number }[]>`
    delete from do_not_call
     where workspace_id = any(${arrayOf(workspaceIds)}::bigint[]) and number = ${number} and stopped_at = created_at
    returning workspace_id`
  await tx`
    update do_not_call set stopped_at = null
     where workspace_id = any(${arrayOf(workspaceIds)}::bigint[]) and number = ${number} and stopped_at is not null`
  return removed.map((row) => row.workspace_id)
}

/** Newest first; `number` narrows the list to that one. */
export async function listBlocked(
  sql: Queryable,
  workspaceId: number,
  { number, limit, offset }: { number: string | null; limit: number; offset: number },
): Promise<{ count: number; blocked: BlockedNumber[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from do_not_call
     where workspace_id = ${workspaceId} and (${number}::text is null or number = ${number})`
  const rows = await sql<BlockedRow[]>`
    select number, reason, created_at from do_not_call
     where workspace_id = ${workspaceId} and (${number}::text is null or number = ${number})
     order by created_at desc, number
     limit ${limit} offset ${offset}`
  return { count: total?.count ?? 0, blocked: rows.map(toBlocked) }
}

interface BlockedRow {
  number: string
  reason: string
  created_at: Date
}

function toBlocked(row: BlockedRow): BlockedNumber {
  return { number: row.number, reason: row.reason, createdAt: row.created_at }
}
