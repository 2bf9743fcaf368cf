/** What the pages know of leads: words, outcomes and groups of fields. Pure. */
import type { Lead } from '../../lib/lead-types.ts'

export const statuses = [
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

/** "appointment_set" → "Appointment set" */
export function wordsOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function nameOf(lead: Lead): string {
  return lead.full_name ?? lead.company_name ?? lead.phone ?? `Lead ${lead.id}`
}

export interface Outcome {
  key: string
  word: string
  status: string
  doNotCall?: boolean
}

/** What an agent presses at the end of a call, in the order of the keys. */
export const outcomes: readonly Outcome[] = [
  { key: '1', word: 'Interested', status: 'interested' },
  { key: '2', word: 'Call back', status: 'callback' },
  { key: '3', word: 'Not interested', status: 'not_interested' },
  { key: '4', word: 'No answer', status: 'no_contact' },
  { key: '5', word: 'Sale', status: 'sale_made' },
  { key: '6', word: 'Do not call', status: 'not_interested', doNotCall: true },
]

const groups = {
  Contact: ['phone', 'alt_phone', 'email', 'company_name'],
  Identity: [
    'title',
    'first_name',
    'middle_initial',
    'last_name',
    'gender',
    'date_of_birth',
    'security_phrase',
  ],
  Address: ['address1', 'address2', 'address3', 'city', 'state', 'province', 'postal_code', 'country_code'],
  Notes: ['notes', 'comments'],
  Dialer: [
    'campaign',
    'dialer_lead_id',
    'vendor_id',
    'list_id',
    'uniqueid',
    'session_id',
    'SQLdate',
    'dialed_number',
    'dialed_label',
    'rank',
    'owner',
    'fronter',
    'closer',
    'group',
    'channel_group',
    'recording_file',
    'server_ip',
  ],
  Script: ['camp_script', 'in_script'],
} as const

export type Fact = { name: string; value: string }

/** The members that have a value, by group; a group without any is left out. */
export function factsOf(lead: Lead): { title: string; facts: Fact[] }[] {
  return Object.entries(groups)
    .map(([title, names]) => ({
      title,
      facts: names.flatMap((name) => {
        const value = lead[name]
        return typeof value === 'string' && value !== '' ? [{ name, value }] : []
      }),
    }))
    .filter(({ facts }) => facts.length > 0)
}
