/** What one lead becomes when another turns out to be the same person. Pure. */
import type { LeadDraft } from './lead-draft.ts'

/** The kept lead's values win; what it lacks comes from the other one, and nothing of either's notes is lost. */
export function mergeLeads(kept: LeadDraft, other: LeadDraft): LeadDraft {
  const fields = { ...other.fields, ...kept.fields }
  const pick = (name: 'fullName' | 'companyName' | 'email' | 'campaign'): string => kept[name] || other[name]
  return {
    ...kept,
    fullName: pick('fullName'),
    companyName: pick('companyName'),
    email: pick('email'),
    campaign: pick('campaign'),
    ...phonesOf(kept, other),
    assignedTo: kept.assignedTo ?? other.assignedTo,
    timeZone: kept.timeZone ?? other.timeZone,
    notes: notesOf(kept.notes, other.notes),
    dialerLeadId: kept.dialerLeadId ?? other.dialerLeadId,
    fields,
  }
}

type Phones = Pick<LeadDraft, 'phone' | 'phoneE164' | 'altPhone' | 'altPhoneE164'>

/** The first two numbers that differ, in the order: the kept lead's, the other's. */
function phonesOf(kept: LeadDraft, other: LeadDraft): Phones {
  const all = [kept, other].flatMap((lead) => [
    { text: lead.phone, e164: lead.phoneE164 },
    { text: lead.altPhone, e164: lead.altPhoneE164 },
  ])
  const given = all.filter(({ text }) => text !== '')
  const distinct = given.filter(
    (phone, index) => given.findIndex((earlier) => keyOf(earlier) === keyOf(phone)) === index,
  )
  const [first, second] = distinct
  return {
    phone: first?.text ?? '',
    phoneE164: first?.e164 ?? null,
    altPhone: second?.text ?? '',
    altPhoneE164: second?.e164 ?? null,
  }
}

function keyOf(phone: { text: string; e164: string | null }): string {
  return phone.e164 ?? phone.text
}

function notesOf(kept: string, other: string): string {
  if (other === '' || kept.includes(other)) return kept
  return kept === '' ? other : `${kept}\n${other}`
}
