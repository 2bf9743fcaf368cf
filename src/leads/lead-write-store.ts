/** Writing leads and the record of who changed what. */
import type { Queryable, Tx } from '../db/sql.ts'
import type { LeadChanges, LeadDraft } from './lead-draft.ts'

export type LeadSource = 'dialer' | 'person' | 'import'

/** Returns the new lead's id. */
export async function insertLead(
  tx: Tx,
  draft: LeadDraft,
  birth: { workspaceId: number; source: LeadSource; createdBy: string | null; now: Date },
): Promise<number> {
  const [row] = await tx<{ id: number }[]>`
    insert into leads (workspace_id, full_name, company_name, phone, phone_e164, alt_phone, alt_phone_e164, email,
                       status, assigned_to, time_zone, notes, campaign, dialer_lead_id, fields, source, created_by,
                       created_at, updated_at)
    values (${birth.workspaceId}, ${draft.fullName}, ${draft.companyName}, ${draft.phone}, ${draft.phoneE164},
            ${draft.altPhone}, ${draft.altPhoneE164}, ${draft.email}, ${draft.status}, ${draft.assignedTo?.id ?? null},
            ${draft.timeZone}, ${draft.notes}, ${draft.campaign}, ${draft.dialerLeadId},
            ${JSON.stringify(draft.fields)}::text::jsonb, ${birth.source}, ${birth.createdBy}, ${birth.now}, ${birth.now})
    returning id`
  if (!row) throw new Error('A lead was not inserted')
  return row.id
}

export async function updateLead(
  tx: Tx,
  lead: { workspaceId: number; id: number },
  draft: LeadDraft,
  now: Date,
): Promise<void> {
  await tx`
    update leads
       set full_name = ${draft.fullName}, company_name = ${draft.companyName}, phone = ${draft.phone},
           phone_e164 = ${draft.phoneE164}, alt_phone = ${draft.altPhone}, alt_phone_e164 = ${draft.altPhoneE164},
           email = ${draft.email}, status = ${draft.status}, assigned_to = ${draft.assignedTo?.id ?? null},
           time_zone = ${draft.timeZone}, notes = ${draft.notes}, campaign = ${draft.campaign},
           dialer_lead_id = ${draft.dialerLeadId}, fields = ${JSON.stringify(draft.fields)}::text::jsonb,
           updated_at = greatest(updated_at, ${now})
     where workspace_id = ${lead.workspaceId} and id = ${lead.id}`
}

/** A deleted lead is gone for everybody, and its history stays. */
export async function markLeadDeleted(
  tx: Tx,
  lead: { workspaceId: number; id: number; mergedInto: number | null },
  now: Date,
): Promise<void> {
  await tx`
    update leads set deleted_at = ${now}, merged_into = ${lead.mergedInto}
     where workspace_id = ${lead.workspaceId} and id = ${lead.id}`
}

export type ChangeKind = 'created' | 'changed' | 'merged' | 'deleted' | 'do_not_call'

/** Who did it: a person, a dialer's message, or the system. */
export type Author = { source: 'person' | 'dialer' | 'system'; actor: string | null }

export async function insertChange(
  tx: Tx,
  change: {
    workspaceId: number
    leadId: number
    kind: ChangeKind
    author: Author
    changes: LeadChanges
    now: Date
  },
): Promise<void> {
  const { author } = change
  await tx`
    insert into lead_changes (workspace_id, lead_id, at, kind, source, actor, changes)
    values (${change.workspaceId}, ${change.leadId}, ${change.now}, ${change.kind}, ${author.source}, ${author.actor},
            ${JSON.stringify(change.changes)}::text::jsonb)`
}

export type StoredChange = {
  id: number
  at: Date
  kind: ChangeKind
  source: string
  actor: { id: string; name: string } | null
  changes: LeadChanges
}

const mostEdits = 1_000

/** The members that people have changed since an instant. */
export async function membersEditedSince(
  sql: Queryable,
  lead: { workspaceId: number; id: number },
  since: Date,
): Promise<Set<string>> {
  const rows = await sql<{ name: string }[]>`
    select distinct jsonb_object_keys(changes) as name
      from lead_changes
     where workspace_id = ${lead.workspaceId} and lead_id = ${lead.id} and at >= ${since} and source = 'person'
     limit ${mostEdits}`
  return new Set(rows.map((row) => row.name))
}

/** Newest first; `before` is the place the last page ended at. */
export async function listChanges(
  sql: Queryable,
  lead: { workspaceId: number; id: number },
  page: { limit: number; offset: number },
): Promise<{ count: number; changes: StoredChange[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from lead_changes where workspace_id = ${lead.workspaceId} and lead_id = ${lead.id}`
  const rows = await sql<ChangeRow[]>`
    select ${changeColumns(sql)}
      from lead_changes change
      left join users person on person.workspace_id = change.workspace_id and person.id = change.actor
     where change.workspace_id = ${lead.workspaceId} and change.lead_id = ${lead.id}
     order by change.at desc, change.id desc
     limit ${page.limit} offset ${page.offset}`
  return { count: total?.count ?? 0, changes: rows.map(toChange) }
}

export type ChangeRow = {
  id: number
  at: Date
  kind: ChangeKind
  source: string
  actor: string | null
  actor_name: string | null
  changes: LeadChanges
}

/** What `toChange` reads, of `lead_changes change` and `users person`. */
export function changeColumns(sql: Queryable) {
  return sql`
    change.id, change.at, change.kind, change.source, change.actor, change.changes,
    coalesce(nullif(trim(person.first_name || ' ' || person.last_name), ''), person.username) as actor_name`
}

export function toChange(row: ChangeRow): StoredChange {
  return {
    id: row.id,
    at: row.at,
    kind: row.kind,
    source: row.source,
    actor: row.actor === null ? null : { id: row.actor, name: row.actor_name ?? '' },
    changes: row.changes,
  }
}
