/** Reads calls for those who ask about them. */
import { arrayOf, type Queryable } from '../db/sql.ts'
import { toBoardCall, type BoardCall } from './board-call.ts'
import { callCondition } from './call-condition.ts'
import { statesInBucket, type Bucket, type Call } from './call.ts'
import type { CallFilter } from './call-filter.ts'
import { callColumns, toCall, type CallRow } from './call-store.ts'

/** A call with what only its readers want to know. */
export type CallFacts = {
  call: Call
  agentName: string
  message: string | null
  voice: string | null
  dueAt: Date | null
  nextId: string | null
}

/** Whose calls are looked at: `agentId` null = everybody's of the workspace. */
export type Viewer = { workspaceId: number; agent: { id: string | null } | null }

/** Null when there is no such call, or none that this viewer may see. */
export async function findCall(sql: Queryable, viewer: Viewer, callId: string): Promise<CallFacts | null> {
  const [row] = await sql<(CallRow & FactsRow)[]>`
    select ${sql.unsafe(callColumns)}, a.name as agent_name, coalesce(c.message, r.message) as message,
           coalesce(c.voice, r.voice) as voice, c.due_at, c.next_id
      from calls c
      left join agents a on a.workspace_id = c.workspace_id and a.id = c.agent_id
      left join runs r on r.workspace_id = c.workspace_id and r.id = c.run_id
     where c.workspace_id = ${viewer.workspaceId} and c.id = ${callId}
       ${viewer.agent === null ? sql`` : sql`and c.agent_id = ${viewer.agent.id}::uuid`}`
  if (row === undefined) return null
  return {
    call: toCall(row),
    agentName: row.agent_name ?? '',
    message: row.message,
    voice: row.voice,
    dueAt: row.due_at,
    nextId: row.next_id,
  }
}

type FactsRow = {
  agent_name: string | null
  message: string | null
  voice: string | null
  due_at: Date | null
  next_id: string | null
}

export type HistoryEntry = {
  sequence: number
  at: Date
  kind: string
  source: string
  state: string
  detail: Record<string, unknown> | null
}

/** What was learned about a call, in order. */
export async function readHistory(
  sql: Queryable,
  workspaceId: number,
  callId: string,
): Promise<HistoryEntry[]> {
  return sql<HistoryEntry[]>`
    select sequence, at, kind, source, state, detail from call_events
     where workspace_id = ${workspaceId} and call_id = ${callId}
     order by sequence
     limit 1000`
}

export type CallListQuery = {
  workspaceId: number
  now: Date
  filter: CallFilter
  bucket: Bucket | null
  size: number
  /** Calls that are older than an id, or newer; null begins with the newest. */
  from: { id: string; direction: 'older' | 'newer' } | null
}

/** Every index that lists calls in order does so within a phase. */
const phases = ['waiting', 'open', 'completed', 'failed', 'void']

/** Newest first, and whether there are more in the direction that was asked for. Calls that dialed nobody are among them. */
export async function listCalls(
  sql: Queryable,
  query: CallListQuery,
): Promise<{ calls: BoardCall[]; more: boolean }> {
  const { workspaceId, filter, bucket, size, from } = query
  const newer = from?.direction === 'newer'
  const beyond =
    from === null ? sql`` : newer ? sql`and c.id > ${from.id}::uuid` : sql`and c.id < ${from.id}::uuid`
  const order = newer ? sql`c.id` : sql`c.id desc`
  const rows = await sql<(CallRow & { agent_name: string | null })[]>`
    select ${sql.unsafe(callColumns)}, a.name as agent_name
      from unnest(${arrayOf(phases)}::text[]) as of_phase (phase)
     cross join lateral (
       select c.* from calls c
        where ${callCondition(sql, workspaceId, filter)} and c.phase = of_phase.phase ${beyond}
          ${bucket === null ? sql`` : sql`and c.state = any(${arrayOf(statesInBucket(bucket))}::text[])`}
        order by ${order}
        limit ${size + 1}) c
      left join agents a on a.workspace_id = c.workspace_id and a.id = c.agent_id
     order by ${order}
     limit ${size + 1}`
  const page = rows.slice(0, size).map((row) => liveBoardCall(toCall(row), row.agent_name ?? '', query.now))
  return { calls: newer ? page.reverse() : page, more: rows.length > size }
}

/** A call as the board shows it at `now`: one that talks has talked since it was answered. */
export function liveBoardCall(call: Call, agentName: string, now: Date): BoardCall {
  const shown = toBoardCall(call, agentName)
  if (call.state !== 'in_progress' || call.startedAt === null) return shown
  return { ...shown, duration: Math.max(0, Math.floor((now.getTime() - call.startedAt.getTime()) / 1000)) }
}
