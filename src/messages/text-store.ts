import { arrayOf, column, type Sql, type Tx } from '../db/sql.ts'
import { lanes, type Lane, type Text, type TextKind, type TextState } from './text.ts'
import type { TextSource } from './text-report.ts'

export type TextKey = { workspaceId: number; textId: string }

export const textColumns = `t.workspace_id, t.id, t.campaign_id, t.run_id, t.number_id, t.attempt, t.kind, t.subject, t.lane, t.to_number,
  t.from_number, t.body, t.segments, t.encoding, t.state, t.reason, t.carrier_sid, t.sid_confirmed, t.due_at, t.created_at,
  t.sent_at, t.ended_at, t.entries`

export type TextRow = {
  workspace_id: number
  id: string
  campaign_id: number | null
  run_id: number | null
  number_id: number | null
  attempt: number
  kind: TextKind
  subject: string | null
  lane: number
  to_number: string
  from_number: string
  body: string
  segments: number
  encoding: 'GSM-7' | 'UCS-2'
  state: TextState
  reason: string | null
  carrier_sid: string | null
  sid_confirmed: boolean
  due_at: Date | null
  created_at: Date
  sent_at: Date | null
  ended_at: Date | null
  entries: number
}

/** Locks the texts, always in the same order, and reads them. Texts that do not exist are left out. */
export async function lockTexts(tx: Tx, keys: readonly TextKey[]): Promise<Text[]> {
  const rows = await tx<TextRow[]>`
    select ${tx.unsafe(textColumns)}
      from texts t
      join unnest(${column(keys, (key) => key.workspaceId)}::bigint[], ${column(keys, (key) => key.textId)}::uuid[])
           as wanted (workspace_id, id) on t.workspace_id = wanted.workspace_id and t.id = wanted.id
     order by t.workspace_id, t.id
       for update of t`
  return rows.map(toText)
}

/** A text that waits, as it is written. */
export type NewText = Pick<
  Text,
  | 'workspaceId'
  | 'id'
  | 'attempt'
  | 'kind'
  | 'subject'
  | 'lane'
  | 'toNumber'
  | 'fromNumber'
  | 'body'
  | 'segments'
  | 'encoding'
> & { bodyHash: Buffer; dueAt: Date; expiresAt: Date | null; createdBy: string | null; createdAt: Date }

/** Writes texts that wait, and the beginning of their history. Counts and events are the caller's. */
export async function insertWaitingTexts(
  tx: Tx,
  texts: readonly NewText[],
  carrierAccountId: number,
): Promise<Text[]> {
  if (texts.length === 0) return []
  const rows = await tx<TextRow[]>`
    insert into texts as t (workspace_id, id, carrier_account_id, kind, subject, lane, created_by, to_number, from_number,
                            body, body_hash, encoding, segments, state, due_at, expires_at, created_at, entries)
    select workspace_id, id, ${carrierAccountId}, kind, subject, lane, created_by, to_number, from_number, body,
           decode(body_hash, 'hex'), encoding, segments, 'queued', due_at, expires_at, created_at, 1
      from unnest(
             ${column(texts, (text) => text.workspaceId)}::bigint[], ${column(texts, (text) => text.id)}::uuid[],
             ${column(texts, (text) => text.kind)}::text[], ${column(texts, (text) => text.subject)}::text[],
             ${column(texts, (text) => lanes.indexOf(text.lane))}::smallint[], ${column(texts, (text) => text.createdBy)}::uuid[],
             ${column(texts, (text) => text.toNumber)}::text[], ${column(texts, (text) => text.fromNumber)}::text[],
             ${column(texts, (text) => text.body)}::text[], ${column(texts, (text) => text.bodyHash.toString('hex'))}::text[],
             ${column(texts, (text) => text.encoding)}::text[], ${column(texts, (text) => text.segments)}::smallint[],
             ${column(texts, (text) => text.dueAt)}::timestamptz[], ${column(texts, (text) => text.expiresAt)}::timestamptz[],
             ${column(texts, (text) => text.createdAt)}::timestamptz[])
           as v (workspace_id, id, kind, subject, lane, created_by, to_number, from_number, body, body_hash, encoding,
                 segments, due_at, expires_at, created_at)
    returning ${tx.unsafe(textColumns)}`
  const born = rows.map(toText)
  await appendTextEntries(
    tx,
    born.map((text) => created(text, 'person', null)),
  )
  return born
}

export type Again = { workspaceId: number; oldId: string; id: string; dueAt: Date; createdAt: Date }

/** Writes one more attempt for each of these texts, says in the old one which follows, and returns the new ones. */
export async function insertTextsAgain(tx: Tx, texts: readonly Again[]): Promise<Text[]> {
  const rows = await tx<TextRow[]>`
    with given as (
      select * from unnest(
        ${column(texts, (text) => text.workspaceId)}::bigint[], ${column(texts, (text) => text.oldId)}::uuid[],
        ${column(texts, (text) => text.id)}::uuid[], ${column(texts, (text) => text.dueAt)}::timestamptz[],
        ${column(texts, (text) => text.createdAt)}::timestamptz[])
        as given (workspace_id, old_id, id, due_at, created_at)
    ), followed as (
      update texts old
         set next_id = given.id
        from given
       where old.workspace_id = given.workspace_id and old.id = given.old_id and old.next_id is null
      returning given.*, old.carrier_account_id, old.attempt, old.kind, old.subject, old.lane, old.created_by,
                old.to_number, old.from_number, old.body, old.body_hash, old.encoding, old.segments, old.expires_at
    )
    insert into texts as t (workspace_id, id, carrier_account_id, attempt, kind, subject, lane, created_by, to_number,
                            from_number, body, body_hash, encoding, segments, state, due_at, expires_at, created_at, entries)
    select workspace_id, id, carrier_account_id, attempt + 1, kind, subject, lane, created_by, to_number, from_number, body,
           body_hash, encoding, segments, 'queued', due_at, expires_at, created_at, 1
      from followed
    returning ${tx.unsafe(textColumns)}`
  const oldIds = new Map(texts.map((text) => [text.id, text.oldId]))
  const born = rows.map(toText)
  await appendTextEntries(
    tx,
    born.map((text) => created(text, 'dialer', { follows: oldIds.get(text.id) ?? null })),
  )
  return born
}

