/** The rows a claim reads and writes. The account's row is locked first, so only one claim of an account is under way. */
import type { VoiceOptions } from '../calls/voice-options.ts'
import { arrayOf, column, type Tx } from '../db/sql.ts'

export type Budget = {
  wall: Date
  nextSlotAt: Date | null
  perSecond: number
  maxConcurrent: number
  blockedUntil: Date | null
  /** Nobody has taken the asking worker for gone. */
  workerInForce: boolean
}

/**
 * Locks the account's budget, or returns null when another claim holds it: many workers that queued for it would wait
 * longer the more they are, and hold a connection each. Times are database time.
 */
export async function lockBudget(tx: Tx, carrierAccountId: number, workerId: number): Promise<Budget | null> {
  const [row] = await tx<
    {
      wall: Date
      next_slot_at: Date | null
      calls_per_second: number
      max_concurrent_calls: number
      blocked_until: Date | null
      in_force: boolean
    }[]
  >`
    select clock_timestamp() as wall, nullif(next_slot_at, '-infinity') as next_slot_at, calls_per_second,
           max_concurrent_calls, blocked_until,
           exists (select from workers where id = ${workerId} and settled_at is null) as in_force
      from carrier_accounts
     where id = ${carrierAccountId}
       for no key update skip locked`
  if (row === undefined) return null
  return {
    wall: row.wall,
    nextSlotAt: row.next_slot_at,
    perSecond: row.calls_per_second,
    maxConcurrent: row.max_concurrent_calls,
    blockedUntil: row.blocked_until,
    workerInForce: row.in_force,
  }
}

/** Open calls by workspace. Counted after the budget was locked, so that no other claim can add to them. */
export async function countOpenCalls(tx: Tx, carrierAccountId: number): Promise<Map<number, number>> {
  const rows = await tx<{ workspace_id: number; open: number }[]>`
    select workspace_id, count(*)::int as open from calls
     where carrier_account_id = ${carrierAccountId} and phase = 'open'
     group by workspace_id`
  return new Map(rows.map((row) => [row.workspace_id, row.open]))
}

export type WaitingCall = {
  workspaceId: number
  id: string
  to: string
  from: string
  message: string | null
  voice: string | null
  /** The sound that is played after the message. */
  audioId: number | null
  /** The number it is joined with once it was answered. */
  joins: string | null
  /** Of an agreed call: where it meets the other party's. */
  room: string | null
  roomSeconds: number | null
  /** The code it says; its message is the template of it. */
  otpId: string | null
  /** It does not wait for a slot. */
  urgent: boolean
  settings: unknown
}

/** Direct calls that are due, locked: those that carry codes, or the others. */
export async function waitingCalls(
  tx: Tx,
  query: { carrierAccountId: number; now: Date; urgent: boolean; limit: number },
): Promise<WaitingCall[]> {
  if (query.limit <= 0) return []
  const lane = query.urgent ? tx`and c.urgent` : tx`and not c.urgent`
  return tx<WaitingCall[]>`
    select c.workspace_id as "workspaceId", c.id, c.to_number as to, c.from_number as from, c.message,
           c.voice, c.audio_id as "audioId", c.joins_number as joins, c.room, c.room_seconds as "roomSeconds", c.otp_id as "otpId", c.urgent,
           w.settings
      from calls c
      join workspaces w on w.id = c.workspace_id
     where c.carrier_account_id = ${query.carrierAccountId} and c.phase = 'waiting' and c.due_at <= ${query.now} ${lane}
     order by c.due_at, c.id
     limit ${query.limit}
       for update of c skip locked`
}

export type RunningRun = {
  workspaceId: number
  id: number
  campaignId: number
  message: string
  voice: string | null
  audioId: number | null
  priority: 'message' | 'audio'
  spokenBy: 'carrier' | 'voice'
  fromNumbers: string[]
  statuses: string[]
  individual: number[] | null
  watermark: number
  voiceOptions: Partial<VoiceOptions>
  callingHours: unknown
  breaker: unknown
  /** Since it began, or was resumed: what the breaker looks at. */
  goingSince: Date
  settings: unknown
}

/** Running runs of one service, those that waited longest first, locked: a pause waits for this claim and the next one sees it. */
export async function runningRuns(
  tx: Tx,
  { service, limit }: { service: 'PHONE' | 'SMS'; limit: number },
): Promise<RunningRun[]> {
  return tx<RunningRun[]>`
    select r.workspace_id as "workspaceId", r.id, r.campaign_id as "campaignId", r.message, r.voice,
           r.audio_id as "audioId", r.priority, r.spoken_by as "spokenBy",
           r.from_numbers as "fromNumbers", r.statuses, r.individual, r.watermark, r.voice_options as "voiceOptions",
           r.calling_hours as "callingHours", r.breaker, coalesce(r.resumed_at, r.started_at, r.created_at) as "goingSince",
           w.settings
      from runs r
      join workspaces w on w.id = r.workspace_id
      join campaigns c on c.workspace_id = r.workspace_id and c.id = r.campaign_id
     where r.state = 'running' and c.service = ${service}
     order by r.last_served_at nulls first, r.id
     limit ${limit}
       for no key update of r skip locked`
}

export type NumberRow = {
  id: number
  /** Null for what is no number; it is set aside. */
  to: string | null
  timeZone: string | null
  tags: Record<string, unknown>
  status: string
  attempts: number
}

/** Numbers that were given back to this run and are due again, locked. */
export async function dueNumbers(
  tx: Tx,
  run: RunningRun,
  query: { now: Date; limit: number },
): Promise<NumberRow[]> {
  return tx<NumberRow[]>`
    select id, e164 as to, time_zone as "timeZone", tags, status, attempts
      from campaign_numbers
     where workspace_id = ${run.workspaceId} and campaign_id = ${run.campaignId}
       and status = 'queued' and due_at <= ${query.now} and run_id = ${run.id}
     order by due_at, id
     limit ${query.limit}
       for update skip locked`
}

