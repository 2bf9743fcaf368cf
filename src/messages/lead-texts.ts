/** The texts to and from a person's numbers, for the timeline of their lead. */
import { arrayOf, type Queryable } from '../db/sql.ts'
import type { LeadPart, TimelineEntry, TimelineOf, TimelinePage } from '../leads/timeline.ts'
import { textStatus, type TextState } from './text.ts'

export const textsOfLeads: LeadPart = {
  async timeline(sql, of, page) {
    const found = await Promise.all([sentTo(sql, of, page), receivedFrom(sql, of, page)])
    return found.flat()
  },
}

type SentRow = {
  id: string
  state: TextState
  reason: string | null
  kind: string
  to_number: string
  body: string
  campaign_id: number | null
  created_at: Date
}

async function sentTo(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<SentRow[]>`
    select id, state, reason, kind, to_number, body, campaign_id, created_at
      from texts
     where workspace_id = ${of.workspaceId} and to_number = any(${arrayOf(of.numbers)}::text[])
       and created_at <= ${page.until} and state <> 'not_sent'
     order by created_at desc, id desc
     limit ${page.limit}`
  return rows.map((row) => ({
    at: row.created_at,
    kind: 'text',
    id: row.id,
    data: {
      status: textStatus[row.state],
      state: row.state,
      reason: row.reason,
      number: row.to_number,
      body: row.body,
      purpose: row.kind,
      campaign_id: row.campaign_id,
    },
  }))
}

type ReceivedRow = { id: string; from_number: string; body: string; word: string | null; received_at: Date }

async function receivedFrom(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<ReceivedRow[]>`
    select id, from_number, body, word, received_at
      from inbound_texts
     where workspace_id = ${of.workspaceId} and from_number = any(${arrayOf(of.numbers)}::text[])
       and received_at <= ${page.until}
     order by received_at desc, id desc
     limit ${page.limit}`
  return rows.map(({ id, from_number: number, body, word, received_at: at }) => ({
    at,
    kind: 'text.received',
    id,
    data: { number, body, word },
  }))
}
