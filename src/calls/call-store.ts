import { arrayOf, column, type Sql, type Tx } from '../db/sql.ts'
import type { Call, CallState, Recording } from './call.ts'
import type { Source } from './report.ts'

export type CallKey = { workspaceId: number; callId: string }

export const callColumns = `c.workspace_id, c.id, c.campaign_id, c.run_id, c.number_id, c.attempt, c.agent_id, c.to_number, c.from_number,
  c.customer_name, c.message_seconds, c.state, c.reason, c.carrier_sid, c.sid_confirmed, c.created_at, c.started_at, c.ended_at,
  c.duration, c.heard, c.playback, c.hang_up, c.answered_by, c.pressed, c.recording, c.entries`

export type CallRow = {
  workspace_id: number
  id: string
  campaign_id: number | null
  run_id: number | null
  number_id: number | null
  attempt: number
  agent_id: string | null
  to_number: string
  from_number: string
  customer_name: string | null
  message_seconds: number
  state: CallState
  reason: string | null
  carrier_sid: string | null
  sid_confirmed: boolean
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
  duration: number
  heard: boolean
  playback: number
  hang_up: boolean
  answered_by: string | null
  pressed: string | null
  recording: Recording | null
  entries: number
}

/** Locks the calls, always in the same order, and reads them. Calls that do not exist are left out. */
export async function lockCalls(tx: Tx, keys: readonly CallKey[]): Promise<Call[]> {
  const rows = await tx<CallRow[]>`
    select ${tx.unsafe(callColumns)}
      from calls c
      join unnest(${column(keys, (key) => key.workspaceId)}::bigint[], ${column(keys, (key) => key.callId)}::uuid[])
           as wanted (workspace_id, id) on c.workspace_id = wanted.workspace_id and c.id = wanted.id
     order by c.workspace_id, c.id
       for update of c`
  return rows.map(toCall)
}

/**
 * Writes calls, each by the version it was known in: its state and how much history it had. Returns the ids of those
 * that still were in that version; the others are as they were.
 */
export async function saveCalls(
  tx: Tx,
  changes: readonly { before: Call; after: Call }[],
): Promise<Set<string>> {
  if (changes.length === 0) return new Set()
  const calls = changes.map((change) => change.after)
  const rows = await tx<{ id: string }[]>`
    update calls c
       set state = v.state, reason = v.reason, carrier_sid = v.carrier_sid,
           sid_confirmed = v.sid_confirmed, started_at = v.started_at,
           ended_at = v.ended_at, duration = v.duration, heard = v.heard, playback = v.playback, hang_up = v.hang_up,
           entries = v.entries, reported_at = clock_timestamp()
      from unnest(
             ${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.id)}::uuid[],
             ${column(changes, (change) => change.before.state)}::text[],
             ${column(changes, (change) => change.before.entries)}::smallint[], ${column(calls, (call) => call.state)}::text[],
             ${column(calls, (call) => call.reason)}::text[], ${column(calls, (call) => call.carrierSid)}::text[],
             ${column(calls, (call) => call.sidConfirmed)}::bool[],
             ${column(calls, (call) => call.startedAt)}::timestamptz[], ${column(calls, (call) => call.endedAt)}::timestamptz[],
             ${column(calls, (call) => call.duration)}::int[], ${column(calls, (call) => call.heard)}::bool[],
             ${column(calls, (call) => call.playback)}::int[], ${column(calls, (call) => call.hangUp)}::bool[],
             ${column(calls, (call) => call.entries)}::smallint[])
           as v (workspace_id, id, known_state, known_entries, state, reason, carrier_sid, sid_confirmed, started_at,
                 ended_at, duration, heard, playback, hang_up, entries)
     where c.workspace_id = v.workspace_id and c.id = v.id and c.state = v.known_state and c.entries = v.known_entries
    returning c.id`
  const saved = new Set(rows.map((row) => row.id))
  await saveAnswers(
    tx,
    changes.filter(({ before, after }) => saved.has(after.id) && differ(before, after)),
  )
  return saved
}

