import type { Sql } from '../db/sql.ts'
import { heldReason } from './restore-store.ts'

/** Makes the account's row, or gives it the limits of the configuration. Returns its id. */
export async function upsertAccount(
  sql: Sql,
  account: { accountSid: string; callsPerSecond: number; maxConcurrentCalls: number },
): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into carrier_accounts (account_sid, calls_per_second, max_concurrent_calls)
    values (${account.accountSid}, ${account.callsPerSecond}, ${account.maxConcurrentCalls})
    on conflict (account_sid) do update
       set calls_per_second = excluded.calls_per_second, max_concurrent_calls = excluded.max_concurrent_calls
    returning id`
  if (row === undefined) throw new Error('no carrier account')
  return row.id
}

/** Nobody places calls with this account for a while; a longer pause that is in force stays. */
export async function blockAccount(
  sql: Sql,
  id: number,
  block: { forMs: number; reason: string },
): Promise<void> {
  await sql`
    update carrier_accounts
       set blocked_until = greatest(blocked_until, clock_timestamp() + ${block.forMs} * interval '1 millisecond'),
           blocked_reason = case when blocked_reason = ${heldReason} then blocked_reason else ${block.reason} end
     where id = ${id}`
}

/** The carrier answers again. */
export async function unblockAccount(sql: Sql, id: number): Promise<void> {
  await sql`
    update carrier_accounts set blocked_reason = null
     where id = ${id} and blocked_reason is not null and blocked_until < clock_timestamp()`
}
