/** Taking a dialer's message: whom it speaks of, what it changes, and the entry of the log, in one transaction. */
import type { Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import type { IntakeAgent } from './intake-agent-store.ts'
import { mergeIntake, type IntakeSituation } from './intake-merge.ts'
import type { IntakeMessage } from './intake-message.ts'
import { findFirstTold, findIntakeLead, lockIdentity } from './intake-store.ts'
import { draftOf } from './lead-draft.ts'
import { lockLead } from './lead-store.ts'
import { membersEditedSince } from './lead-write-store.ts'
import { changeLead, createLead, setDoNotCall, type Writing, type Written } from './lead-writing.ts'
import type { Lead } from './lead.ts'

export type Taking = {
  workspaceId: number
  message: IntakeMessage
  agent: IntakeAgent
  /** When the message came; before `now` when it is taken up again from the log. */
  receivedAt: Date
  now: Date
  /** Show the lead to the agent at once. */
  pop: boolean
  /** Writes the entry of the log. */
  keep: (tx: Tx, taken: { leadId: number; callKey: string | null }) => Promise<void>
}

export type Taken = { lead: Lead; isNew: boolean }

/** Two messages about one person are taken one after the other, so they make one lead. */
export async function takeIntake(tx: Tx, taking: Taking): Promise<Taken> {
  const { workspaceId, message, now } = taking
  await lockIdentity(tx, workspaceId, message)
  const leadId = await findIntakeLead(tx, workspaceId, message)
  const before = leadId === null ? null : await lockLead(tx, workspaceId, leadId)
  const callKey = callKeyOf(message)
  const of: Writing = { author: { source: 'dialer', actor: null }, now }
  const written = await write(tx, before, { taking, callKey, of })
  const blocked = message.doNotCall ? await setDoNotCall(tx, written.lead, true, of) : written
  await taking.keep(tx, { leadId: written.lead.id, callKey })
  const events = [...new Set([...written.events, ...blocked.events])]
  await closeBatch(tx, {
    now,
    workspaces: [{ workspaceId, totals: [], events: [...events, ...popped(taking, written)] }],
  })
  return { lead: blocked.lead, isNew: before === null }
}

type Step = { taking: Taking; callKey: string | null; of: Writing }

async function write(tx: Tx, before: Lead | null, { taking, callKey, of }: Step): Promise<Written> {
  const { workspaceId, message, agent } = taking
  if (before === null) {
    const draft = mergeIntake(null, message, { agent, isRetry: false, editedSince: new Set() })
    return createLead(tx, draft, { ...of, workspaceId, source: 'dialer' })
  }
  const situation = { agent, ...(await retryOf(tx, before, taking, callKey)) }
  return changeLead(tx, before, mergeIntake(draftOf(before), message, situation), { ...of, touch: true })
}

/** A message that was told before, or that came earlier and is taken only now, does not undo what people did since. */
async function retryOf(
  tx: Tx,
  lead: Lead,
  { receivedAt, now }: Taking,
  callKey: string | null,
): Promise<Pick<IntakeSituation, 'isRetry' | 'editedSince'>> {
  const told = callKey === null ? null : await findFirstTold(tx, lead, { key: callKey, at: receivedAt })
  const came = receivedAt < now ? receivedAt : null
  const since = told !== null && (came === null || told < came) ? told : came
  if (since === null) return { isRetry: false, editedSince: new Set() }
  return { isRetry: true, editedSince: await membersEditedSince(tx, lead, since) }
}

/** The call a message is about: its own id, else the agent's seat, which is used again after a while. */
function callKeyOf(message: IntakeMessage): string | null {
  const { uniqueid, session_id: session } = message.fields
  if (uniqueid !== undefined) return `call ${uniqueid}`
  return session === undefined ? null : `session ${session}`
}

function popped({ pop, agent }: Taking, { lead }: Written) {
  return pop
    ? [{ kind: 'lead.popped', visibleTo: agent.id, data: { lead_id: lead.id, agent: agent.id } }]
    : []
}
