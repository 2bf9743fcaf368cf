/** Mail that waits, and what became of it. */
import type { Queryable, Sql, Tx } from '../db/sql.ts'
import { uuidV7 } from '../random.ts'
import type { Mail } from './mail.ts'

export type MailState = 'waiting' | 'sending' | 'sent' | 'kept' | 'failed'
export type StoredMail = Mail & {
  workspaceId: number
  id: string
  state: MailState
  attempts: number
  reason: string | null
  createdAt: Date
  sentAt: Date | null
}

type MailRow = {
  workspace_id: number
  id: string
  to_address: string
  subject: string
  body: string
  calendar: string | null
  state: MailState
  attempts: number
  reason: string | null
  created_at: Date
  sent_at: Date | null
}

/** Lets mail loops look at once. */
export const mailChannel = 'trunkline_mail'

/** Writes a mail to be sent once the transaction commits. `now` is product time. */
export async function queueMail(tx: Tx, workspaceId: number, mail: Mail, now: Date): Promise<void> {
  await tx`
    insert into emails (workspace_id, id, to_address, subject, body, calendar, due_at, created_at)
    values (${workspaceId}, ${uuidV7(now.getTime())}, ${mail.to}, ${mail.subject}, ${mail.body}, ${mail.calendar},
            clock_timestamp(), ${now})`
  await tx`select pg_notify(${mailChannel}, '')`
}

/** How long one try may take before another process takes the mail up. */
const takenForSeconds = 120

/** Takes mail that is due, the oldest first; what a dead process had taken comes back after two minutes. */
export async function takeMail(sql: Sql, limit: number): Promise<StoredMail[]> {
  const rows = await sql<MailRow[]>`
    update emails mail
       set state = 'sending', attempts = mail.attempts + 1,
           due_at = clock_timestamp() + make_interval(secs => ${takenForSeconds})
      from (select workspace_id, id from emails
             where state in ('waiting', 'sending') and due_at <= clock_timestamp()
             order by due_at
             limit ${limit}
               for update skip locked) due
     where mail.workspace_id = due.workspace_id and mail.id = due.id
    returning mail.*`
  return rows.map(toMail)
}

export type MailChange =
  | { state: 'sent' }
  | { state: 'kept' }
  | { state: 'failed'; reason: string }
  | { state: 'waiting'; reason: string; afterSeconds: number }

/** Writes what became of a mail that was taken. */
export async function settleMail(sql: Sql, mail: StoredMail, change: MailChange, now: Date): Promise<void> {
  const wait = change.state === 'waiting' ? change.afterSeconds : 0
  await sql`
    update emails
       set state = ${change.state}, reason = ${'reason' in change ? change.reason : null},
           sent_at = ${change.state === 'sent' ? now : null},
           due_at = clock_timestamp() + make_interval(secs => ${wait})
     where workspace_id = ${mail.workspaceId} and id = ${mail.id} and state = 'sending' and attempts = ${mail.attempts}`
}

/** The mail of a workspace, newest first, and how much there is. */
export async function listMail(
  sql: Queryable,
  list: { workspaceId: number; offset: number; limit: number },
): Promise<{ count: number; mail: StoredMail[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from emails where workspace_id = ${list.workspaceId}`
  const rows = await sql<MailRow[]>`
    select * from emails
     where workspace_id = ${list.workspaceId}
     order by id desc
    offset ${list.offset} limit ${list.limit}`
  return { count: total?.count ?? 0, mail: rows.map(toMail) }
}

function toMail(row: MailRow): StoredMail {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    to: row.to_address,
    subject: row.subject,
    body: row.body,
    calendar: row.calendar,
    state: row.state,
    attempts: row.attempts,
    reason: row.reason,
    createdAt: row.created_at,
    sentAt: row.sent_at,
  }
}
