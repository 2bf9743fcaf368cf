/** What a dialer's message makes of a lead. Pure. */
import { emptyDraft, type LeadDraft } from './lead-draft.ts'
import { nameOfParts } from './lead-fields.ts'
import type { IntakeMessage } from './intake-message.ts'
import { closedStatuses } from './lead.ts'

export type IntakeSituation = {
  /** Whom the dialer names; takes the lead when nobody has it. */
  agent: { id: string; username: string }
  /** The dialer has told of this call before: what a person edited since then stays as it is. */
  isRetry: boolean
  editedSince: ReadonlySet<string>
}

/** More than this of notes is kept from its end; what came is in the intake log. */
const mostNotes = 200_000

/** Writes what came with a value, and blanks nothing. `before` is null for somebody new. */
export function mergeIntake(
  before: LeadDraft | null,
  message: IntakeMessage,
  situation: IntakeSituation,
): LeadDraft {
  const old = before ?? emptyDraft('interested')
  const { isRetry, editedSince } = situation
  const may = (name: string): boolean => !isRetry || !editedSince.has(name)
  const text = (name: string, given: string | null, known: string): string =>
    given !== null && may(name) ? given : known
  const fields = mergeFields(old.fields, message.fields, may)
  const phone = (may('phone') ? message.phone : null) ?? { text: old.phone, e164: old.phoneE164 }
  const alt = (may('alt_phone') ? message.altPhone : null) ?? { text: old.altPhone, e164: old.altPhoneE164 }
  return {
    ...old,
    fullName: may('full_name') ? mergeName(old, message, fields) : old.fullName,
    companyName: text('company_name', message.companyName, old.companyName),
    phone: phone.text,
    phoneE164: phone.e164,
    altPhone: alt.text,
    altPhoneE164: alt.e164,
    email: text('email', message.email, old.email),
    status: may('status') ? mergeStatus(before, message) : old.status,
    assignedTo: old.assignedTo ?? (may('assigned_agent') ? situation.agent : null),
    notes: mergeNotes(old.notes, message.notes, isRetry),
    campaign: text('campaign', message.campaign, old.campaign),
    dialerLeadId: old.dialerLeadId ?? message.dialerLeadId,
    fields,
  }
}

function mergeFields(
  known: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
  may: (name: string) => boolean,
): Record<string, string> {
  const fields = { ...known }
  for (const [name, value] of Object.entries(given)) if (may(name)) fields[name] = value
  return fields
}

/** A name that was given counts; else the parts make one, when they say something new. */
function mergeName(old: LeadDraft, message: IntakeMessage, fields: Readonly<Record<string, string>>): string {
  if (message.fullName !== null) return message.fullName
  const made = nameOfParts(fields)
  return old.fullName !== '' && made === nameOfParts(old.fields) ? old.fullName : made || old.fullName
}

function mergeStatus(before: LeadDraft | null, message: IntakeMessage): LeadDraft['status'] {
  if (message.status !== null) return message.status
  return before !== null && closedStatuses.includes(before.status) ? before.status : 'interested'
}

/** Notes are added at the end. A dialer that repeats itself adds nothing. */
function mergeNotes(known: string, given: string | null, isRetry: boolean): string {
  if (given === null || known === given || known.endsWith(`\n${given}`)) return known
  if (isRetry && `\n${known}\n`.includes(`\n${given}\n`)) return known
  return known === '' ? given : `${known}\n${given}`.slice(-mostNotes)
}
