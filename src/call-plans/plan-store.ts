/** The rows of plans. A plan is there as long as its lead is. */
import { arrayOf, column, type Queryable, type Tx } from '../db/sql.ts'
import { pausingStatuses } from '../leads/lead.ts'
import type { Frequency } from './plan-dates.ts'
import type { Plan } from './plan.ts'

/** `ownerId`: only plans whose lead this person works on; null = every plan of the workspace. */
export type Viewer = { workspaceId: number; ownerId: string | null }

/** A plan with what is needed to change it. */
export type LockedPlan = Plan & {
  /** Of its lead: the person who works on it. */
  assignedTo: string | null
  /** Of its workspace. IANA name. */
  timeZone: string
}

/** Null when there is no such plan, or none that this viewer may see. */
export async function findPlan(sql: Queryable, viewer: Viewer, id: number): Promise<LockedPlan | null> {
  const [row] = await sql<PlanRow[]>`
    select ${planColumns(sql)}
      from call_plans p
      ${planJoins(sql)}
     where p.workspace_id = ${viewer.workspaceId} and p.id = ${id} and ${isVisible(sql, viewer)}`
  return row ? toPlan(row) : null
}

/** The same, held until the transaction ends. */
export async function lockPlan(tx: Tx, viewer: Viewer, id: number): Promise<LockedPlan | null> {
  const [row] = await tx<PlanRow[]>`
    select ${planColumns(tx)}
      from call_plans p
      ${planJoins(tx)}
     where p.workspace_id = ${viewer.workspaceId} and p.id = ${id} and ${isVisible(tx, viewer)}
       for no key update of p`
  return row ? toPlan(row) : null
}

/** Locks these plans, always in the same order. Those that do not exist are left out. */
export async function lockPlans(
  tx: Tx,
  keys: readonly { workspaceId: number; planId: number }[],
): Promise<LockedPlan[]> {
  const rows = await tx<PlanRow[]>`
    select ${planColumns(tx)}
      from call_plans p
      ${planJoins(tx)}
     where (p.workspace_id, p.id) in (
             select * from unnest(${column(keys, (key) => key.workspaceId)}::bigint[], ${column(keys, (key) => key.planId)}::bigint[]))
       and p.deleted_at is null and lead.deleted_at is null
     order by p.workspace_id, p.id
       for no key update of p`
  return rows.map(toPlan)
}

export type NewPlan = {
  workspaceId: number
  leadId: number
  frequency: Frequency
  nextCallDate: Date
  notes: string
  createdBy: string | null
}

/** Null when the lead has a plan already. */
export async function insertPlan(tx: Tx, plan: NewPlan, now: Date): Promise<number | null> {
  const [row] = await tx<{ id: number }[]>`
    insert into call_plans (workspace_id, lead_id, frequency, next_call_date, notes, created_by, created_at, updated_at)
    values (${plan.workspaceId}, ${plan.leadId}, ${plan.frequency}, ${plan.nextCallDate}, ${plan.notes},
            ${plan.createdBy}, ${now}, ${now})
    on conflict do nothing
    returning id`
  return row?.id ?? null
}

export async function findPlanOfLead(
  sql: Queryable,
  workspaceId: number,
  leadId: number,
): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`
    select id from call_plans where workspace_id = ${workspaceId} and lead_id = ${leadId} and deleted_at is null`
  return row?.id ?? null
}

/** Writes a plan that was locked in this transaction. */
export async function savePlan(tx: Tx, plan: Plan, now: Date): Promise<void> {
  await tx`
    update call_plans
       set frequency = ${plan.frequency}, notes = ${plan.notes}, last_called = ${plan.lastCalled},
           next_call_date = ${plan.nextCallDate}, updated_at = ${now}
     where workspace_id = ${plan.workspaceId} and id = ${plan.id}`
}

/** Writes the dates of plans that were locked in this transaction. */
export async function savePlanDates(tx: Tx, plans: readonly Plan[], now: Date): Promise<void> {
  await tx`
    update call_plans p
       set last_called = v.last_called, next_call_date = v.next_call_date, updated_at = ${now}
      from unnest(
             ${column(plans, (plan) => plan.workspaceId)}::bigint[], ${column(plans, (plan) => plan.id)}::bigint[],
             ${column(plans, (plan) => plan.lastCalled)}::timestamptz[],
             ${column(plans, (plan) => plan.nextCallDate)}::timestamptz[])
           as v (workspace_id, id, last_called, next_call_date)
     where p.workspace_id = v.workspace_id and p.id = v.id`
}

/** Takes a plan away; the calls recorded on it stay in the history of its lead. */
export async function deletePlan(tx: Tx, plan: Plan, now: Date): Promise<void> {
  await tx`
    update call_plans set deleted_at = ${now}
     where workspace_id = ${plan.workspaceId} and id = ${plan.id} and deleted_at is null`
}

/** Of `leads lead`: nobody is asked to call it. */
export function isPaused(sql: Queryable) {
  return sql`
    (lead.status = any(${arrayOf(pausingStatuses)}::text[]) or exists (
       select from do_not_call blocked
        where blocked.workspace_id = lead.workspace_id and blocked.number in (lead.phone_e164, lead.alt_phone_e164)))`
}

/** Of `call_plans p` with its lead: it is there, for this viewer. */
export function isVisible(sql: Queryable, { ownerId }: Viewer) {
  const own = ownerId === null ? sql`` : sql`and lead.assigned_to = ${ownerId}::uuid`
  return sql`p.deleted_at is null and lead.deleted_at is null ${own}`
}

type PlanRow = {
  workspace_id: number
  id: number
  lead_id: number
  frequency: Frequency
  last_called: Date | null
  next_call_date: Date
  notes: string
  paused: boolean
  assigned_to: string | null
  time_zone: string | null
}

function planColumns(sql: Queryable) {
  return sql`
    p.workspace_id, p.id, p.lead_id, p.frequency, p.last_called, p.next_call_date, p.notes,
    ${isPaused(sql)} as paused, lead.assigned_to, w.settings ->> 'time_zone' as time_zone`
}

function planJoins(sql: Queryable) {
  return sql`
    join leads lead on lead.workspace_id = p.workspace_id and lead.id = p.lead_id
    join workspaces w on w.id = p.workspace_id`
}

function toPlan(row: PlanRow): LockedPlan {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    leadId: row.lead_id,
    frequency: row.frequency,
    lastCalled: row.last_called,
    nextCallDate: row.next_call_date,
    notes: row.notes,
    paused: row.paused,
    assignedTo: row.assigned_to,
    timeZone: row.time_zone ?? 'UTC',
  }
}
