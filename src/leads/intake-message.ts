/** What a dialer says about a person: reading its members, whatever form they came in. Pure. */
import { AppError, type FieldProblem } from '../errors.ts'
import { invalidInput, lengthOf, shown } from '../http/validation.ts'
import { columnLimits, fieldLimits, isAbsent, isCalendarDate, isEmail } from './lead-fields.ts'
import { readLeadPhone } from './lead-phone.ts'
import { leadStatuses, type LeadStatus } from './lead.ts'

export type GivenPhone = { text: string; e164: string | null }

export type IntakeMessage = {
  /** Who talked to the person. At least one of the two. */
  agent: { dialerUserId: string | null; username: string | null }
  dialerLeadId: string | null
  phone: GivenPhone | null
  altPhone: GivenPhone | null
  fullName: string | null
  companyName: string | null
  email: string | null
  status: LeadStatus | null
  campaign: string | null
  notes: string | null
  /** The other members, by name; only those that came with a value. */
  fields: Readonly<Record<string, string>>
  /** The person asked not to be called again. */
  doNotCall: boolean
  /** What was taken as it was sent, without being understood. */
  remarks: readonly string[]
}

/** Other names for members. A member under its own name counts before its other names. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  user: ['agent_username'],
  dialer_lead_id: ['lead_id'],
  phone: ['phone_number'],
  recording_file: ['recording_filename'],
  vendor_id: ['vendor_lead_code'],
}

const agentLimits = { user: 100, dialer_user_id: 100, status: 100, dispo: 100 } as const
const limits: Readonly<Record<string, number>> = { ...columnLimits, ...fieldLimits, ...agentLimits }

/** The stock dialer's words for "never call again". */
const neverAgain = new Set(['DNC', 'DNCL', 'DNCC'])

/**
 * Reads one message. A value that says nothing ("", 0000-00-00) is absent, members that are not known are ignored, and a
 * phone or e-mail that cannot be read is kept as it came. Throws `missing_field` (user) and `invalid_field` (400), which
 * names the member.
 */
export function readIntake(body: Readonly<Record<string, unknown>>, defaultRegion: string): IntakeMessage {
  const given = byKnownName(body)
  const problems: FieldProblem[] = []
  const text = (name: string): string | null => {
    const found = [name, ...(otherNames[name] ?? [])].find((candidate) => hasValue(given.get(candidate)))
    return found === undefined ? null : readText({ name, sentAs: found, value: given.get(found) }, problems)
  }

  const agent = { dialerUserId: text('dialer_user_id'), username: text('user') }
  if (agent.dialerUserId === null && agent.username === null && problems.length === 0) throw missingUser()
  const fields: Record<string, string> = {}
  for (const name of Object.keys(fieldLimits)) {
    const value = text(name)
    if (value !== null) fields[name] = value
  }
  checkDate(fields['date_of_birth'], problems)
  const code = fields['phone_code'] ?? null
  const phone = phoneOf(text('phone'), code, defaultRegion)
  const altPhone = phoneOf(text('alt_phone'), code, defaultRegion)
  const email = text('email')
  const dialerLeadId = text('dialer_lead_id')
  const word = text('status')
  const message: IntakeMessage = {
    agent,
    // A call that was dialed by hand belongs to no row of the dialer's lists.
    dialerLeadId: dialerLeadId === '0' ? null : dialerLeadId,
    phone,
    altPhone,
    fullName: text('full_name'),
    companyName: text('company_name'),
    email,
    status: statusNamed(word),
    campaign: text('campaign'),
    notes: text('notes'),
    fields,
    doNotCall: [word, text('dispo')].some((said) => said !== null && neverAgain.has(said.toUpperCase())),
    remarks: remarksOn({ phone, altPhone, email }),
  }
  if (problems.length > 0) throw invalidInput(problems)
  return message
}

function missingUser(): AppError {
  return new AppError('invalid', 'missing_field', 'Missing required fields: user', {
    param: 'user',
    errors: [{ param: 'user', code: 'required', message: 'Missing required fields: user' }],
  })
}

/** The members that have a meaning here; the spelling of their names may differ in letter case. */
function byKnownName(body: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const given = new Map<string, unknown>()
  const loose = new Map<string, unknown>()
  for (const [name, value] of Object.entries(body)) {
    if (knownNames.has(name)) given.set(name, value)
    else if (hasValue(value)) loose.set(name.toLowerCase(), value)
  }
  for (const name of knownNames) {
    const value = loose.get(name.toLowerCase())
    if (value !== undefined && !hasValue(given.get(name))) given.set(name, value)
  }
  return given
}

const knownNames = new Set([...Object.keys(limits), ...Object.values(otherNames).flat()])

function hasValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasValue)
  return typeof value === 'string' ? !isAbsent(value) : value !== undefined && value !== null
}

type Member = { name: string; sentAs: string; value: unknown }

function readText(member: Member, problems: FieldProblem[]): string | null {
  const { name, sentAs } = member
  // A form that repeats a member means its last value.
  const value = Array.isArray(member.value) ? member.value.findLast(hasValue) : member.value
  if (typeof value !== 'string' && typeof value !== 'number') {
    const message = `${sentAs} must be text; ${shown(value)} is not.`
    problems.push({ param: sentAs, code: 'type', message })
    return null
  }
  const text = (typeof value === 'number' ? numberText(value) : value).trim()
  const most = limits[name] ?? columnLimits.full_name
  const length = lengthOf(text)
  if (length <= most) return text
  const message = `${sentAs} has ${length} characters; it may have ${most}.`
  problems.push({ param: sentAs, code: 'too_long', message })
  return null
}

/** Ids and phones come as JSON numbers; none of them is meant with an exponent. */
function numberText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value)
}

function checkDate(date: string | undefined, problems: FieldProblem[]): void {
  if (date === undefined || isCalendarDate(date)) return
  const message = `date_of_birth must look like 1980-12-31; ${shown(date)} does not.`
  problems.push({ param: 'date_of_birth', code: 'invalid', message })
}

function phoneOf(text: string | null, code: string | null, region: string): GivenPhone | null {
  return text === null ? null : { text, e164: readLeadPhone(text, code, region) }
}

function statusNamed(word: string | null): LeadStatus | null {
  if (word === null) return null
  const wanted = word.toLowerCase().replaceAll(/[\s-]+/g, '_')
  return leadStatuses.find((status) => status === wanted) ?? null
}

function remarksOn(given: {
  phone: GivenPhone | null
  altPhone: GivenPhone | null
  email: string | null
}): string[] {
  const remarks: string[] = []
  if (given.phone?.e164 === null)
    remarks.push(`phone ${shown(given.phone.text)} is no number that can be called.`)
  if (given.altPhone?.e164 === null)
    remarks.push(`alt_phone ${shown(given.altPhone.text)} is no number that can be called.`)
  if (given.email !== null && !isEmail(given.email))
    remarks.push(`email ${shown(given.email)} is no address.`)
  return remarks
}
