/** The one way a lead is written: the row, who changed what, the do-not-call list and what open pages are told. */
import type { Tx } from '../db/sql.ts'
import type { NewEvent } from '../events/event-log.ts'
import { blockNumber, unblockNumber } from '../numbers/do-not-call-store.ts'
import { changesBetween, draftOf, emptyDraft, type LeadDraft } from './lead-draft.ts'
import { findLead } from './lead-store.ts'
import {
  insertChange,
  insertLead,
  markLeadDeleted,
  updateLead,
  type Author,
  type LeadSource,
} from './lead-write-store.ts'
import { numbersOf, type Lead } from './lead.ts'

/** A written lead and what to tell; the caller ends the batch, as the last thing its transaction does. */
export type Written = { lead: Lead; events: NewEvent[] }

export type Writing = { author: Author; now: Date }

export async function createLead(
  tx: Tx,
  draft: LeadDraft,
  of: Writing & { workspaceId: number; source: LeadSource },
): Promise<Written> {
  const { workspaceId, author, now } = of
  const birth = { workspaceId, source: of.source, createdBy: author.actor, now }
  const leadId = await insertLead(tx, draft, birth)
  const changes = changesBetween(emptyDraft(draft.status), draft)
  await insertChange(tx, { workspaceId, leadId, kind: 'created', author, changes, now })
  const lead = await requireLead(tx, workspaceId, leadId)
  return { lead, events: tellLead(lead, 'created') }
}

/** Writes the draft over the lead; `touch` counts as news even when nothing differs. The lead must be locked. */
export async function changeLead(
  tx: Tx,
  before: Lead,
  draft: LeadDraft,
  of: Writing & { touch?: boolean },
): Promise<Written> {
  const { workspaceId, id } = before
  const changes = changesBetween(draftOf(before), draft)
  const isChanged = Object.keys(changes).length > 0
  if (!isChanged && of.touch !== true) return { lead: before, events: [] }
  await updateLead(tx, before, draft, of.now)
  if (isChanged) await insertChange(tx, { workspaceId, leadId: id, kind: 'changed', changes, ...of })
  const lead = await requireLead(tx, workspaceId, id)
  const kept = before.doNotCall ? await keepUncalled(tx, lead, of) : lead
  return { lead: kept, events: tellLead(kept, 'changed', before) }
}

/** Puts every number of the person on the workspace's do-not-call list, or takes them off. In force with the commit. */
export async function setDoNotCall(tx: Tx, lead: Lead, blocked: boolean, of: Writing): Promise<Written> {
  const { workspaceId, id } = lead
  const { author, now } = of
  const moved: string[] = []
  for (const number of numbersOf(lead).toSorted()) {
    if (await setBlocked(tx, { workspaceId, number, blocked, of })) moved.push(number)
  }
  if (moved.length === 0) return { lead, events: [] }
  const changes = { do_not_call: { from: String(!blocked), to: String(blocked) } }
  await insertChange(tx, { workspaceId, leadId: id, kind: 'do_not_call', author, changes, now })
  const fresh = await requireLead(tx, workspaceId, id)
  return {
    lead: fresh,
    events: [...moved.map((number) => listChanged(number, blocked)), ...tellLead(fresh, 'changed')],
  }
}

export async function deleteLead(tx: Tx, lead: Lead, of: Writing): Promise<NewEvent[]> {
  const { workspaceId, id } = lead
  await markLeadDeleted(tx, { workspaceId, id, mergedInto: null }, of.now)
  await insertChange(tx, { workspaceId, leadId: id, kind: 'deleted', changes: {}, ...of })
  return tellLead(lead, 'deleted')
}

/** Open pages of whoever has the lead, and of whoever had it, look at it again. */
export function tellLead(
  lead: Lead,
  what: 'created' | 'changed' | 'deleted',
  before: Lead = lead,
): NewEvent[] {
  const owner = lead.assignedTo?.id ?? null
  const former = before.assignedTo?.id ?? null
  const data = { lead_id: lead.id, what, status: lead.status, assigned_agent: owner }
  const told = former === owner || former === null ? [owner] : [owner, former]
  return told.map((visibleTo) => ({ kind: 'lead.changed', visibleTo, data }))
}

/** The wish not to be called is the person's: it goes along when the number changes. */
async function keepUncalled(tx: Tx, lead: Lead, of: Writing): Promise<Lead> {
  const { workspaceId } = lead
  for (const number of numbersOf(lead).toSorted())
    await setBlocked(tx, { workspaceId, number, blocked: true, of })
  return requireLead(tx, workspaceId, lead.id)
}

type Block = { workspaceId: number; number: string; blocked: boolean; of: Writing }

/** True when the list was changed by it. */
async function setBlocked(tx: Tx, { workspaceId, number, blocked, of }: Block): Promise<boolean> {
  if (!blocked) return unblockNumber(tx, workspaceId, number)
  const createdBy = of.author.actor
  const row = await blockNumber(tx, { workspaceId, number, reason: null, createdBy }, of.now)
  return row.isNew
}

function listChanged(number: string, blocked: boolean): NewEvent {
  return { kind: 'do_not_call.changed', visibleTo: null, data: { number, blocked } }
}

async function requireLead(tx: Tx, workspaceId: number, id: number): Promise<Lead> {
  const lead = await findLead(tx, workspaceId, id)
  if (lead === null) throw new Error('A lead vanished from the transaction that wrote it')
  return lead
}
