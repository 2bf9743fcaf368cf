import { arrayOf, type Sql } from '../db/sql.ts'
import type { TextState } from '../messages/text.ts'

export type LiveText = {
  workspaceId: number
  textId: string
  state: TextState
  to: string
  from: string
  /** The keyed hash of the body, in hexadecimal. */
  hash: string
  sid: string | null
  /** Database time of the intent. */
  intendedAt: Date
  /** Milliseconds of database time since anything was heard of it. */
  silentMs: number
  looks: number
  settings: unknown
}

/**
 * Texts that need somebody to look: unknown and silent ones. Only those of this worker and of workers that are known to be
 * gone; the others are looked after by their own.
 */
export async function textsToLookAt(
  sql: Sql,
  query: { carrierAccountId: number; workerId: number; limit: number },
): Promise<LiveText[]> {
  return sql<LiveText[]>`
    select t.workspace_id as "workspaceId", t.id as "textId", t.state, t.to_number as to, t.from_number as from,
           encode(t.body_hash, 'hex') as hash, t.carrier_sid as sid, t.intended_at as "intendedAt", t.looks,
           (extract(epoch from clock_timestamp() - t.reported_at) * 1000)::float8 as "silentMs", w.settings
      from texts t
      join workspaces w on w.id = t.workspace_id
      join workers o on o.id = t.owner
     where t.carrier_account_id = ${query.carrierAccountId} and t.phase in ('open', 'sent')
       and t.look_at <= clock_timestamp() and (t.owner = ${query.workerId} or o.settled_at is not null)
     order by t.look_at
     limit ${query.limit}`
}

/** Attempts of settled workers whose answer nobody waits for any more. */
export async function orphanedTexts(
  sql: Sql,
  carrierAccountId: number,
): Promise<{ workspaceId: number; textId: string }[]> {
  return sql<{ workspaceId: number; textId: string }[]>`
    select t.workspace_id as "workspaceId", t.id as "textId"
      from texts t
      join workers o on o.id = t.owner
     where t.carrier_account_id = ${carrierAccountId} and t.phase = 'open' and t.state = 'sending'
       and o.settled_at is not null
     limit 5000`
}

/** Nothing new was learned: the next look is later. */
export async function lookLater(
  sql: Sql,
  text: { workspaceId: number; textId: string },
  afterMs: number,
): Promise<void> {
  await sql`
    update texts
       set looks = looks + 1, look_at = clock_timestamp() + ${afterMs} * interval '1 millisecond'
     where workspace_id = ${text.workspaceId} and id = ${text.textId} and phase in ('open', 'sent')`
}

/** Which of these carrier ids belong to which texts between the same two numbers. */
export async function textsBoundBetween(
  sql: Sql,
  carrierAccountId: number,
  asked: { to: string; from: string; sids: readonly string[] },
): Promise<Map<string, string>> {
  if (asked.sids.length === 0) return new Map()
  const rows = await sql<{ carrier_sid: string; id: string }[]>`
    select carrier_sid, id from texts
     where carrier_account_id = ${carrierAccountId} and carrier_sid = any(${arrayOf(asked.sids)}::text[])
       and to_number = ${asked.to} and from_number = ${asked.from}
     limit ${asked.sids.length}`
  return new Map(rows.map((row) => [row.carrier_sid, row.id]))
}
