/** What may be written of a lead, and what a change of it is. Pure. */
import type { Lead, LeadStatus } from './lead.ts'

/** Everything of a lead that is written; the rest is the row's own. */
export type LeadDraft = {
  fullName: string
  companyName: string
  phone: string
  phoneE164: string | null
  altPhone: string
  altPhoneE164: string | null
  email: string
  status: LeadStatus
  assignedTo: { id: string; username: string } | null
  timeZone: string | null
  notes: string
  campaign: string
  dialerLeadId: string | null
  fields: Readonly<Record<string, string>>
}

/** By wire name: what it was and what it became; null is nothing. */
export type LeadChanges = Record<string, { from: string | null; to: string | null }>

export function emptyDraft(status: LeadStatus): LeadDraft {
  return {
    fullName: '',
    companyName: '',
    phone: '',
    phoneE164: null,
    altPhone: '',
    altPhoneE164: null,
    email: '',
    status,
    assignedTo: null,
    timeZone: null,
    notes: '',
    campaign: '',
    dialerLeadId: null,
    fields: {},
  }
}

export function draftOf(lead: Lead): LeadDraft {
  const { assignedTo } = lead
  return {
    fullName: lead.fullName,
    companyName: lead.companyName,
    phone: lead.phone,
    phoneE164: lead.phoneE164,
    altPhone: lead.altPhone,
    altPhoneE164: lead.altPhoneE164,
    email: lead.email,
    status: lead.status,
    assignedTo: assignedTo === null ? null : { id: assignedTo.id, username: assignedTo.username },
    timeZone: lead.timeZone,
    notes: lead.notes,
    campaign: lead.campaign,
    dialerLeadId: lead.dialerLeadId,
    fields: lead.fields,
  }
}

/** What differs. The people who are assigned are named by their usernames. */
export function changesBetween(before: LeadDraft, after: LeadDraft): LeadChanges {
  const old = textsOf(before)
  const fresh = textsOf(after)
  const changes: LeadChanges = {}
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    const from = old[name] || null
    const to = fresh[name] || null
    if (from !== to) changes[name] = { from, to }
  }
  return changes
}

function textsOf(draft: LeadDraft): Record<string, string | null> {
  return {
    ...draft.fields,
    full_name: draft.fullName,
    company_name: draft.companyName,
    phone: draft.phone,
    phone_e164: draft.phoneE164,
    alt_phone: draft.altPhone,
    email: draft.email,
    status: draft.status,
    assigned_agent: draft.assignedTo?.username ?? null,
    timezone: draft.timeZone,
    notes: draft.notes,
    campaign: draft.campaign,
    dialer_lead_id: draft.dialerLeadId,
  }
}
