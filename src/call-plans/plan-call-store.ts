/** The calls recorded on plans, and the calls that were dialed for them. */
import { column, type Queryable, type Tx } from '../db/sql.ts'
import type { CallKey } from '../calls/call-store.ts'
import type { Outcome } from './plan.ts'

/** The plans that calls to a lead were made for, by the id of the call. The calls to agents are left out. */
export async function findPlansOfCalls(tx: Tx, keys: readonly CallKey[]): Promise<Map<string, number>> {
  const rows = await tx<{ id: string; plan_id: number }[]>`
    select c.id, c.plan_id
      from unnest(${column(keys, (key) => key.workspaceId)}::bigint[], ${column(keys, (key) => key.callId)}::uuid[])
           as asked (workspace_id, id)
      join calls c on c.workspace_id = asked.workspace_id and c.id = asked.id
     where c.plan_id is not null and c.parent_id is not null
     limit ${keys.length}`
  return new Map(rows.map((row) => [row.id, row.plan_id]))
}

/** The call that is being dialed for a plan now. */
export async function findOpenCall(
  sql: Queryable,
  workspaceId: number,
  planId: number,
): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select id from calls
     where workspace_id = ${workspaceId} and plan_id = ${planId} and phase in ('waiting', 'open')
     limit 1`
  return row?.id ?? null
}

export type NewPlanCall = {
  workspaceId: number
  planId: number
  calledAt: Date
  outcome: Outcome | null
  notes: string
  callId: string | null
  recordedBy: string | null
}

/**
 * Adds calls to the history of their plans; no two may be of the same plan and instant. A call that is there already stays
 * one call: what is said of it now completes what was said before.
 */
export async function addPlanCalls(tx: Tx, calls: readonly NewPlanCall[], now: Date): Promise<void> {
  await tx`
    insert into call_plan_calls as known (workspace_id, plan_id, called_at, outcome, notes, call_id, recorded_by, recorded_at)
    select v.*, ${now}::timestamptz
      from unnest(
             ${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.planId)}::bigint[],
             ${column(calls, (call) => call.calledAt)}::timestamptz[], ${column(calls, (call) => call.outcome)}::text[],
             ${column(calls, (call) => call.notes)}::text[], ${column(calls, (call) => call.callId)}::uuid[],
             ${column(calls, (call) => call.recordedBy)}::uuid[])
           as v (workspace_id, plan_id, called_at, outcome, notes, call_id, recorded_by)
    on conflict (workspace_id, plan_id, called_at) do update
       set outcome = coalesce(excluded.outcome, known.outcome),
           notes = case when excluded.notes = '' then known.notes else excluded.notes end,
           call_id = coalesce(known.call_id, excluded.call_id)`
}
