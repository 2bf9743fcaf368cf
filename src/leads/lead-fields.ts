/**
 * The text members of a lead: their wire names, and how long each may be. What queries look at has a column of its own;
 * the rest is kept by name. Pure.
 */

/** Free text has no limit of its own: the body's holds. */
const free = Number.POSITIVE_INFINITY

/** Members with a column. */
export const columnLimits = {
  full_name: 255,
  company_name: 255,
  phone: 20,
  alt_phone: 20,
  email: 254,
  campaign: 100,
  notes: free,
  dialer_lead_id: 255,
} as const

/** Members that are kept as they came, in the groups a page shows them in. */
export const fieldGroups = {
  identity: { title: 50, first_name: 100, middle_initial: 10, last_name: 100 },
  address: {
    address1: 255,
    address2: 255,
    address3: 255,
    city: 100,
    state: 100,
    province: 100,
    postal_code: 20,
    country_code: 10,
  },
  personal: { gender: 10, date_of_birth: 10, security_phrase: 255, comments: free },
  dialer: {
    vendor_id: 100,
    list_id: 100,
    gmt_offset_now: 10,
    phone_code: 10,
    phone_number: 20,
    phone_login: 100,
    fronter: 100,
    closer: 100,
    group: 100,
    channel_group: 100,
    SQLdate: 100,
    epoch: 100,
    uniqueid: 255,
    customer_zap_channel: 100,
    server_ip: 100,
    SIPexten: 50,
    session_id: 255,
    dialed_number: 20,
    dialed_label: 100,
    rank: 50,
    owner: 100,
    recording_file: 255,
  },
  script: { camp_script: free, in_script: free, script_width: 10, script_height: 10 },
} as const

export const fieldLimits: Readonly<Record<string, number>> = Object.assign({}, ...Object.values(fieldGroups))
export const fieldNames: readonly string[] = Object.keys(fieldLimits)

/** What has no value but says so: a dialer fills what it does not know with it. */
export function isAbsent(text: string): boolean {
  const trimmed = text.trim()
  // A variable the dialer did not replace is no value either.
  return trimmed === '' || trimmed === '0000-00-00' || /^--A--\w+--B--$/.test(trimmed)
}

/** A calendar date, `YYYY-MM-DD`. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

/** The name that the parts make: first, middle, last, without a title. */
export function nameOfParts(fields: Readonly<Record<string, string>>): string {
  const parts = [fields['first_name'], fields['middle_initial'], fields['last_name']]
  const name = parts.flatMap((part) => part?.trim() || []).join(' ')
  return [...name].slice(0, columnLimits.full_name).join('')
}

const plausibleEmail = /^[^\s@]+@[^\s@.]+\.[^\s@]+$/

export function isEmail(text: string): boolean {
  return plausibleEmail.test(text)
}
