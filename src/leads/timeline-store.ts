/** What the leads' own tables know of a person. */
import type { Queryable } from '../db/sql.ts'
import { changeColumns, toChange, type ChangeRow } from './lead-write-store.ts'
import type { LeadPart, TimelineEntry, TimelineOf, TimelinePage } from './timeline.ts'

/** Changes of the lead, messages of dialers, and numbers on the do-not-call list. */
export const leadTimeline: LeadPart = {
  async timeline(sql, of, page) {
    const found = await Promise.all([
      changesOf(sql, of, page),
      messagesOf(sql, of, page),
      blocksOf(sql, of, page),
    ])
    return found.flat()
  },
}

async function changesOf(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<ChangeRow[]>`
    select ${changeColumns(sql)}
      from lead_changes change
      left join users person on person.workspace_id = change.workspace_id and person.id = change.actor
     where change.workspace_id = ${of.workspaceId} and change.lead_id = ${of.leadId} and change.at <= ${page.until}
     order by change.at desc, change.id desc
     limit ${page.limit}`
  return rows.map(toChange).map(({ at, kind, id, source, actor, changes }) => ({
    at,
    kind: `lead.${kind}`,
    id: String(id),
    data: { source, actor, changes },
  }))
}

async function messagesOf(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<
    { id: number; received_at: Date; campaign: string | null; user: string | null; note: string | null }[]
  >`
    select id, received_at, note, body -> 'members' ->> 'campaign' as campaign,
           coalesce(body -> 'members' ->> 'user', body -> 'members' ->> 'agent_username',
                    body -> 'members' ->> 'dialer_user_id') as user
      from dialer_intake
     where workspace_id = ${of.workspaceId} and lead_id = ${of.leadId} and received_at <= ${page.until}
     order by received_at desc, id desc
     limit ${page.limit}`
  return rows.map(({ id, received_at: at, ...data }) => ({ at, kind: 'dialer', id: String(id), data }))
}

async function blocksOf(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const rows = await sql<{ number: string; reason: string; created_at: Date }[]>`
    select number, reason, created_at from do_not_call
     where workspace_id = ${of.workspaceId} and number = any(${[...of.numbers]}::text[]) and created_at <= ${page.until}
     order by created_at desc, number desc
     limit ${page.limit}`
  return rows.map(({ number, reason, created_at: at }) => ({
    at,
    kind: 'do_not_call',
    id: number,
    data: { number, reason },
  }))
}
