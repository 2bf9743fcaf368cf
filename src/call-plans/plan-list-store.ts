/** Lists of plans, each as one line of JSON that the database writes: nothing of a row is built twice. */
import type { PendingQuery, Row } from 'postgres'
import type { Queryable } from '../db/sql.ts'
import type { Frequency } from './plan-dates.ts'
import { isPaused, isVisible, type Viewer } from './plan-store.ts'

export type PlanListQuery = {
  viewer: Viewer
  frequency: Frequency | null
  leadId: number | null
  /** Only plans that were due before this instant. */
  dueBefore: Date | null
  /** Only plans after this id. */
  afterId: number | null
  limit: number | null
}

/** By id. Rows: the line, and the id as text. */
export function listPlans(sql: Queryable, query: PlanListQuery): PendingQuery<Row[]> {
  const { viewer, frequency, leadId, dueBefore, afterId } = query
  return sql`
    select ${planLine(sql, isPaused(sql), sql``)} as line, p.id::text as id
      from call_plans p
      ${leadOf(sql)}
     where p.workspace_id = ${viewer.workspaceId} and ${isVisible(sql, viewer)}
       ${frequency === null ? sql`` : sql`and p.frequency = ${frequency}`}
       ${leadId === null ? sql`` : sql`and p.lead_id = ${leadId}`}
       ${dueBefore === null ? sql`` : sql`and p.next_call_date < ${dueBefore}`}
       ${afterId === null ? sql`` : sql`and p.id > ${afterId}`}
     order by p.id
     limit ${query.limit}`
}

export type DueQuery = {
  viewer: Viewer
  /** Null: everything that is overdue as well. */
  from: Date | null
  until: Date
  limit: number | null
  withPerson: boolean
}

/** Plans to call, the longest overdue first. Those that are paused are left out. */
export function duePlans(
  sql: Queryable,
  { viewer, from, until, limit, withPerson }: DueQuery,
): PendingQuery<Row[]> {
  return sql`
    select ${planLine(sql, sql`false`, withPerson ? person(sql) : sql``)} as line
      from call_plans p
      ${leadOf(sql)}
     where p.workspace_id = ${viewer.workspaceId} and ${isVisible(sql, viewer)}
       ${from === null ? sql`` : sql`and p.next_call_date >= ${from}`}
       and p.next_call_date < ${until} and not ${isPaused(sql)}
     order by p.next_call_date, p.id
     limit ${limit}`
}

/** The calls recorded on a plan, newest first. */
export function planHistory(
  sql: Queryable,
  plan: { workspaceId: number; planId: number; before: Date | null; limit: number | null },
): PendingQuery<Row[]> {
  return sql`
    select json_build_object(
             'id', c.id, 'called_at', ${instant(sql, 'c.called_at')}, 'outcome', c.outcome, 'notes', c.notes,
             'call_id', c.call_id, 'recorded_by', c.recorded_by)::text as line, ${instant(sql, 'c.called_at')} as at
      from call_plan_calls c
     where c.workspace_id = ${plan.workspaceId} and c.plan_id = ${plan.planId}
       ${plan.before === null ? sql`` : sql`and c.called_at < ${plan.before}`}
     order by c.called_at desc
     limit ${plan.limit}`
}

function leadOf(sql: Queryable) {
  return sql`join leads lead on lead.workspace_id = p.workspace_id and lead.id = p.lead_id`
}

type Fragment = ReturnType<typeof leadOf>

/** The same members as `planWire`. */
function planLine(sql: Queryable, paused: Fragment, more: Fragment) {
  return sql`
    '{"id":' || p.id || ',"lead":' || p.lead_id || ',"frequency":"' || p.frequency || '","last_called":' ||
    coalesce('"' || ${instant(sql, 'p.last_called')} || '"', 'null') || ',"next_call_date":"' ||
    ${instant(sql, 'p.next_call_date')} || '","notes":' || to_json(p.notes)::text ||
    case when ${paused} then ',"paused":true' else '' end ${more} || '}'`
}

function person(sql: Queryable) {
  return sql`
    || ',"person":' || json_build_object(
         'name', coalesce(nullif(lead.full_name, ''), lead.company_name),
         'phone', coalesce(lead.phone_e164, lead.phone), 'status', lead.status, 'time_zone', lead.time_zone,
         'agent', lead.assigned_to)::text`
}

function instant(sql: Queryable, column: 'p.last_called' | 'p.next_call_date' | 'c.called_at') {
  return sql`to_char(${sql.unsafe(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}
