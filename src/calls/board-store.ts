/** The board's statements: lines of JSON, in order of buckets and newest first, and the counts beside them. */
import { arrayOf, type Queryable } from '../db/sql.ts'
import { boardLine } from './board-line.ts'
import { buckets, statesInBucket, type Bucket } from './call.ts'
import { callCondition, type Fragment } from './call-condition.ts'
import { isCounted, type CallFilter } from './call-filter.ts'

export type BoardQuery = {
  workspaceId: number
  now: Date
  filter: CallFilter
  /** Null: all four. */
  bucket: Bucket | null
}

/** The digit of the row that carries the counts instead of a call. */
export const countsPlace = buckets.length

/**
 * Every call of the board as rows of one value: a digit, the place of its bucket, and the line. The calls are put in order before their lines are
 * written, so that the sort is of small rows.
 */
export function wholeBoard(sql: Queryable, query: BoardQuery): Fragment {
  const { workspaceId, now, filter, bucket } = query
  return sql`
    select c.place || ${boardLine(sql, now)}
      from (select ${sql.unsafe(columns)}, ${sql.unsafe(placeOfState)} as place
              from calls c
              left join agents a on a.workspace_id = c.workspace_id and a.id = c.agent_id
             where ${callCondition(sql, workspaceId, filter)}
               ${bucket === null ? sql`and c.phase <> 'void'` : inBucket(sql, bucket)}
             order by place, c.id desc) c`
}

/**
 * The newest `limit` calls of each bucket, with one more that tells whether there are others, and one row of counts:
 * JSON, how many calls match the filter by state. `before`: only calls older than this id.
 */
export function boardPages(
  sql: Queryable,
  query: BoardQuery,
  page: { limit: number; before: string | null },
): Fragment {
  const { workspaceId, now, filter } = query
  const shown = query.bucket === null ? buckets : [query.bucket]
  const older = page.before === null ? sql`` : sql`and c.id < ${page.before}::uuid`
  const rowLimit = usualLimits.has(page.limit) ? sql.unsafe(String(page.limit + 1)) : page.limit + 1
  const lane = (bucket: Bucket, phase: string, states: Fragment) => sql`
    (select ${sql.unsafe(callColumns)}, ${sql.unsafe(String(buckets.indexOf(bucket)))} as place
       from calls c
      where ${callCondition(sql, workspaceId, filter)} and c.phase = ${sql.unsafe(`'${phase}'`)} ${states} ${older}
      order by c.id desc
      limit ${rowLimit})`
  const lanes = shown.flatMap((bucket) =>
    lanesOf[bucket].map(({ phase, states }) => lane(bucket, phase, sql.unsafe(states) as Fragment)),
  )
  return sql`
    select c.place || ${boardLine(sql, now)}
      from (select ${sql.unsafe(columns)}, c.place
              from (${lanes.reduce((all, next) => sql`${all} union all ${next}`)}) c
              left join agents a on a.workspace_id = c.workspace_id and a.id = c.agent_id
             order by c.place, c.id desc) c
    union all
    select ${sql.unsafe(`'${countsPlace}'`)} || coalesce((${counts(sql, query)}), '{}')`
}

/** By state, as JSON. What is counted with every change is looked up; anything else is counted here. */
function counts(sql: Queryable, { workspaceId, filter, bucket }: BoardQuery): Fragment {
  if (isCounted(filter)) {
    return sql`select json_object_agg(t.state, t.count)::text from totals t
                where t.workspace_id = ${workspaceId} and t.subject = 'call' and t.campaign_id = ${filter.campaignId ?? 0}`
  }
  return sql`
    select json_object_agg(n.state, n.count)::text
      from (select c.state, count(*) as count from calls c
             where ${callCondition(sql, workspaceId, filter)}
               ${bucket === null ? sql`and c.phase <> 'void'` : inBucket(sql, bucket)}
             group by c.state) n`
}

function inBucket(sql: Queryable, bucket: Bucket): Fragment {
  const phases = [...new Set(lanesOf[bucket].map((lane) => lane.phase))]
  const states = statesInBucket(bucket)
  return sql`and c.phase = any(${arrayOf(phases)}::text[]) and c.state = any(${arrayOf(states)}::text[])`
}

const callColumns = `c.workspace_id, c.id, c.carrier_sid, c.to_number, c.customer_name, c.state, c.agent_id, c.created_at,
  c.started_at, c.duration, c.campaign_id`
const columns = `${callColumns}, a.name as agent_name`

/** A limit that is part of the statement lets PostgreSQL keep its plan; planning costs as much as 200 calls do. */
const usualLimits = new Set([1, 10, 20, 25, 50, 100, 200, 500])

/** Where a bucket's calls lie in the index by phase. */
const lanesOf: Record<Bucket, readonly { phase: string; states: string }[]> = {
  pending: [
    { phase: 'waiting', states: '' },
    { phase: 'open', states: `and c.state not in ('ringing', 'in_progress')` },
  ],
  active: [{ phase: 'open', states: `and c.state in ('ringing', 'in_progress')` }],
  completed: [{ phase: 'completed', states: '' }],
  failed: [{ phase: 'failed', states: '' }],
}

const placeOfState = `case c.phase when 'waiting' then 0 when 'completed' then 2 when 'failed' then 3
  else case when c.state in ('ringing', 'in_progress') then 1 else 0 end end`