/** Who answered, what was pressed and what was recorded: few calls have any of it, so it is written apart. */
async function saveAnswers(tx: Tx, changes: readonly { after: Call }[]): Promise<void> {
  if (changes.length === 0) return
  const calls = changes.map((change) => change.after)
  await tx`
    update calls c
       set answered_by = v.answered_by, pressed = v.pressed, recording = v.recording::jsonb
      from unnest(
             ${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.id)}::uuid[],
             ${column(calls, (call) => call.answeredBy)}::text[], ${column(calls, (call) => call.pressed)}::text[],
             ${column(calls, (call) => (call.recording === null ? null : JSON.stringify(call.recording)))}::text[])
           as v (workspace_id, id, answered_by, pressed, recording)
     where c.workspace_id = v.workspace_id and c.id = v.id`
}

function differ(before: Call, after: Call): boolean {
  return (
    before.answeredBy !== after.answeredBy ||
    before.pressed !== after.pressed ||
    before.recording !== after.recording
  )
}

export type Entry = {
  workspaceId: number
  callId: string
  sequence: number
  at: Date
  kind: string
  source: Source
  state: CallState
  detail: Record<string, unknown> | null
}

/** Appends history. */
export async function appendEntries(tx: Tx, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return
  await tx`
    insert into call_events (workspace_id, call_id, sequence, at, kind, source, state, detail)
    select workspace_id, call_id, sequence, at, kind, source, state, detail::jsonb
      from unnest(
             ${column(entries, (entry) => entry.workspaceId)}::bigint[], ${column(entries, (entry) => entry.callId)}::uuid[],
             ${column(entries, (entry) => entry.sequence)}::smallint[], ${column(entries, (entry) => entry.at)}::timestamptz[],
             ${column(entries, (entry) => entry.kind)}::text[], ${column(entries, (entry) => entry.source)}::text[],
             ${column(entries, (entry) => entry.state)}::text[],
             ${column(entries, (entry) => (entry.detail === null ? null : JSON.stringify(entry.detail)))}::text[])
           as v (workspace_id, call_id, sequence, at, kind, source, state, detail)`
}

/** A call at the carrier that is not ours to keep, by the name of ours it was reported under. */
export type Stray = { key: CallKey; sid: string }

/** Remembers calls at the carrier that must be ended. */
export async function appendStrays(tx: Tx, strays: readonly Stray[]): Promise<void> {
  if (strays.length === 0) return
  await tx`
    insert into stray_calls (workspace_id, call_id, carrier_sid)
    select * from unnest(
      ${column(strays, (stray) => stray.key.workspaceId)}::bigint[], ${column(strays, (stray) => stray.key.callId)}::uuid[],
      ${column(strays, (stray) => stray.sid)}::text[])
    on conflict do nothing`
}

/** Which of these carrier ids are already bound to a call other than the one that wants them. */
export async function boundSids(
  sql: Sql | Tx,
  carrierAccountId: number,
  sids: readonly string[],
): Promise<Map<string, string>> {
  if (sids.length === 0) return new Map()
  const rows = await sql<{ carrier_sid: string; id: string }[]>`
    select carrier_sid, id from calls
     where carrier_account_id = ${carrierAccountId} and carrier_sid = any(${arrayOf(sids)}::text[])
     limit ${sids.length}`
  return new Map(rows.map((row) => [row.carrier_sid, row.id]))
}

export function toCall(row: CallRow): Call {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    campaignId: row.campaign_id,
    runId: row.run_id,
    numberId: row.number_id,
    attempt: row.attempt,
    agentId: row.agent_id,
    toNumber: row.to_number,
    fromNumber: row.from_number,
    customerName: row.customer_name,
    messageSeconds: row.message_seconds,
    state: row.state,
    reason: row.reason,
    carrierSid: row.carrier_sid,
    sidConfirmed: row.sid_confirmed,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    duration: row.duration,
    heard: row.heard,
    playback: row.playback,
    hangUp: row.hang_up,
    answeredBy: row.answered_by,
    pressed: row.pressed,
    recording: row.recording,
    entries: row.entries,
  }
}
