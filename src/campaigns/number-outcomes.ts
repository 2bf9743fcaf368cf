/**
 * What a call does to the number it was made for. The first part is pure; the second writes it, in the transaction
 * that moves the call.
 */
import { failpoint } from '../failpoint.ts'
import { column, type Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { isFinal, type Call, type CallState, type FinalState } from '../calls/call.ts'
import type { Move } from '../calls/call-telling.ts'
import { machineReason } from '../calls/report.ts'
import { retryEnded } from './retry-store.ts'
import type { RetriedOutcome } from './retry.ts'

export type NumberOutcome = {
  status: 'queued' | 'completed' | 'hungup' | 'unanswered' | 'failed' | 'terminated'
  reason: string | null
  usesAttempt: boolean
  /** Queued again: not before this. */
  dueAt: Date | null
  duration: number
  playback: number
  credits: number
  /** After which the run may call again by itself; null: never. */
  retriedAs: RetriedOutcome | null
}

/** A number whose attempt was given back waits this long, so that a carrier in trouble is not asked at once again. */
export const givenBackDelayMs = 1_000

/** The outcome of a finished call for its number. Credits: one per started minute of talk. */
export function numberOutcome(call: Call & { state: FinalState }, now: Date): NumberOutcome {
  const talked = { duration: call.duration, playback: call.playback, credits: Math.ceil(call.duration / 60) }
  const used = { usesAttempt: true, dueAt: null, retriedAs: null, ...talked }
  switch (call.state) {
    case 'completed':
      return { ...used, ...answeredOutcome(call) }
    case 'busy':
    case 'no_answer':
      return { status: 'unanswered', reason: call.state, ...used, retriedAs: call.state }
    case 'failed':
      return { status: 'failed', reason: call.reason, ...used, retriedAs: retriedFailure(call) }
    case 'held':
      return { status: 'failed', reason: 'held', ...used }
    case 'canceled':
      return { status: 'terminated', reason: call.reason ?? 'canceled', ...used }
    case 'not_placed': {
      const dueAt = new Date(now.getTime() + givenBackDelayMs)
      return { status: 'queued', reason: call.reason, ...used, usesAttempt: false, dueAt }
    }
  }
}

/** Who pressed a key has had the answer to the message; a machine that we left is nobody. */
function answeredOutcome(call: Call): Pick<NumberOutcome, 'status' | 'reason' | 'retriedAs'> {
  if (call.heard || call.pressed !== null) return { status: 'completed', reason: null, retriedAs: null }
  if (call.reason === machineReason)
    return { status: 'unanswered', reason: machineReason, retriedAs: 'machine' }
  return { status: 'hungup', reason: null, retriedAs: 'hungup' }
}

/** What the carrier refused to place it will refuse again. */
export function retriedFailure(attempt: { carrierSid: string | null }): 'failed' | null {
  return attempt.carrierSid === null ? null : 'failed'
}

/** Writes the outcomes of the calls that ended to their numbers. The rows are locked in one order. */
export async function recordNumberOutcomes(
  tx: Tx,
  moves: readonly Move[],
  now: Date,
): Promise<WorkspaceBatch[]> {
  const ended = moves.flatMap(({ after }) => {
    const { workspaceId, runId, numberId, attempt } = after
    if (numberId === null || runId === null || !hasEnded(after)) return []
    return [{ workspaceId, runId, numberId, attempt, outcome: numberOutcome(after, now) }]
  })
  return writeOutcomes(tx, await retryEnded(tx, ended, { of: 'calls', now }))
}

/** What one attempt of a run did to its number. */
export type Ended = {
  workspaceId: number
  runId: number
  numberId: number
  attempt: number
  outcome: NumberOutcome
}

/**
 * Writes outcomes to numbers that are still at the attempt they are the outcome of. One that was queued again, and then
 * turns out to have heard the message to its end, is not called again.
 */
export async function writeOutcomes(tx: Tx, ended: readonly Ended[]): Promise<WorkspaceBatch[]> {
  if (ended.length === 0) return []
  await keepRuns(
    tx,
    ended.filter(({ outcome }) => outcome.status === 'queued'),
  )
  const rows = await tx<{ workspace_id: number; campaign_id: number; was: string; status: string }[]>`
    with given as (
      select * from unnest(
        ${column(ended, (one) => one.workspaceId)}::bigint[], ${column(ended, (one) => one.numberId)}::bigint[],
        ${column(ended, (one) => one.runId)}::bigint[], ${column(ended, ({ outcome }) => outcome.status)}::text[],
        ${column(ended, ({ outcome }) => outcome.reason)}::text[], ${column(ended, ({ outcome }) => outcome.usesAttempt)}::bool[],
        ${column(ended, ({ outcome }) => outcome.dueAt)}::timestamptz[], ${column(ended, ({ outcome }) => outcome.duration)}::int[],
        ${column(ended, ({ outcome }) => outcome.playback)}::int[], ${column(ended, ({ outcome }) => outcome.credits)}::int[],
        ${column(ended, (one) => one.attempt)}::int[])
        as given (workspace_id, id, run_id, status, reason, uses_attempt, due_at, duration, playback, credits, attempt)
    ), locked as materialized (
      select n.workspace_id, n.id, n.status as was,
             case when given.status = 'queued' and r.state = 'stopped' then 'terminated' else given.status end as becomes,
             given.reason, given.uses_attempt, given.due_at, given.duration, given.playback, given.credits
        from campaign_numbers n
        join given on n.workspace_id = given.workspace_id and n.id = given.id and n.run_id = given.run_id
                  and given.attempt = n.attempts + case when n.status = 'calling' then 1 else 0 end
        join runs r on r.workspace_id = given.workspace_id and r.id = given.run_id
       order by n.workspace_id, n.id
         for update of n
    )
    update campaign_numbers n
       set status = l.becomes, reason = l.reason, due_at = case when l.becomes = 'queued' then l.due_at end,
           attempts = n.attempts + case when l.uses_attempt and l.was = 'calling' then 1 else 0 end,
           duration = l.duration, playback = l.playback,
           credit_consumed = n.credit_consumed + case when l.was = 'calling' then l.credits else 0 end
      from locked l
     where n.workspace_id = l.workspace_id and n.id = l.id
       and (l.was in ('calling', 'completed', 'hungup', 'failed') or (l.was = 'queued' and l.becomes = 'completed'))
    returning n.workspace_id, n.campaign_id, l.was, n.status`
  return rows
    .filter((row) => row.was !== row.status)
    .map((row) => ({
      workspaceId: row.workspace_id,
      totals: [0, row.campaign_id].flatMap((campaignId) => [
        { campaignId, subject: 'number' as const, state: row.was, delta: -1 },
        { campaignId, subject: 'number' as const, state: row.status, delta: 1 },
      ]),
      events: [],
    }))
}

/**
 * Holds the runs whose numbers are given back as they are until this is committed: a stop that went on meanwhile would
 * sweep the number while it still seems to be called, and it would wait in a run that is over.
 */
async function keepRuns(tx: Tx, calls: readonly Pick<Ended, 'workspaceId' | 'runId'>[]): Promise<void> {
  if (calls.length === 0) return
  await tx`
    select from runs r
      join unnest(${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.runId)}::bigint[])
           as given (workspace_id, id) on r.workspace_id = given.workspace_id and r.id = given.id
     order by r.workspace_id, r.id
       for share of r`
  failpoint('number.given-back')
}

function hasEnded(call: Call): call is Call & { state: FinalState } {
  return isFinal(call.state satisfies CallState)
}
