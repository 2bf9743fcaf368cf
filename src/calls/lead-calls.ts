/** The calls to a person's numbers, for the timeline of their lead. */
import type { Queryable } from '../db/sql.ts'
import type { LeadPart, TimelineEntry, TimelineOf, TimelinePage } from '../leads/timeline.ts'
import { wireStatus, type CallState } from './call.ts'

export const callsOfLeads: LeadPart = { timeline: callsOf }

type CallRow = {
  id: string
  state: CallState
  reason: string | null
  to_number: string
  duration: number
  campaign_id: number | null
  agent: string | null
  due_at: Date | null
  created_at: Date
}

async function callsOf(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<CallRow[]>`
    select call.id, call.state, call.reason, call.to_number, call.duration, call.campaign_id, agent.name as agent,
           call.due_at, call.created_at
      from calls call
      left join agents agent on agent.workspace_id = call.workspace_id and agent.id = call.agent_id
     where call.workspace_id = ${of.workspaceId} and call.to_number = any(${[...of.numbers]}::text[])
       and call.created_at <= ${page.until} and call.state <> 'not_placed'
     order by call.created_at desc, call.id desc
     limit ${page.limit}`
  return rows.map((row) => ({
    at: row.created_at,
    kind: 'call',
    id: row.id,
    data: {
      status: wireStatus[row.state],
      state: row.state,
      reason: row.reason,
      number: row.to_number,
      duration: row.duration,
      campaign_id: row.campaign_id,
      agent: row.agent,
      due: row.due_at?.toISOString() ?? null,
    },
  }))
}
