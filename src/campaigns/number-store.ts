import { arrayOf, codeOf, type Queryable, type Tx } from '../db/sql.ts'
import { numberStatuses, type NumberStatus } from './campaign.ts'
import type { Recipient } from './recipient-import.ts'

/** Plain values only; the keys are tags of the campaign. */
export type Tags = Record<string, string | number | boolean>

export type CampaignNumber = {
  workspaceId: number
  id: number
  campaignId: number
  given: string
  digits: string
  e164: string | null
  grade: 'valid' | 'unusual' | 'invalid'
  tags: Tags
  status: NumberStatus
  reason: string | null
  /** Seconds. */
  duration: number
  playback: number
  creditConsumed: number
  /** Used up in the run that took it up last. */
  attempts: number
  runId: number | null
  /** Of one that is queued: not before this. */
  dueAt: Date | null
}

export async function findNumber(
  sql: Queryable,
  workspaceId: number,
  id: number,
): Promise<CampaignNumber | null> {
  const [row] = await sql<NumberRow[]>`
    select ${columns(sql)} from campaign_numbers n
      join campaigns c on c.workspace_id = n.workspace_id and c.id = n.campaign_id and c.deleted_at is null
     where n.workspace_id = ${workspaceId} and n.id = ${id}`
  return row ? toNumber(row) : null
}

/** Locks one number. Its campaign must be locked before. */
export async function lockNumber(
  tx: Tx,
  campaign: { workspaceId: number; id: number },
  id: number,
): Promise<CampaignNumber | null> {
  const [row] = await tx<NumberRow[]>`
    select ${columns(tx)} from campaign_numbers n
     where n.workspace_id = ${campaign.workspaceId} and n.campaign_id = ${campaign.id} and n.id = ${id}
       for update`
  return row ? toNumber(row) : null
}

export async function lockNumberByE164(
  tx: Tx,
  campaign: { workspaceId: number; id: number },
  e164: string,
): Promise<CampaignNumber | null> {
  const [row] = await tx<NumberRow[]>`
    select ${columns(tx)} from campaign_numbers n
     where n.workspace_id = ${campaign.workspaceId} and n.campaign_id = ${campaign.id} and n.e164 = ${e164}
       for update`
  return row ? toNumber(row) : null
}

/**
 * Numbers below `before`, newest first. One ordered scan per status is merged, because the index is by status;
 * a row is found once whatever its status becomes between two pages.
 */
export async function listNumbers(
  sql: Queryable,
  campaign: { workspaceId: number; id: number },
  { before, limit }: { before: number; limit: number },
): Promise<CampaignNumber[]> {
  const rows = await sql<NumberRow[]>`
    select ${columns(sql)} from (${byStatus(sql, campaign, before)}) n
     order by n.id desc
     limit ${limit}`
  return rows.map(toNumber)
}

/**
 * Numbers of some statuses behind `after`, in the order of the list; those of one run when it is named. Read in the order
 * of ids, so that the pages of a whole list read each of its rows once, whatever their statuses.
 */
export async function listNumbersAfter(
  sql: Queryable,
  campaign: { workspaceId: number; id: number },
  { statuses, runId, after, until, limit }: NumbersAfter,
): Promise<CampaignNumber[]> {
  const rows = await sql<NumberRow[]>`
    select ${columns(sql)} from campaign_numbers n
     where n.workspace_id = ${campaign.workspaceId} and n.campaign_id = ${campaign.id}
       and n.id > ${after} and n.id <= ${until} and n.status = any(${arrayOf(statuses)}::text[])
       and (${runId}::bigint is null or n.run_id = ${runId})
     order by n.id
     limit ${limit}`
  return rows.map(toNumber)
}

export type NumbersAfter = {
  statuses: readonly NumberStatus[]
  runId: number | null
  after: number
  until: number
  limit: number
}

/** The range of ids that a campaign's numbers lie in; null when it has none. */
export async function idRange(
  sql: Queryable,
  campaign: { workspaceId: number; id: number },
): Promise<{ first: number; last: number } | null> {
  const [row] = await sql<{ first: number | null; last: number | null }[]>`
    select min(id) as first, max(id) as last from campaign_numbers
     where workspace_id = ${campaign.workspaceId} and campaign_id = ${campaign.id}`
  return row === undefined || row.first === null || row.last === null
    ? null
    : { first: row.first, last: row.last }
}

/** One page, counted from the newest. */
export async function pageOfNumbers(
  sql: Queryable,
  campaign: { workspaceId: number; id: number },
  { limit, offset }: { limit: number; offset: number },
): Promise<CampaignNumber[]> {
  const rows = await sql<NumberRow[]>`
    select ${columns(sql)} from (${byStatus(sql, campaign, Number.MAX_SAFE_INTEGER)}) n
     order by n.id desc
     limit ${limit} offset ${offset}`
  return rows.map(toNumber)
}

