/** The call requests of a person, for the timeline of their lead: known by the phones that ring for them. */
import { findSettings } from '../accounts/workspace-store.ts'
import type { Queryable } from '../db/sql.ts'
import type { LeadPart, TimelineEntry, TimelineOf, TimelinePage } from '../leads/timeline.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import type { Outcome, Side, Status } from './call-request.ts'

export const requestsOfLeads: LeadPart = { timeline: requestsOf }

type Row = {
  id: number
  side: Side
  phone: string
  message: string
  status: Status
  outcome: Outcome | null
  agreed_time: Date | null
  created_at: Date
  joined_at: Date | null
  other: string
}

/** Phones are stored as they were written: those that end in the right digits are found here, and read afterwards. */
async function requestsOf(sql: Queryable, of: TimelineOf, page: TimelinePage): Promise<TimelineEntry[]> {
  const endings = [...new Set(of.numbers.map((number) => number.slice(-7)))]
  if (endings.length === 0) return []
  const rows = await sql<Row[]>`
    select request.id, case when person.id = request.user_id then 'user' else 'hero' end as side, person.phone,
           request.message, request.status, request.outcome, request.agreed_time, request.created_at, request.joined_at,
           btrim(other.first_name || ' ' || other.last_name) as other
      from users person
      join call_requests request
        on request.workspace_id = person.workspace_id and person.id in (request.user_id, request.hero_user_id)
      join users other
        on other.workspace_id = request.workspace_id
           and other.id = case when person.id = request.user_id then request.hero_user_id else request.user_id end
     where person.workspace_id = ${of.workspaceId}
       and right(regexp_replace(person.phone, '\\D', '', 'g'), 7) = any(${endings}::text[])
       and request.created_at <= ${page.until}
     order by request.created_at desc, request.id desc
     limit ${page.limit}`
  if (rows.length === 0) return []
  const { defaultRegion } = await findSettings(sql, of.workspaceId)
  const isTheirs = ({ phone }: Row): boolean => {
    const { e164 } = readPhoneNumber(phone, defaultRegion)
    return e164 !== null && of.numbers.includes(e164)
  }
  return rows.filter(isTheirs).flatMap((row) => entriesOf(row, page.until))
}

function entriesOf(row: Row, until: Date): TimelineEntry[] {
  const { id, side, message, status, outcome, other } = row
  const about = { request_id: id, side, with: other, message }
  const asked: TimelineEntry = {
    at: row.created_at,
    kind: 'call_request',
    id: String(id),
    data: { ...about, status, outcome, agreed_time: row.agreed_time?.toISOString() ?? null },
  }
  if (row.joined_at === null || row.joined_at > until) return [asked]
  return [asked, { at: row.joined_at, kind: 'call_request.held', id: String(id), data: about }]
}
