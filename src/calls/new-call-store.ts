/** Direct calls: they are born waiting, and the dialer takes them up when they are due. */
import { column, type Queryable, type Tx } from '../db/sql.ts'
import { appendEntries, callColumns, toCall, type CallRow, type Entry } from './call-store.ts'
import type { Call } from './call.ts'
import type { NewCall } from './new-call.ts'
import type { Room } from './room.ts'

export type Birth = {
  workspaceId: number
  id: string
  carrierAccountId: number
  createdBy: string | null
  now: Date
  /** The number this call is joined with once it was answered, and the plan that asked for it. */
  join: { number: string; planId: number | null } | null
  /**
   * Where it meets another call. Both parties chose the time: calling hours do not ask again, and it goes before calls
   * that nobody waits for.
   */
  room?: Room
  /** The sound of the library that is played, after the message if there is one. */
  audioId?: number | null
  /** What whoever asked for the call wrote beside it: kept in its history. */
  notes?: string | null
}

/** Writes the call and the beginning of its history. Counts and events are the caller's. */
export async function insertWaitingCall(tx: Tx, call: NewCall, birth: Birth): Promise<Call> {
  const [row] = await tx<CallRow[]>`
    insert into calls as c (workspace_id, id, carrier_account_id, agent_id, created_by, to_number, from_number,
                            customer_name, message, voice, message_seconds, plan_id, joins_number, room, room_side,
                            room_seconds, urgent, audio_id, state, due_at, created_at, entries)
    values (${birth.workspaceId}, ${birth.id}, ${birth.carrierAccountId}, ${call.agentId}, ${birth.createdBy}, ${call.to},
            ${call.from}, ${call.customerName}, ${call.message}, ${call.voice}, ${call.messageSeconds},
            ${birth.join?.planId ?? null}, ${birth.join?.number ?? null}, ${birth.room?.name ?? null},
            ${birth.room?.side ?? null}, ${birth.room?.seconds ?? null}, ${birth.room !== undefined},
            ${birth.audioId ?? null}, 'queued', ${call.dueAt}, ${birth.now}, 1)
    returning ${tx.unsafe(callColumns)}`
  if (row === undefined) throw new Error('the call was not inserted')
  const born = toCall(row)
  await appendEntries(tx, [created(born, 'person', birth.notes ? { notes: birth.notes } : null)])
  return born
}

export type Again = { workspaceId: number; oldId: string; id: string; dueAt: Date; createdAt: Date }

/**
 * Writes one more attempt for each of these calls, says in the old one which follows, and returns the new ones. A call
 * that an agent's phone was told to make is not followed: nobody is at that phone any more.
 */
export async function insertAgain(tx: Tx, calls: readonly Again[]): Promise<Call[]> {
  const rows = await tx<CallRow[]>`
    with given as (
      select * from unnest(
        ${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.oldId)}::uuid[],
        ${column(calls, (call) => call.id)}::uuid[], ${column(calls, (call) => call.dueAt)}::timestamptz[],
        ${column(calls, (call) => call.createdAt)}::timestamptz[])
        as given (workspace_id, old_id, id, due_at, created_at)
    ), followed as (
      update calls old
         set next_id = given.id
        from given
       where old.workspace_id = given.workspace_id and old.id = given.old_id and old.next_id is null
         and old.parent_id is null
      returning given.*, old.carrier_account_id, old.attempt, old.agent_id, old.created_by, old.to_number,
                old.from_number, old.customer_name, old.message, old.voice, old.message_seconds, old.plan_id, old.joins_number,
                old.room, old.room_side, old.room_seconds, old.otp_id, old.urgent, old.audio_id
    )
    insert into calls as c (workspace_id, id, carrier_account_id, attempt, agent_id, created_by, to_number, from_number,
                            customer_name, message, voice, message_seconds, plan_id, joins_number, room, room_side,
                            room_seconds, otp_id, urgent, audio_id, state, due_at, created_at, entries)
    select workspace_id, id, carrier_account_id, attempt + 1, agent_id, created_by, to_number, from_number,
           customer_name, message, voice, message_seconds, plan_id, joins_number, room, room_side,
           room_seconds, otp_id, urgent, audio_id, 'queued', due_at, created_at, 1
      from followed
    returning ${tx.unsafe(callColumns)}`
  const oldIds = new Map(calls.map((call) => [call.id, call.oldId]))
  const born = rows.map(toCall)
  await appendEntries(
    tx,
    born.map((call) => created(call, 'dialer', { follows: oldIds.get(call.id) ?? null })),
  )
  return born
}

function created(call: Call, source: Entry['source'], detail: Entry['detail']): Entry {
  const { workspaceId, id: callId, entries: sequence, createdAt: at, state } = call
  return { workspaceId, callId, sequence, at, kind: 'created', source, state, detail }
}

/** True when the workspace has an agent of this id. */
export async function hasAgent(sql: Queryable, workspaceId: number, id: string): Promise<boolean> {
  const rows = await sql`select from agents where workspace_id = ${workspaceId} and id = ${id}::uuid`
  return rows.length > 0
}

/** Lets a dialer look at once, when the transaction commits. */
export async function wakeDialers(tx: Tx): Promise<void> {
  await tx`select pg_notify('trunkline_dial', '')`
}
