/** A text that somebody sent to a number of ours: it is kept, and a word in it is obeyed, in one transaction. */
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import { liftStop, stopNumber } from '../numbers/do-not-call-store.ts'
import { uuidV7 } from '../random.ts'
import { findTextedWorkspaces, insertInbound, type TextedWorkspace } from './inbound-store.ts'
import { smsWord, type SmsWord } from './sms-words.ts'
import type { QueueText } from './text-queue.ts'

export type Inbound = {
  sid: string
  from: string
  to: string
  body: string
  /** What the carrier itself understood, if it did. */
  optOut: string | null
}

export type InboundDeps = { sql: Sql; carrierAccountId: number; queueText: QueueText }

/**
 * Keeps the text in the workspaces that wrote to this person from this number; when none did, in the installation's first.
 * STOP puts the person on the do-not-call list of every workspace before this resolves, because one number may serve
 * several of them; START lifts what STOP did; HELP is answered once. A text that was taken before changes nothing: it may
 * be a replay.
 */
export async function takeInbound(deps: InboundDeps, inbound: Inbound, now: Date): Promise<void> {
  const word = wordOf(inbound)
  // Senders that are words or short codes are kept as they are; nobody can text or call them.
  const person = readPhoneNumber(inbound.from, 'US').e164 ?? inbound.from
  await transaction(deps.sql, async (tx) => {
    const workspaces = await findTextedWorkspaces(tx, { to: inbound.to, person })
    const writers = workspaces.filter((workspace) => workspace.texted)
    const fresh: TextedWorkspace[] = []
    for (const workspace of writers.length > 0 ? writers : workspaces.slice(0, 1)) {
      const row = { workspaceId: workspace.id, id: uuidV7(now.getTime()), receivedAt: now, word }
      const { carrierAccountId } = deps
      if (await insertInbound(tx, { ...inbound, ...row, carrierAccountId, from: person }))
        fresh.push(workspace)
    }
    if (fresh.length === 0) return
    const told = fresh.map((workspace) => received(workspace.id, { ...inbound, from: person }, word))
    const obeyed = await obey(tx, deps, { workspaces, fresh, person, inbound, word, now })
    await closeBatch(tx, { now, workspaces: [...told, ...obeyed] })
  })
}

type Obeyed = {
  workspaces: readonly TextedWorkspace[]
  /** Those in which the text was kept just now. */
  fresh: readonly TextedWorkspace[]
  person: string
  inbound: Inbound
  word: SmsWord | null
  now: Date
}

async function obey(
  tx: Tx,
  { queueText }: InboundDeps,
  { workspaces, fresh, person, inbound, word, now }: Obeyed,
): Promise<WorkspaceBatch[]> {
  const workspaceIds = workspaces.map((workspace) => workspace.id)
  switch (word) {
    case null:
      return []
    case 'stop':
      await stopNumber(tx, { workspaceIds, number: person }, now)
      return workspaceIds.map((id) => listChanged(id, person, true))
    case 'start': {
      const lifted = await liftStop(tx, { workspaceIds, number: person })
      return lifted.map((id) => listChanged(id, person, false))
    }
    case 'help': {
      // Whoever never wrote to this person is not who is asked.
      const [asked] = fresh
      if (asked === undefined || !asked.texted) return []
      const body = `${asked.name}: text STOP to get no more messages, START to get them again.`
      const wanted = { workspaceId: asked.id, to: person, from: inbound.to, body, subject: inbound.sid }
      const queued = await queueText(tx, { ...wanted, kind: 'reply', lane: 'single' }, now)
      return queued.batch
    }
  }
}

function wordOf({ body, optOut }: Inbound): SmsWord | null {
  const told = optOut?.toLowerCase()
  return told === 'stop' || told === 'start' || told === 'help' ? told : smsWord(body)
}

function received(workspaceId: number, { from, to, body }: Inbound, word: SmsWord | null): WorkspaceBatch {
  const data = { from_number: from, to_number: to, body, word }
  const event = { kind: 'messages.received', visibleTo: null, data }
  return { workspaceId, totals: [], events: [event] }
}

function listChanged(workspaceId: number, number: string, blocked: boolean): WorkspaceBatch {
  const event = { kind: 'do_not_call.changed', visibleTo: null, data: { number, blocked } }
  return { workspaceId, totals: [], events: [event] }
}
