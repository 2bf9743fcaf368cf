import type { Queryable, Tx } from '../db/sql.ts'
import type { Lead, LeadStatus } from './lead.ts'

/** The lead with this id, unless it was deleted or merged into another. */
export async function findLead(sql: Queryable, workspaceId: number, id: number): Promise<Lead | null> {
  const [row] = await sql<LeadRow[]>`
    select ${leadColumns(sql)}
      from leads lead
      ${leadJoins(sql)}
     where lead.workspace_id = ${workspaceId} and lead.id = ${id} and lead.deleted_at is null`
  return row ? toLead(row) : null
}

/** The same, held until the transaction ends: the first lock of everything that changes a lead or hangs on it. */
export async function lockLead(tx: Tx, workspaceId: number, id: number): Promise<Lead | null> {
  const [locked] = await tx`
    select from leads
     where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null
       for no key update`
  return locked ? findLead(tx, workspaceId, id) : null
}

export interface LeadRow {
  workspace_id: number
  id: number
  full_name: string
  company_name: string
  phone: string
  phone_e164: string | null
  alt_phone: string
  alt_phone_e164: string | null
  email: string
  status: LeadStatus
  assigned_to: string | null
  agent_name: string | null
  agent_username: string | null
  time_zone: string | null
  notes: string
  campaign: string
  dialer_lead_id: string | null
  fields: Record<string, string>
  do_not_call: boolean
  created_at: Date
  updated_at: Date
}

/** What `toLead` reads, of `leads lead` with `leadJoins`. */
export function leadColumns(sql: Queryable) {
  return sql`
    lead.workspace_id, lead.id, lead.full_name, lead.company_name, lead.phone, lead.phone_e164, lead.alt_phone,
    lead.alt_phone_e164, lead.email, lead.status, lead.assigned_to,
    coalesce(nullif(trim(person.first_name || ' ' || person.last_name), ''), person.username) as agent_name,
    person.username as agent_username, lead.time_zone, lead.notes, lead.campaign, lead.dialer_lead_id, lead.fields,
    exists (
      select from do_not_call blocked
       where blocked.workspace_id = lead.workspace_id and blocked.number in (lead.phone_e164, lead.alt_phone_e164)
    ) as do_not_call,
    lead.created_at, lead.updated_at`
}

export function leadJoins(sql: Queryable) {
  return sql`left join users person on person.workspace_id = lead.workspace_id and person.id = lead.assigned_to`
}

export function toLead(row: LeadRow): Lead {
  const { assigned_to: agentId, agent_name: name, agent_username: username } = row
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    fullName: row.full_name,
    companyName: row.company_name,
    phone: row.phone,
    phoneE164: row.phone_e164,
    altPhone: row.alt_phone,
    altPhoneE164: row.alt_phone_e164,
    email: row.email,
    status: row.status,
    assignedTo:
      agentId === null ? null : { id: agentId, name: name ?? username ?? '', username: username ?? '' },
    timeZone: row.time_zone,
    notes: row.notes,
    campaign: row.campaign,
    dialerLeadId: row.dialer_lead_id,
    fields: row.fields,
    doNotCall: row.do_not_call,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