/** Null when the campaign has the number already, also when an import brought it a moment ago. */
export async function insertNumber(
  tx: Tx,
  number: { campaignId: number; workspaceId: number; recipient: Recipient; tags: Tags },
  now: Date,
): Promise<CampaignNumber | null> {
  const { recipient } = number
  const [row] = await tx<NumberRow[]>`
    insert into campaign_numbers as n (workspace_id, campaign_id, given, digits, e164, grade, time_zone, tags, created_at)
    values (${number.workspaceId}, ${number.campaignId}, ${recipient.given}, ${recipient.digits}, ${recipient.e164},
            ${recipient.grade}, ${recipient.timeZone}, ${JSON.stringify(number.tags)}::text::jsonb, ${now})
        on conflict (workspace_id, campaign_id, e164) where e164 is not null do nothing
    returning ${columns(tx)}`
  return row ? toNumber(row) : null
}

export async function setTags(tx: Tx, number: CampaignNumber, tags: Tags): Promise<CampaignNumber> {
  await tx`
    update campaign_numbers set tags = ${JSON.stringify(tags)}::text::jsonb
     where workspace_id = ${number.workspaceId} and id = ${number.id}`
  return { ...number, tags }
}

/**
 * Gives a row another phone number: it begins anew, as if it had never been called. Null when another row of the
 * campaign has that number; the caller's transaction must be rolled back then.
 */
export async function replaceNumber(
  tx: Tx,
  number: CampaignNumber,
  recipient: Recipient,
): Promise<CampaignNumber | null> {
  try {
    const [row] = await tx<NumberRow[]>`
      update campaign_numbers n
         set given = ${recipient.given}, digits = ${recipient.digits}, e164 = ${recipient.e164},
             grade = ${recipient.grade}, time_zone = ${recipient.timeZone}, status = 'not_started', reason = null,
             run_id = null, attempts = 0, due_at = null, duration = 0, playback = 0
       where n.workspace_id = ${number.workspaceId} and n.id = ${number.id}
      returning ${columns(tx)}`
    if (!row) throw new Error('A locked number is gone')
    return toNumber(row)
  } catch (error) {
    if (codeOf(error) === uniqueViolation) return null
    throw error
  }
}

const uniqueViolation = '23505'

/** Keeps how the same number was written the last time. */
export async function setGiven(
  tx: Tx,
  number: CampaignNumber,
  recipient: Recipient,
): Promise<CampaignNumber> {
  await tx`
    update campaign_numbers set given = ${recipient.given}, digits = ${recipient.digits}
     where workspace_id = ${number.workspaceId} and id = ${number.id}`
  return { ...number, given: recipient.given, digits: recipient.digits }
}

export async function deleteNumber(tx: Tx, number: CampaignNumber): Promise<void> {
  await tx`delete from campaign_numbers where workspace_id = ${number.workspaceId} and id = ${number.id}`
}

function byStatus(sql: Queryable, campaign: { workspaceId: number; id: number }, before: number) {
  return numberStatuses
    .map(
      (status) => sql`
        select * from campaign_numbers
         where workspace_id = ${campaign.workspaceId} and campaign_id = ${campaign.id}
           and status = ${status} and id < ${before}`,
    )
    .reduce((all, one) => sql`${all} union all ${one}`)
}

function columns(sql: Queryable) {
  return sql`n.workspace_id, n.id, n.campaign_id, n.given, n.digits, n.e164, n.grade, n.tags, n.status, n.reason,
             n.duration, n.playback, n.credit_consumed, n.attempts, n.run_id, n.due_at`
}

interface NumberRow {
  workspace_id: number
  id: number
  campaign_id: number
  given: string
  digits: string
  e164: string | null
  grade: 'valid' | 'unusual' | 'invalid'
  tags: Tags
  status: NumberStatus
  reason: string | null
  duration: number
  playback: number
  credit_consumed: number
  attempts: number
  run_id: number | null
  due_at: Date | null
}

function toNumber(row: NumberRow): CampaignNumber {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    campaignId: row.campaign_id,
    given: row.given,
    digits: row.digits,
    e164: row.e164,
    grade: row.grade,
    tags: row.tags,
    status: row.status,
    reason: row.reason,
    duration: row.duration,
    playback: row.playback,
    creditConsumed: row.credit_consumed,
    attempts: row.attempts,
    runId: row.run_id,
    dueAt: row.due_at,
  }
}