function created(text: Text, source: TextEntry['source'], detail: TextEntry['detail']): TextEntry {
  const { workspaceId, id: textId, entries: sequence, createdAt: at, state } = text
  return { workspaceId, textId, sequence, at, kind: 'created', source, state, detail }
}

export type TextChange = { before: TextState; text: Text; lookAfterMs: number }

/**
 * Writes texts that were locked in this transaction. The state before guards against a write without the lock.
 * `lookAfterMs`: the carrier is asked when it is silent for so long.
 */
export async function saveTexts(tx: Tx, changes: readonly TextChange[]): Promise<void> {
  const texts = changes.map((change) => change.text)
  const result = await tx`
    update texts t
       set state = v.state, reason = v.reason, carrier_sid = v.carrier_sid, sid_confirmed = v.sid_confirmed,
           sent_at = v.sent_at, ended_at = v.ended_at, entries = v.entries, reported_at = clock_timestamp(),
           look_at = clock_timestamp() + v.look_after_ms * interval '1 millisecond', looks = 0
      from unnest(
             ${column(texts, (text) => text.workspaceId)}::bigint[], ${column(texts, (text) => text.id)}::uuid[],
             ${column(changes, (change) => change.before)}::text[], ${column(texts, (text) => text.state)}::text[],
             ${column(texts, (text) => text.reason)}::text[], ${column(texts, (text) => text.carrierSid)}::text[],
             ${column(texts, (text) => text.sidConfirmed)}::bool[], ${column(texts, (text) => text.sentAt)}::timestamptz[],
             ${column(texts, (text) => text.endedAt)}::timestamptz[], ${column(texts, (text) => text.entries)}::smallint[],
             ${column(changes, (change) => change.lookAfterMs)}::int[])
           as v (workspace_id, id, before, state, reason, carrier_sid, sid_confirmed, sent_at, ended_at, entries,
                 look_after_ms)
     where t.workspace_id = v.workspace_id and t.id = v.id and t.state = v.before`
  if (result.count !== texts.length)
    throw new Error(`${texts.length - result.count} texts changed under their lock`)
}

export type TextEntry = {
  workspaceId: number
  textId: string
  sequence: number
  at: Date
  kind: string
  source: TextSource
  state: TextState
  detail: Record<string, unknown> | null
}

/** Appends history. */
export async function appendTextEntries(tx: Tx, entries: readonly TextEntry[]): Promise<void> {
  if (entries.length === 0) return
  await tx`
    insert into text_events (workspace_id, text_id, sequence, at, kind, source, state, detail)
    select workspace_id, text_id, sequence, at, kind, source, state, detail::jsonb
      from unnest(
             ${column(entries, (entry) => entry.workspaceId)}::bigint[], ${column(entries, (entry) => entry.textId)}::uuid[],
             ${column(entries, (entry) => entry.sequence)}::smallint[], ${column(entries, (entry) => entry.at)}::timestamptz[],
             ${column(entries, (entry) => entry.kind)}::text[], ${column(entries, (entry) => entry.source)}::text[],
             ${column(entries, (entry) => entry.state)}::text[],
             ${column(entries, (entry) => (entry.detail === null ? null : JSON.stringify(entry.detail)))}::text[])
           as v (workspace_id, text_id, sequence, at, kind, source, state, detail)`
}

/** Which of these carrier ids are already bound to a text, and to which. */
export async function boundTextSids(
  sql: Sql | Tx,
  carrierAccountId: number,
  sids: readonly string[],
): Promise<Map<string, string>> {
  if (sids.length === 0) return new Map()
  const rows = await sql<{ carrier_sid: string; id: string }[]>`
    select carrier_sid, id from texts
     where carrier_account_id = ${carrierAccountId} and carrier_sid = any(${arrayOf(sids)}::text[])
     limit ${sids.length}`
  return new Map(rows.map((row) => [row.carrier_sid, row.id]))
}

/** Lets a sender look at once, when the transaction commits. */
export async function wakeSenders(tx: Tx): Promise<void> {
  await tx`select pg_notify('trunkline_texts', '')`
}

export function toText(row: TextRow): Text {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    campaignId: row.campaign_id,
    runId: row.run_id,
    numberId: row.number_id,
    attempt: row.attempt,
    kind: row.kind,
    subject: row.subject,
    lane: laneOf(row.lane),
    toNumber: row.to_number,
    fromNumber: row.from_number,
    body: row.body,
    segments: row.segments,
    encoding: row.encoding,
    state: row.state,
    reason: row.reason,
    carrierSid: row.carrier_sid,
    sidConfirmed: row.sid_confirmed,
    dueAt: row.due_at,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    endedAt: row.ended_at,
    entries: row.entries,
  }
}

function laneOf(place: number): Lane {
  return lanes[place] ?? 'bulk'
}
