/** What people and programs write of a lead: schemas, and reading them into a draft. Pure. */
import { Type, type TSchema } from '@fastify/type-provider-typebox'
import { isTimeZone } from '../config-values.ts'
import { AppError, type FieldProblem } from '../errors.ts'
import { invalidInput, shown } from '../http/validation.ts'
import { numberRefusals, readPhoneNumber, type NumberRefusal } from '../numbers/phone-number.ts'
import { emptyDraft, type LeadDraft } from './lead-draft.ts'
import { columnLimits, fieldLimits, fieldNames, isCalendarDate, isEmail, nameOfParts } from './lead-fields.ts'
import { leadStatuses, type LeadStatus } from './lead.ts'

const texts = { ...columnLimits, ...fieldLimits, timezone: 60, assigned_agent: 255 }
const mostFreeText = 200_000

/** Every text member of a lead; null and "" are nothing. */
export const leadMembers = {
  ...Object.fromEntries(
    Object.entries(texts).map(([name, most]): [string, TSchema] => [
      name,
      optionalText(Math.min(most, mostFreeText)),
    ]),
  ),
  status: Type.Optional(Type.Enum([...leadStatuses])),
  do_not_call: Type.Optional(Type.Boolean()),
}

function optionalText(maxLength: number) {
  return Type.Optional(Type.Union([Type.String({ maxLength }), Type.Null()]))
}

export type LeadInput = Readonly<Record<string, unknown>>

/** The lead that is asked for, still without its agent. Throws `missing_field` and `invalid_field` (400). */
export function readNewLead(input: LeadInput, region: string): LeadDraft {
  const draft = applyInput(emptyDraft('cold_call'), input, region)
  const problems: FieldProblem[] = []
  if (draft.fullName === '' && draft.companyName === '') problems.push(required('full_name'))
  if (draft.phone === '') problems.push(required('phone'))
  if (problems.length > 0) throw invalidInput(problems)
  return draft
}

/** The draft with the members that were sent; the others keep their value. */
export function applyInput(before: LeadDraft, input: LeadInput, region: string): LeadDraft {
  const problems: FieldProblem[] = []
  const text = (name: string, known: string): string => (name in input ? textOf(input[name]) : known)
  const number = (name: 'phone' | 'alt_phone', known: { text: string; e164: string | null }) =>
    name in input && textOf(input[name]) !== known.text
      ? readNumber(name, textOf(input[name]), region, problems)
      : known
  const fields = applyFields(before.fields, input, problems)
  const phone = number('phone', { text: before.phone, e164: before.phoneE164 })
  const alt = number('alt_phone', { text: before.altPhone, e164: before.altPhoneE164 })
  const email = text('email', before.email)
  if (email !== before.email && email !== '' && !isEmail(email)) {
    problems.push(wrong('email', `email must be an address like sita@example.com; ${shown(email)} is not.`))
  }
  const timeZone = text('timezone', before.timeZone ?? '') || null
  if (timeZone !== null && !isTimeZone(timeZone)) {
    problems.push(
      wrong('timezone', `timezone must be a time zone like Asia/Kathmandu; ${shown(timeZone)} is not.`),
    )
  }
  if (problems.length > 0) throw invalidInput(problems)
  return {
    ...before,
    fullName: nameFor(before, input, fields),
    companyName: text('company_name', before.companyName),
    phone: phone.text,
    phoneE164: phone.e164,
    altPhone: alt.text,
    altPhoneE164: alt.e164,
    email,
    status: statusOf(input['status']) ?? before.status,
    timeZone,
    notes: text('notes', before.notes),
    campaign: text('campaign', before.campaign),
    dialerLeadId: text('dialer_lead_id', before.dialerLeadId ?? '') || null,
    fields,
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}

/** The schema has looked at it. */
function statusOf(value: unknown): LeadStatus | null {
  return leadStatuses.find((status) => status === value) ?? null
}

function applyFields(
  known: Readonly<Record<string, string>>,
  input: LeadInput,
  problems: FieldProblem[],
): Record<string, string> {
  const given = fieldNames.filter((name) => name in input).map((name) => [name, textOf(input[name])] as const)
  const date = given.find(([name]) => name === 'date_of_birth')?.[1] ?? ''
  if (date !== '' && !isCalendarDate(date)) {
    const message = `date_of_birth must look like 1980-12-31; ${shown(date)} does not.`
    problems.push(wrong('date_of_birth', message))
  }
  const entries = Object.entries({ ...known, ...Object.fromEntries(given) })
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

/** A name that was sent counts; parts that were sent make one. */
function nameFor(before: LeadDraft, input: LeadInput, fields: Readonly<Record<string, string>>): string {
  if ('full_name' in input) return textOf(input['full_name']) || nameOfParts(fields)
  const hasParts = ['first_name', 'middle_initial', 'last_name'].some((name) => name in input)
  return hasParts ? nameOfParts(fields) || before.fullName : before.fullName
}

function readNumber(
  param: string,
  given: string,
  region: string,
  problems: FieldProblem[],
): { text: string; e164: string | null } {
  if (given === '') return { text: '', e164: null }
  const read = readPhoneNumber(given, region)
  if (read.e164 === null) {
    const why = numberRefusals[read.reason as NumberRefusal]
    const message = `${param} ${shown(given)} cannot be called. ${why} Write it like +9779841000000.`
    problems.push({ param, code: 'invalid_number', message })
  }
  return { text: given, e164: read.e164 }
}

function required(param: string): FieldProblem {
  return { param, code: 'required', message: `${param} is required.` }
}

function wrong(param: string, message: string): FieldProblem {
  return { param, code: 'invalid', message }
}

/** Refuses to put a person without a readable number on the do-not-call list: it would promise what nothing holds. */
export function noNumberToBlock(): AppError {
  const message =
    'This lead has no number that can be read, so there is nothing to put on the do-not-call list. Correct its phone first.'
  return new AppError('invalid', 'no_number_to_block', message, { param: 'do_not_call' })
}
