import { Type, type Static } from '@fastify/type-provider-typebox'
import { instantText, wholeSecondsText } from '../http/instants.ts'
import { zonesOfNumber } from '../numbers/number-zone.ts'
import { fieldNames } from './lead-fields.ts'
import type { Lead } from './lead.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])

/** A lead as every answer shows it. A member without a value is null. */
export const LeadWire = Type.Object(
  {
    id: Type.Integer(),
    full_name: nullableText,
    company_name: nullableText,
    phone: nullableText,
    phone_e164: nullableText,
    alt_phone: nullableText,
    alt_phone_e164: nullableText,
    email: nullableText,
    status: Type.String(),
    assigned_agent: nullableText,
    assigned_agent_name: nullableText,
    assigned_agent_username: nullableText,
    do_not_call: Type.Boolean(),
    timezone: nullableText,
    local_timezone: nullableText,
    notes: nullableText,
    campaign: nullableText,
    dialer_lead_id: nullableText,
    created_at: Type.String(),
    updated_at: Type.String(),
  },
  { additionalProperties: true },
)

export type LeadAnswer = Static<typeof LeadWire>

export function toLeadWire(lead: Lead): LeadAnswer {
  return leadMembers(lead, instantText)
}

/** The intake writes whole seconds. */
export function toIntakeLead(lead: Lead): LeadAnswer {
  return leadMembers(lead, wholeSecondsText)
}

function leadMembers(lead: Lead, timeText: (at: Date) => string): LeadAnswer {
  const { assignedTo } = lead
  const fields = Object.fromEntries(fieldNames.map((name) => [name, lead.fields[name] ?? null]))
  return {
    id: lead.id,
    full_name: lead.fullName || null,
    company_name: lead.companyName || null,
    phone: lead.phone || null,
    phone_e164: lead.phoneE164,
    alt_phone: lead.altPhone || null,
    alt_phone_e164: lead.altPhoneE164,
    email: lead.email || null,
    status: lead.status,
    assigned_agent: assignedTo?.id ?? null,
    assigned_agent_name: assignedTo?.name ?? null,
    assigned_agent_username: assignedTo?.username ?? null,
    do_not_call: lead.doNotCall,
    timezone: lead.timeZone,
    local_timezone: zoneOfLead(lead),
    notes: lead.notes || null,
    dialer_lead_id: lead.dialerLeadId,
    campaign: lead.campaign || null,
    ...fields,
    created_at: timeText(lead.createdAt),
    updated_at: timeText(lead.updatedAt),
  }
}

/** The zone the person lives in, as far as it is known: chosen, or told by the number when that has only one. */
export function zoneOfLead(lead: Pick<Lead, 'timeZone' | 'phoneE164'>): string | null {
  if (lead.timeZone !== null || lead.phoneE164 === null) return lead.timeZone
  const zones = zonesOfNumber(lead.phoneE164)
  return zones.length === 1 ? (zones[0] ?? null) : null
}
