/** Reads the records for the audit, a bounded part at a time. */
import { arrayOf, column, type Sql, type Tx } from '../db/sql.ts'
import { toCall, type CallRow } from '../calls/call-store.ts'
import type { CallState } from '../calls/call.ts'
import type { CallRecord, EntryRecord, NumberRecord, RunRecord } from './judge.ts'
import type { Count } from './judge-sums.ts'

/** Everything one workspace's audit reads is of one moment. */
export function inOneMoment<T>(sql: Sql, read: (tx: Tx) => Promise<T>): Promise<T> {
  return sql
    .begin('isolation level repeatable read read only', async (tx) => ({ value: await read(tx) }))
    .then((box) => box.value as T)
}

export async function workspaceIds(sql: Sql): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`select id from workspaces order by id limit 1000000`
  return rows.map((row) => row.id)
}

export async function campaignIds(tx: Tx, workspaceId: number): Promise<number[]> {
  const rows = await tx<{ id: number }[]>`
    select id from campaigns where workspace_id = ${workspaceId} order by id limit 1000000`
  return rows.map((row) => row.id)
}

export async function runsOf(
  tx: Tx,
  workspaceId: number,
  campaignId: number,
): Promise<Map<number, RunRecord>> {
  const rows = await tx<RunRecord[]>`
    select id, campaign_id as "campaignId", ordinal, state, statuses, individual, started_at as "startedAt",
           ended_at as "endedAt", swept, coalesce((retry ->> 'max_attempts')::int, 1) as "maxAttempts"
      from runs
     where workspace_id = ${workspaceId} and campaign_id = ${campaignId}
     limit 100000`
  return new Map(rows.map((row) => [row.id, row]))
}

export async function runsById(
  tx: Tx,
  workspaceId: number,
  ids: readonly number[],
): Promise<Map<number, RunRecord>> {
  if (ids.length === 0) return new Map()
  const rows = await tx<RunRecord[]>`
    select id, campaign_id as "campaignId", ordinal, state, statuses, null as individual, started_at as "startedAt",
           ended_at as "endedAt", swept, coalesce((retry ->> 'max_attempts')::int, 1) as "maxAttempts"
      from runs
     where workspace_id = ${workspaceId} and id = any(${arrayOf(ids)}::bigint[])
     limit ${ids.length}`
  return new Map(rows.map((row) => [row.id, row]))
}

const numberColumns = `n.id as number_id_own, n.status as number_status, n.e164 is not null as callable, n.run_id as number_run_id,
  n.attempts, n.due_at as number_due_at, n.duration as number_duration, n.created_at as number_created_at`
const callColumns = `c.workspace_id, c.id, c.campaign_id, c.run_id, c.number_id, c.attempt, c.agent_id, c.to_number,
  c.from_number, c.customer_name, c.message_seconds, c.state, c.reason, c.carrier_sid, c.sid_confirmed, c.created_at,
  c.started_at, c.ended_at, c.duration, c.heard, c.playback, c.hang_up, c.answered_by, c.pressed, c.recording, c.entries,
  (extract(epoch from clock_timestamp() - c.reported_at) * 1000)::float8 as silent_ms,
  (select d.created_at from do_not_call d
    where d.workspace_id = c.workspace_id and d.number = c.to_number) as forbidden_since`

type AuditCallRow = CallRow & { silent_ms: number; forbidden_since: Date | null }
type NumberCallRow = (AuditCallRow | { [Column in keyof AuditCallRow]: null }) & {
  number_id_own: number
  number_status: string
  callable: boolean
  number_run_id: number | null
  attempts: number
  number_due_at: Date | null
  number_duration: number
  number_created_at: Date
}

const chunk = 2_000

/** The numbers of a campaign with all their calls, oldest first, a few thousand at a time. */
export async function* numbersWithCalls(
  tx: Tx,
  workspaceId: number,
  campaignId: number,
): AsyncGenerator<{ number: NumberRecord; calls: CallRecord[] }[]> {
  await tx`
    declare audited_numbers no scroll cursor for
    select ${tx.unsafe(numberColumns)}, ${tx.unsafe(callColumns)}
      from campaign_numbers n
      left join calls c on c.workspace_id = n.workspace_id and c.campaign_id = n.campaign_id and c.number_id = n.id
     where n.workspace_id = ${workspaceId} and n.campaign_id = ${campaignId}
     order by n.id, c.created_at, c.id`
  let open: { number: NumberRecord; calls: CallRecord[] } | null = null
  for (;;) {
    const rows = await tx<NumberCallRow[]>`fetch ${tx.unsafe(String(chunk))} from audited_numbers`
    const whole: { number: NumberRecord; calls: CallRecord[] }[] = []
    for (const row of rows) {
      if (open === null || open.number.id !== row.number_id_own) {
        if (open !== null) whole.push(open)
        open = { number: toNumber(row, campaignId), calls: [] }
      }
      if (row.id !== null) open.calls.push(toCallRecord(row))
    }
    if (whole.length > 0) yield whole
    if (rows.length < chunk) break
  }
  if (open !== null) yield [open]
  await tx`close audited_numbers`
}