/** Numbers that this run has not taken up yet, in order, after the watermark, locked. */
export async function freshNumbers(tx: Tx, run: RunningRun, limit: number): Promise<NumberRow[]> {
  return tx<NumberRow[]>`
    select fresh.*
      from unnest(${arrayOf(run.statuses)}::text[]) as wanted (status)
     cross join lateral (
       select n.id, n.e164 as to, n.time_zone as "timeZone", n.tags, n.status, 0 as attempts
         from campaign_numbers n
        where n.workspace_id = ${run.workspaceId} and n.campaign_id = ${run.campaignId}
          and n.status = wanted.status and n.id > ${run.watermark}
          and n.run_id is distinct from ${run.id}
          and (${run.individual}::bigint[] is null or n.id = any(${run.individual}::bigint[]))
        order by n.id
        limit ${limit}
          for update skip locked
     ) fresh
     order by fresh.id
     limit ${limit}`
}

/**
 * The look-ups below go from each number to its rows, one index look-up each: a limited sub-select for every row is the
 * one form the planner cannot turn round into reading everything for each number.
 */

/** Which of these numbers are on their workspace's do-not-call list. Keys: `workspace number`. */
export async function doNotCall(
  tx: Tx,
  numbers: readonly { workspaceId: number; to: string }[],
): Promise<Set<string>> {
  const rows = await tx<{ workspace_id: number; number: string }[]>`
    select asked.workspace_id, asked.number
      from unnest(${column(numbers, (one) => one.workspaceId)}::bigint[], ${column(numbers, (one) => one.to)}::text[])
           as asked (workspace_id, number)
     cross join lateral (
       select from do_not_call d
        where d.workspace_id = asked.workspace_id and d.number = asked.number
        limit 1) as found`
  return new Set(rows.map((row) => `${row.workspace_id} ${row.number}`))
}

/**
 * Which numbers are being called: by anybody between the same two numbers (keys `from to`), or by the same workspace
 * from whatever number (keys `workspace to`).
 */
export async function busyNumbers(
  tx: Tx,
  carrierAccountId: number,
  asked: readonly { workspaceId: number; from: string; to: string }[],
): Promise<Set<string>> {
  const workspaces = asked.map((one) => one.workspaceId)
  const [from, to] = [asked.map((one) => one.from), asked.map((one) => one.to)]
  const rows = await tx<{ key: string }[]>`
    select asked.f || ' ' || asked.t as key
      from unnest(${arrayOf(from)}::text[], ${arrayOf(to)}::text[]) as asked (f, t)
     cross join lateral (
       select from calls c
        where c.carrier_account_id = ${carrierAccountId} and c.to_number = asked.t and c.from_number = asked.f
          and c.phase = 'open'
        limit 1) as found
     union all
    select asked.w || ' ' || asked.t
      from unnest(${arrayOf(workspaces)}::bigint[], ${arrayOf(to)}::text[]) as asked (w, t)
     cross join lateral (
       select from calls c
        where c.carrier_account_id = ${carrierAccountId} and c.to_number = asked.t and c.workspace_id = asked.w
          and c.phase = 'open'
        limit 1) as found`
  return new Set(rows.map((row) => row.key))
}

/** Moves the budget on. */
export async function saveNextSlot(tx: Tx, carrierAccountId: number, nextSlotAt: Date): Promise<void> {
  await tx`update carrier_accounts set next_slot_at = ${nextSlotAt} where id = ${carrierAccountId}`
}

/** Remembers how far each run got, and that it had its turn. */
export async function saveTurns(
  tx: Tx,
  turns: readonly { workspaceId: number; runId: number; watermark: number }[],
  wall: Date,
): Promise<void> {
  if (turns.length === 0) return
  await tx`
    update runs r
       set watermark = v.watermark, last_served_at = ${wall}
      from unnest(${column(turns, (turn) => turn.workspaceId)}::bigint[], ${column(turns, (turn) => turn.runId)}::bigint[],
                  ${column(turns, (turn) => turn.watermark)}::bigint[]) as v (workspace_id, id, watermark)
     where r.workspace_id = v.workspace_id and r.id = v.id`
}

/** The budgets of workspaces that set limits of their own, locked. Made when missing. */
export async function lockWorkspaceBudgets(
  tx: Tx,
  carrierAccountId: number,
  workspaceIds: readonly number[],
): Promise<Map<number, Date | null>> {
  if (workspaceIds.length === 0) return new Map()
  await tx`
    insert into workspace_budgets (workspace_id, carrier_account_id)
    select unnest(${arrayOf(workspaceIds)}::bigint[]), ${carrierAccountId}
    on conflict do nothing`
  const rows = await tx<{ workspace_id: number; next_slot_at: Date | null }[]>`
    select workspace_id, nullif(next_slot_at, '-infinity') as next_slot_at from workspace_budgets
     where carrier_account_id = ${carrierAccountId} and workspace_id = any(${arrayOf(workspaceIds)}::bigint[])
     order by workspace_id
       for update`
  return new Map(rows.map((row) => [row.workspace_id, row.next_slot_at]))
}

export async function saveWorkspaceSlot(
  tx: Tx,
  carrierAccountId: number,
  budget: { workspaceId: number; nextSlotAt: Date },
): Promise<void> {
  await tx`
    update workspace_budgets set next_slot_at = ${budget.nextSlotAt}
     where workspace_id = ${budget.workspaceId} and carrier_account_id = ${carrierAccountId}`
}
