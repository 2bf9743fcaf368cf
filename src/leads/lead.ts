/** A person the workspace deals with. Pure. */

export const leadStatuses = [
  'cold_call',
  'interested',
  'not_interested',
  'tenant',
  'other_disposition',
  'sent_to_kelly',
  'qualified',
  'appointment_set',
  'appointment_completed',
  'sale_made',
  'sale_lost',
  'no_contact',
  'blow_out',
  'callback',
  'pass_back_to_agent',
  'won',
  'lost',
] as const

export type LeadStatus = (typeof leadStatuses)[number]

/** The business with the person is done: a dialer does not open it again by calling them interested. */
export const closedStatuses: readonly LeadStatus[] = ['won', 'lost', 'sale_made', 'sale_lost']

/** Nobody is to be rung again and again by a plan. */
export const pausingStatuses: readonly LeadStatus[] = [...closedStatuses, 'blow_out']

export type Lead = {
  workspaceId: number
  id: number
  fullName: string
  companyName: string
  /** As it was given. */
  phone: string
  /** Null when it could not be read. */
  phoneE164: string | null
  altPhone: string
  altPhoneE164: string | null
  email: string
  status: LeadStatus
  /** The person who works on it. */
  assignedTo: { id: string; name: string; username: string } | null
  /** IANA; null = the number's, else the workspace's. */
  timeZone: string | null
  notes: string
  /** The dialer's own word for the campaign it rang in. */
  campaign: string
  dialerLeadId: string | null
  /** The other text fields, by their wire names; only those that have a value. */
  fields: Readonly<Record<string, string>>
  /** One of its numbers is on the workspace's do-not-call list. */
  doNotCall: boolean
  createdAt: Date
  updatedAt: Date
}

/** The numbers by which the person can be reached. */
export function numbersOf(lead: Pick<Lead, 'phoneE164' | 'altPhoneE164'>): string[] {
  const numbers = [lead.phoneE164, lead.altPhoneE164].filter((number) => number !== null)
  return [...new Set(numbers)]
}

/** Whether plans of this lead wait: do-not-call, or a status that ends the calling. */
export function pausesPlans(lead: Pick<Lead, 'status' | 'doNotCall'>): boolean {
  return lead.doNotCall || pausingStatuses.includes(lead.status)
}