/** All calls of a workspace with their histories, a few thousand at a time. */
export async function* callsWithHistory(
  tx: Tx,
  workspaceId: number,
): AsyncGenerator<{ calls: CallRecord[]; entries: Map<string, EntryRecord[]> }> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await tx<AuditCallRow[]>`
      select ${tx.unsafe(callColumns)} from calls c
       where c.workspace_id = ${workspaceId} and c.id > ${after}
       order by c.id
       limit ${chunk}`
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
    yield { calls: rows.map(toCallRecord), entries: await entriesOf(tx, workspaceId, rows) }
  }
}

async function entriesOf(
  tx: Tx,
  workspaceId: number,
  calls: readonly { id: string }[],
): Promise<Map<string, EntryRecord[]>> {
  const rows = await tx<{ call_id: string; sequence: number; state: CallState; stray: boolean }[]>`
    select call_id, sequence, state, coalesce((detail->>'stray')::boolean, false) as stray
      from call_events
     where workspace_id = ${workspaceId} and call_id = any(${column(calls, (call) => call.id)}::uuid[])
     order by call_id, sequence`
  const entries = new Map<string, EntryRecord[]>()
  for (const { call_id, ...entry } of rows) {
    const known = entries.get(call_id)
    if (known) known.push(entry)
    else entries.set(call_id, [entry])
  }
  return entries
}

export async function keptCounts(tx: Tx, workspaceId: number): Promise<Count[]> {
  return tx<Count[]>`
    select campaign_id as "campaignId", subject, state, count from totals where workspace_id = ${workspaceId}`
}

/** The rows themselves, counted: per campaign, and for the whole workspace as campaign 0. */
export async function realCounts(tx: Tx, workspaceId: number): Promise<Count[]> {
  return tx<Count[]>`
    select coalesce(campaign_id, 0) as "campaignId", 'call' as subject, state, count(*) as count
      from calls where workspace_id = ${workspaceId}
     group by grouping sets ((state), (campaign_id, state))
    having grouping(campaign_id) = 1 or campaign_id is not null
    union all
    select coalesce(campaign_id, 0), 'number', status, count(*)
      from campaign_numbers where workspace_id = ${workspaceId}
     group by grouping sets ((status), (campaign_id, status))
    union all
    select coalesce(campaign_id, 0), 'text', state, count(*)
      from texts where workspace_id = ${workspaceId}
     group by grouping sets ((state), (campaign_id, state))
    having grouping(campaign_id) = 1 or campaign_id is not null`
}

export async function straysOf(
  tx: Tx,
  workspaceId: number,
): Promise<{ callId: string; sid: string; endedAt: Date | null }[]> {
  return tx<{ callId: string; sid: string; endedAt: Date | null }[]>`
    select call_id as "callId", carrier_sid as sid, ended_at as "endedAt"
      from stray_calls where workspace_id = ${workspaceId} order by found_at limit 10000`
}

/** Calls of any workspace that are open or share their carrier id with another: what only one may have. */
export async function callsSideBySide(sql: Sql) {
  return sql<
    {
      id: string
      state: CallState
      fromNumber: string
      toNumber: string
      carrierSid: string | null
    }[]
  >`
    select id, state, from_number as "fromNumber", to_number as "toNumber", carrier_sid as "carrierSid"
      from calls
     where phase = 'open' or carrier_sid in (
             select carrier_sid from calls
              where carrier_sid is not null group by carrier_account_id, carrier_sid having count(*) > 1)
     order by carrier_account_id, id
     limit 1000000`
}

function toNumber(row: NumberCallRow, campaignId: number): NumberRecord {
  return {
    id: row.number_id_own,
    campaignId,
    callable: row.callable,
    status: row.number_status,
    runId: row.number_run_id,
    attempts: row.attempts,
    dueAt: row.number_due_at,
    duration: row.number_duration,
    createdAt: row.number_created_at,
  }
}

function toCallRecord(row: AuditCallRow): CallRecord {
  return { ...toCall(row), silentMs: row.silent_ms, forbiddenSince: row.forbidden_since }
}
