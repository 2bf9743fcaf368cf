/** The filter of the board and of the call list, as a condition on `calls c`. */
import type { PendingQuery, Row } from 'postgres'
import type { Queryable } from '../db/sql.ts'
import type { CallFilter } from './call-filter.ts'

/** A part of a statement. */
export type Fragment = PendingQuery<Row[]>

/**
 * Only the conditions that were asked for are written down, so that each combination gets a plan of its own. An id
 * begins with the time it was made at, so a span of time is a span of an index that is ordered by id.
 */
export function callCondition(sql: Queryable, workspaceId: number, filter: CallFilter): Fragment {
  const { campaignId, agent, from, to, search } = filter
  return sql`c.workspace_id = ${workspaceId}
    ${campaignId === null ? sql`` : sql`and c.campaign_id = ${campaignId}`}
    ${agent === null ? sql`` : sql`and c.agent_id = ${agent.id}::uuid`}
    ${from === null ? sql`` : sql`and c.created_at >= ${from} and c.id >= ${firstIdAt(from)}::uuid`}
    ${to === null ? sql`` : sql`and c.created_at < ${to} and c.id < ${firstIdAt(later(to))}::uuid`}
    ${search === null ? sql`` : sql`and (${searchCondition(sql, search)})`}`
}

function searchCondition(sql: Queryable, { digits, text }: NonNullable<CallFilter['search']>): Fragment {
  const inName = sql`strpos(lower(c.customer_name), ${text}) > 0`
  return digits === null ? inName : sql`strpos(c.to_number, ${digits}) > 0 or ${inName}`
}

/** The lowest id that could be made at this instant. */
function firstIdAt(at: Date): string {
  const time = Math.max(0, at.getTime()).toString(16).padStart(12, '0').slice(-12)
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

/** An id may be ahead of its time: when the clock stepped back, and when very many are made at once. */
const idsAheadMs = 60_000

function later(at: Date): Date {
  return new Date(at.getTime() + idsAheadMs)
}
