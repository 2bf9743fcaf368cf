import { once } from 'node:events'
import { column, type Queryable, type Tx } from '../db/sql.ts'
import type { Recipient } from './recipient-import.ts'

export type InsertedRecipients = { accepted: number; invalid: number; duplicates: number }

// The driver never says that a COPY failed: the stream just does not finish. Losing the connection it does tell.
const copyTimeoutMs = 60_000
const rowsPerPiece = 250

type Place = { workspaceId: number; campaignId: number }

/**
 * Adds recipients to a campaign, in the given order. `recipients` holds no number twice (see mergeDuplicates); one
 * that the campaign has already only adds the tags that are missing there, and is counted as a duplicate.
 */
export async function insertRecipients(
  tx: Tx,
  place: Place,
  recipients: readonly Recipient[],
  now: Date,
): Promise<InsertedRecipients> {
  if (recipients.length === 0) return { accepted: 0, invalid: 0, duplicates: 0 }
  const [counts] = await tx<{ accepted: number; invalid: number }[]>`
    with added as (
      insert into campaign_numbers as n
             (workspace_id, campaign_id, given, digits, e164, grade, reason, time_zone, tags, status, created_at)
      select ${place.workspaceId}, ${place.campaignId}, given, digits, e164, grade, reason, time_zone, tags,
             case when e164 is null then 'invalid' else 'not_started' end, ${now}
        from unnest(${column(recipients, (one) => one.given)}::text[], ${column(recipients, (one) => one.digits)}::text[],
                    ${column(recipients, (one) => one.e164)}::text[], ${column(recipients, (one) => one.grade)}::text[],
                    ${column(recipients, (one) => one.reason)}::text[],
                    ${column(recipients, (one) => one.timeZone)}::text[],
                    ${column(recipients, (one) => JSON.stringify(one.tags))}::jsonb[])
             as r (given, digits, e164, grade, reason, time_zone, tags)
          on conflict (workspace_id, campaign_id, e164) where e164 is not null
          do update set tags = excluded.tags || n.tags
             where n.tags <> excluded.tags || n.tags
      returning n.status, n.xmax = 0 as is_new
    )
    select count(*) filter (where is_new and status <> 'invalid')::int as accepted,
           count(*) filter (where is_new and status = 'invalid')::int as invalid
      from added`
  const { accepted = 0, invalid = 0 } = counts ?? {}
  return { accepted, invalid, duplicates: recipients.length - accepted - invalid }
}

/**
 * The same for recipients that the campaign is known not to have (see campaignVersion): straight by COPY, which is
 * the fastest way in.
 */
export async function copyRecipients(
  tx: Tx,
  place: Place,
  recipients: readonly Recipient[],
  now: Date,
): Promise<InsertedRecipients> {
  if (recipients.length === 0) return { accepted: 0, invalid: 0, duplicates: 0 }
  const front = `${place.workspaceId}\t${place.campaignId}\t${now.toISOString()}\t`
  const copy = await tx`
    copy campaign_numbers (workspace_id, campaign_id, created_at, status, given, digits, e164, grade, reason, time_zone, tags)
    from stdin`.writable()
  const signal = AbortSignal.timeout(copyTimeoutMs)
  let invalid = 0
  // In pieces, so that PostgreSQL works on one while the next is written down.
  for (let from = 0; from < recipients.length; from += rowsPerPiece) {
    let text = ''
    for (const recipient of recipients.slice(from, from + rowsPerPiece)) {
      if (recipient.e164 === null) invalid += 1
      text += `${front}${recipient.e164 === null ? 'invalid' : 'not_started'}\t${copyLine(recipient)}`
    }
    if (!copy.write(text)) await once(copy, 'drain', { signal })
  }
  copy.end()
  await once(copy, 'finish', { signal })
  return { accepted: recipients.length - invalid, invalid, duplicates: 0 }
}

/** Lets the planner know the lists as they are now: by the columns that are searched, which are the quick ones to count. */
export async function tellPlanner(sql: Queryable): Promise<void> {
  await sql`analyze campaign_numbers (workspace_id, id, campaign_id, e164, status, run_id, due_at)`
}

/** The numbers of a campaign behind `after`, in order. */
export async function listE164(
  sql: Queryable,
  place: Place,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const rows = await sql<{ e164: string }[]>`
    select e164 from campaign_numbers
     where workspace_id = ${place.workspaceId} and campaign_id = ${place.campaignId} and e164 > ${after}
     order by e164
     limit ${limit}`
  return rows.map((row) => row.e164)
}

function copyLine({ given, digits, e164, grade, reason, timeZone, tags }: Recipient): string {
  const read = `${digits}\t${e164 ?? NULL}\t${grade}\t${reason ?? NULL}\t${timeZone ?? NULL}`
  return `${copyText(given)}\t${read}\t${copyText(JSON.stringify(tags))}\n`
}

const NULL = '\\N'
const special = /[\\\t\n\r]/
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function copyText(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? '') : text
}
