import type { Sql } from '../db/sql.ts'

const rowsPerStep = 10_000
const mailKeptDays = 30

/**
 * Deletes what has no meaning any more: sessions a day after their end, limits whose window is over, answers kept for
 * Idempotency-Keys, codes that were mailed, mail that was settled a month ago, and setup links. Returns how many rows went; call it again while that is not 0. `wall` is database
 * time.
 */
export async function dropExpired(sql: Sql, wall: Date): Promise<number> {
  const yesterday = new Date(wall.getTime() - 24 * 60 * 60 * 1000)
  const sessions = await sql`
    delete from sessions where (workspace_id, id) in (
      select workspace_id, id from sessions where expires_at < ${yesterday} limit ${rowsPerStep})`
  const limits = await sql`
    delete from rate_limits where key in (
      select key from rate_limits where window_ends_at < ${wall} limit ${rowsPerStep})`
  const answers = await sql`
    delete from idempotency_keys where (workspace_id, principal, route, key) in (
      select workspace_id, principal, route, key from idempotency_keys
       where created_at < ${yesterday} limit ${rowsPerStep})`
  const codes = await sql`
    delete from email_codes where (workspace_id, user_id) in (
      select workspace_id, user_id from email_codes where expires_at < ${yesterday} limit ${rowsPerStep})`
  const mail = await sql`
    delete from emails where (workspace_id, id) in (
      select workspace_id, id from emails
       where state in ('sent', 'kept', 'failed') and due_at < ${mailKeptSince(wall)} limit ${rowsPerStep})`
  const links = await sql`delete from setup_links where expires_at < ${yesterday}`
  return sessions.count + limits.count + answers.count + codes.count + mail.count + links.count
}

function mailKeptSince(wall: Date): Date {
  return new Date(wall.getTime() - mailKeptDays * 24 * 60 * 60 * 1000)
}
