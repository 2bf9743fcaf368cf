/** The call plan of a person: its part of the timeline of their lead, and what a merge of two leads does to it. */
import type { Queryable, Tx } from '../db/sql.ts'
import type { LeadPart, TimelineEntry, TimelineOf, TimelinePage } from '../leads/timeline.ts'
import type { Outcome } from './plan.ts'
import { findPlanOfLead } from './plan-store.ts'

export const plansOfLeads: LeadPart = {
  async timeline(sql, of, page) {
    const found = await Promise.all([plansOf(sql, of, page), recordedCallsOf(sql, of, page)])
    return found.flat()
  },
  async hanging(sql, { workspaceId, id }) {
    return (await findPlanOfLead(sql, workspaceId, id)) === null ? {} : { call_plan: 1 }
  },
  async merge(tx, { workspaceId, from, into }, now) {
    const [kept, other] = [
      await findPlanOfLead(tx, workspaceId, into),
      await findPlanOfLead(tx, workspaceId, from),
    ]
    if (kept !== null && other !== null) await joinPlans(tx, { workspaceId, kept, other }, now)
    await tx`
      update call_plans set lead_id = ${into}, updated_at = ${now}
       where workspace_id = ${workspaceId} and lead_id = ${from}`
  },
}

/**
 * One plan is left of two: it knows the calls of both, and its next call is the earlier of theirs, so that nobody waits
 * longer than was promised. Calls under way change first, as in the transaction that ends a call: whichever is later sees
 * what the other did.
 */
async function joinPlans(
  tx: Tx,
  { workspaceId, kept, other }: { workspaceId: number; kept: number; other: number },
  now: Date,
): Promise<void> {
  await tx`
    update calls set plan_id = ${kept}
     where workspace_id = ${workspaceId} and plan_id = ${other} and phase in ('waiting', 'open')`
  await tx`
    select from call_plans where workspace_id = ${workspaceId} and id in (${kept}, ${other})
     order by id for no key update`
  await tx`
    update call_plan_calls moved set plan_id = ${kept}
     where workspace_id = ${workspaceId} and plan_id = ${other}
       and not exists (select from call_plan_calls known
                        where known.workspace_id = moved.workspace_id and known.plan_id = ${kept}
                          and known.called_at = moved.called_at)`
  await tx`
    update call_plans plan
       set next_call_date = least(plan.next_call_date, gone.next_call_date),
           last_called = greatest(plan.last_called, gone.last_called)
      from call_plans gone
     where plan.workspace_id = ${workspaceId} and plan.id = ${kept}
       and gone.workspace_id = ${workspaceId} and gone.id = ${other}`
  await tx`
    update call_plans set deleted_at = ${now} where workspace_id = ${workspaceId} and id = ${other}`
}

type PlanRow = { id: number; frequency: string; created_at: Date }

async function plansOf(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<PlanRow[]>`
    select id, frequency, created_at
      from call_plans
     where workspace_id = ${of.workspaceId} and lead_id = ${of.leadId} and created_at <= ${page.until}
     order by created_at desc, id desc
     limit ${page.limit}`
  return rows.map(({ id, frequency, created_at: at }) => ({
    at,
    kind: 'call_plan',
    id: String(id),
    data: { frequency },
  }))
}

type RecordedRow = { id: number; called_at: Date; outcome: Outcome | null; notes: string }

/** What people recorded. A call that was dialed for the plan and has no note is in the timeline as that call. */
async function recordedCallsOf(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<RecordedRow[]>`
    select c.id, c.called_at, c.outcome, c.notes
      from call_plans p
      join call_plan_calls c on c.workspace_id = p.workspace_id and c.plan_id = p.id
     where p.workspace_id = ${of.workspaceId} and p.lead_id = ${of.leadId} and c.called_at <= ${page.until}
       and (c.call_id is null or c.notes <> '')
     order by c.called_at desc, c.id desc
     limit ${page.limit}`
  return rows.map(({ id, called_at: at, outcome, notes }) => ({
    at,
    kind: 'call_plan.called',
    id: String(id),
    data: { outcome, notes },
  }))
}
