import { answered, api } from '../../lib/api.ts'
import type { Lead } from '../../lib/lead-types.ts'

export function changeLead(id: number, change: Record<string, unknown>): Promise<Lead> {
  return answered(api.PATCH('/api/leads/{id}/', { params: { path: { id } }, body: change }))
}

export function mergeLeads(id: number, from: number): Promise<Lead> {
  return answered(api.POST('/api/leads/{id}/merge/', { params: { path: { id } }, body: { from } }))
}

/** One call to the lead at a local time, `2026-12-24T10:00`. */
export function planCall(lead: Lead, at: string): Promise<unknown> {
  const body = { to_number: lead.phone_e164 ?? lead.phone, customer_name: lead.full_name, schedule_date: at }
  return answered(api.POST('/api/calls/', { body }))
}

/** A plan that comes again and again. */
export function planRegularCalls(lead: Lead, frequency: string, notes: string): Promise<unknown> {
  return answered(api.POST('/call/', { body: { lead: lead.id, frequency, notes } }))
}
