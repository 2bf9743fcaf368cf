/** How often people cancelled, and what it costs them. */
import type { Queryable, Tx } from '../db/sql.ts'

/** How many accepted requests this person cancelled since then. Locks the person, so that cancellations are counted one by one. */
export async function countCancellations(
  tx: Tx,
  who: { workspaceId: number; userId: string },
  since: Date,
): Promise<number> {
  await tx`
    select from users where workspace_id = ${who.workspaceId} and id = ${who.userId} for no key update`
  return cancellationsSince(tx, who, since)
}

/** The same, for who only wants to know. */
export async function cancellationsSince(
  sql: Queryable,
  who: { workspaceId: number; userId: string },
  since: Date,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from call_requests
     where workspace_id = ${who.workspaceId} and cancelled_by = ${who.userId} and counts_as_cancellation
       and cancelled_at > ${since}`
  return row?.count ?? 0
}

export async function insertFee(
  tx: Tx,
  fee: {
    workspaceId: number
    requestId: number
    userId: string
    amount: number
    currency: string
    now: Date
  },
): Promise<void> {
  await tx`
    insert into cancellation_fees (workspace_id, request_id, user_id, amount, currency, due_at, created_at)
    values (${fee.workspaceId}, ${fee.requestId}, ${fee.userId}, ${fee.amount}, ${fee.currency}, clock_timestamp(),
            ${fee.now})`
}
