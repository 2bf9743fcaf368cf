import type { Queryable, Tx } from '../db/sql.ts'
import type { TotalChange } from '../events/event-log.ts'
import type { NumberStatus, Priority, RunState, Service } from './campaign.ts'
import { rulesToWire, storedRules, type CampaignRules } from './campaign-rules.ts'

export type Campaign = {
  workspaceId: number
  id: number
  name: string
  service: Service
  description: string
  /** E.164 numbers it calls from; none = the installation's caller id. */
  userPhone: string[]
  usableTags: string[]
  message: string | null
  voice: string | null
  audioId: number | null
  priority: Priority | null
  rules: CampaignRules
  createdAt: Date
}

export type ListedCampaign = Campaign & { runState: RunState | null; numberCount: number }

export async function insertCampaign(
  tx: Tx,
  campaign: Omit<Campaign, 'id' | 'message' | 'voice' | 'audioId' | 'priority' | 'createdAt'> & {
    createdBy: string | null
  },
  now: Date,
): Promise<Campaign> {
  const rules = rulesToWire(campaign.rules)
  const [row] = await tx<CampaignRow[]>`
    insert into campaigns (workspace_id, name, service, description, user_phone, usable_tags, calling_hours, retry,
                           breaker, created_by, created_at, updated_at)
    values (${campaign.workspaceId}, ${campaign.name}, ${campaign.service}, ${campaign.description},
            ${campaign.userPhone}, ${campaign.usableTags}, ${jsonOrNull(rules.calling_hours)}::text::jsonb,
            ${jsonOrNull(rules.retry)}::text::jsonb, ${jsonOrNull(rules.breaker)}::text::jsonb, ${campaign.createdBy},
            ${now}, ${now})
    returning *`
  if (!row) throw new Error('A campaign was not inserted')
  return toCampaign(row)
}

export async function findCampaign(
  sql: Queryable,
  workspaceId: number,
  id: number,
): Promise<Campaign | null> {
  const [row] = await sql<CampaignRow[]>`
    select * from campaigns where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null`
  return row ? toCampaign(row) : null
}

/**
 * Locks a campaign: the first lock of everything that changes its runs or its numbers by request. The order of locks
 * is campaign, run, numbers, event head.
 */
export async function lockCampaign(tx: Tx, workspaceId: number, id: number): Promise<Campaign | null> {
  const [row] = await tx<CampaignRow[]>`
    select * from campaigns
     where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null
       for no key update`
  return row ? toCampaign(row) : null
}

/** Newest first. */
export async function listCampaigns(
  sql: Queryable,
  workspaceId: number,
  { limit, offset }: { limit: number; offset: number },
): Promise<ListedCampaign[]> {
  const rows = await sql<(CampaignRow & { run_state: RunState | null; number_count: number })[]>`
    select c.*, r.state as run_state,
           (select coalesce(sum(t.count), 0)::bigint from totals t
             where t.workspace_id = c.workspace_id and t.subject = 'number' and t.campaign_id = c.id) as number_count
      from campaigns c
      left join lateral (
        select state from runs
         where runs.workspace_id = c.workspace_id and runs.campaign_id = c.id
         order by ordinal desc
         limit 1
      ) r on true
     where c.workspace_id = ${workspaceId} and c.deleted_at is null
     order by c.id desc
     limit ${limit} offset ${offset}`
  return rows.map((row) => ({ ...toCampaign(row), runState: row.run_state, numberCount: row.number_count }))
}

export async function countCampaigns(sql: Queryable, workspaceId: number): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from campaigns where workspace_id = ${workspaceId} and deleted_at is null`
  return row?.count ?? 0
}

export type CampaignChanges = Partial<
  Pick<
    Campaign,
    'name' | 'service' | 'description' | 'userPhone' | 'message' | 'voice' | 'audioId' | 'priority' | 'rules'
  >
>

/** Writes the members that are given; the others keep their value. */
export async function updateCampaign(
  tx: Tx,
  campaign: Campaign,
  changes: CampaignChanges,
  now: Date,
): Promise<Campaign> {
  const next = { ...campaign, ...changes }
  const rules = rulesToWire(next.rules)
  await tx`
    update campaigns
       set name = ${next.name}, service = ${next.service}, description = ${next.description},
           user_phone = ${next.userPhone}, message = ${next.message}, voice = ${next.voice},
           audio_id = ${next.audioId}, priority = ${next.priority},
           calling_hours = ${jsonOrNull(rules.calling_hours)}::text::jsonb, retry = ${jsonOrNull(rules.retry)}::text::jsonb,
           breaker = ${jsonOrNull(rules.breaker)}::text::jsonb, updated_at = ${now}
     where workspace_id = ${campaign.workspaceId} and id = ${campaign.id}`
  return next
}

/** Notes that numbers were added or changed, so that an import at work no longer trusts what it knows of them. */
export async function touchCampaign(tx: Tx, campaign: Campaign, now: Date): Promise<void> {
  await tx`
    update campaigns set updated_at = ${now}
     where workspace_id = ${campaign.workspaceId} and id = ${campaign.id}`
}

/** Which version of the row is in force; inside a transaction it stays so until the end. Null when there is no row. */
export async function campaignVersion(
  sql: Queryable,
  place: { workspaceId: number; campaignId: number },
): Promise<string | null> {
  const [row] = await sql<{ version: string }[]>`
    select xmin::text as version from campaigns
     where workspace_id = ${place.workspaceId} and id = ${place.campaignId}
       for share`
  return row ? row.version : null
}

export async function markDeleted(tx: Tx, campaign: Campaign, now: Date): Promise<void> {
  await tx`
    update campaigns set deleted_at = ${now}, updated_at = ${now}
     where workspace_id = ${campaign.workspaceId} and id = ${campaign.id}`
}

/** How many numbers of a campaign have each status. */
export async function numberTotals(
  sql: Queryable,
  workspaceId: number,
  campaignId: number,
): Promise<Map<NumberStatus, number>> {
  const rows = await sql<{ state: NumberStatus; count: number }[]>`
    select state, count from totals
     where workspace_id = ${workspaceId} and subject = 'number' and campaign_id = ${campaignId}
     limit 100`
  return new Map(rows.map((row) => [row.state, row.count]))
}

export function sumOf(totals: ReadonlyMap<string, number>): number {
  return [...totals.values()].reduce((sum, count) => sum + count, 0)
}

/** The change of a count of numbers, for the campaign and for the workspace (campaign 0). */
export function numberTotal(campaignId: number, state: NumberStatus, delta: number): TotalChange[] {
  return [0, campaignId].map((id) => ({ campaignId: id, subject: 'number', state, delta }))
}

/** A JSON value as a parameter; null is SQL's. */
export function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

interface CampaignRow {
  workspace_id: number
  id: number
  name: string
  service: Service
  description: string
  user_phone: string[]
  usable_tags: string[]
  message: string | null
  voice: string | null
  audio_id: number | null
  priority: Priority | null
  calling_hours: unknown
  retry: unknown
  breaker: unknown
  created_at: Date
}

function toCampaign(row: CampaignRow): Campaign {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    name: row.name,
    service: row.service,
    description: row.description,
    userPhone: row.user_phone,
    usableTags: row.usable_tags,
    message: row.message,
    voice: row.voice,
    audioId: row.audio_id,
    priority: row.priority,
    rules: storedRules(row),
    createdAt: row.created_at,
  }
}
