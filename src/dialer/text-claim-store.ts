/** The rows a claim of texts reads and writes. The account's row is locked before any of them. */
import { arrayOf, column, type Tx } from '../db/sql.ts'
import { textColumns, toText, type TextRow } from '../messages/text-store.ts'
import { lanePlaces, type Text } from '../messages/text.ts'

export type WaitingText = { text: Text; bodyHash: Buffer; expiresAt: Date | null; settings: unknown }

/** Texts that are due, the urgent lanes first, locked. */
export async function waitingTexts(
  tx: Tx,
  query: { carrierAccountId: number; now: Date; urgent: boolean; limit: number },
): Promise<WaitingText[]> {
  if (query.limit <= 0) return []
  const rows = await tx<(TextRow & { body_hash: Buffer; expires_at: Date | null; settings: unknown })[]>`
    select ${tx.unsafe(textColumns)}, t.body_hash, t.expires_at, w.settings
      from texts t
      join workspaces w on w.id = t.workspace_id
     where t.carrier_account_id = ${query.carrierAccountId} and t.phase = 'waiting'
       and t.lane = any(${arrayOf(lanePlaces(query.urgent))}::smallint[]) and t.due_at <= ${query.now}
     order by t.lane, t.due_at, t.id
     limit ${query.limit}
       for update of t skip locked`
  return rows.map((row) => ({
    text: toText(row),
    bodyHash: row.body_hash,
    expiresAt: row.expires_at,
    settings: row.settings,
  }))
}

export type TextBirth = { carrierAccountId: number; owner: number; now: Date; lookAfterMs: number }

/** Takes up texts that waited; they become intents. One that is open already between the same two numbers stays. */
export async function takeUpTexts(
  tx: Tx,
  texts: readonly { workspaceId: number; id: string }[],
  birth: TextBirth,
): Promise<Text[]> {
  if (texts.length === 0) return []
  const rows = await tx<TextRow[]>`
    update texts t
       set state = 'sending', owner = ${birth.owner}, intended_at = clock_timestamp(), reason = null,
           reported_at = clock_timestamp(), entries = t.entries + 1, looks = 0,
           look_at = clock_timestamp() + ${birth.lookAfterMs} * interval '1 millisecond'
      from unnest(${column(texts, (text) => text.workspaceId)}::bigint[], ${column(texts, (text) => text.id)}::uuid[])
           as v (workspace_id, id)
     where t.workspace_id = v.workspace_id and t.id = v.id and t.state = 'queued'
    returning ${tx.unsafe(textColumns)}`
  return rows.map(toText)
}

export type BornText = {
  workspaceId: number
  id: string
  campaignId: number
  runId: number
  numberId: number
  attempt: number
  to: string
  from: string
  body: string
  hash: string
  encoding: string
  segments: number
}

/** Inserts the texts of campaigns as intents. A missing one met an identical text that was born elsewhere meanwhile. */
export async function insertTextIntents(
  tx: Tx,
  texts: readonly BornText[],
  birth: TextBirth,
): Promise<Text[]> {
  if (texts.length === 0) return []
  const rows = await tx<TextRow[]>`
    insert into texts as t (workspace_id, id, carrier_account_id, campaign_id, run_id, number_id, attempt, kind, lane,
                            to_number, from_number, body, body_hash, encoding, segments, state, owner, created_at,
                            intended_at, entries, look_at)
    select workspace_id, id, ${birth.carrierAccountId}, campaign_id, run_id, number_id, attempt, 'campaign', 3, to_number,
           from_number, body, decode(body_hash, 'hex'), encoding, segments, 'sending', ${birth.owner}, ${birth.now},
           clock_timestamp(), 1, clock_timestamp() + ${birth.lookAfterMs} * interval '1 millisecond'
      from unnest(
             ${column(texts, (text) => text.workspaceId)}::bigint[], ${column(texts, (text) => text.id)}::uuid[],
             ${column(texts, (text) => text.campaignId)}::bigint[], ${column(texts, (text) => text.runId)}::bigint[],
             ${column(texts, (text) => text.numberId)}::bigint[], ${column(texts, (text) => text.attempt)}::smallint[],
             ${column(texts, (text) => text.to)}::text[], ${column(texts, (text) => text.from)}::text[],
             ${column(texts, (text) => text.body)}::text[], ${column(texts, (text) => text.hash)}::text[],
             ${column(texts, (text) => text.encoding)}::text[], ${column(texts, (text) => text.segments)}::smallint[])
           as v (workspace_id, id, campaign_id, run_id, number_id, attempt, to_number, from_number, body, body_hash,
                 encoding, segments)
    on conflict do nothing
    returning ${tx.unsafe(textColumns)}`
  return rows.map(toText)
}

/** Texts that may not be sent now. */
export async function postponeTexts(
  tx: Tx,
  texts: readonly { workspaceId: number; id: string; reason: string; dueAt: Date }[],
): Promise<void> {
  if (texts.length === 0) return
  await tx`
    update texts t
       set due_at = v.due_at, reason = v.reason
      from unnest(${column(texts, (text) => text.workspaceId)}::bigint[], ${column(texts, (text) => text.id)}::uuid[],
                  ${column(texts, (text) => text.dueAt)}::timestamptz[], ${column(texts, (text) => text.reason)}::text[])
           as v (workspace_id, id, due_at, reason)
     where t.workspace_id = v.workspace_id and t.id = v.id and t.state = 'queued'`
}

/** Which of these texts have an identical one under way. Keys: `from to hash`, the hash in hexadecimal. */
export async function openIdentical(
  tx: Tx,
  carrierAccountId: number,
  texts: readonly { from: string; to: string; hash: string }[],
): Promise<Set<string>> {
  if (texts.length === 0) return new Set()
  const rows = await tx<{ key: string }[]>`
    select asked.f || ' ' || asked.t || ' ' || asked.h as key
      from unnest(${column(texts, (text) => text.from)}::text[], ${column(texts, (text) => text.to)}::text[],
                  ${column(texts, (text) => text.hash)}::text[]) as asked (f, t, h)
     cross join lateral (
       select from texts x
        where x.carrier_account_id = ${carrierAccountId} and x.to_number = asked.t and x.from_number = asked.f
          and x.body_hash = decode(asked.h, 'hex') and x.phase = 'open'
        limit 1) as found`
  return new Set(rows.map((row) => row.key))
}

/**
 * Which of these numbers must not be texted. Keys: `workspace number`. The value says whether the person texted STOP; an
 * entry of the workspace's own has false.
 */
export async function textsForbidden(
  tx: Tx,
  numbers: readonly { workspaceId: number; to: string }[],
): Promise<Map<string, boolean>> {
  if (numbers.length === 0) return new Map()
  const rows = await tx<{ workspace_id: number; number: string; stopped: boolean }[]>`
    select asked.workspace_id, asked.number, found.stopped
      from unnest(${column(numbers, (one) => one.workspaceId)}::bigint[], ${column(numbers, (one) => one.to)}::text[])
           as asked (workspace_id, number)
     cross join lateral (
       select d.stopped_at is not null as stopped from do_not_call d
        where d.workspace_id = asked.workspace_id and d.number = asked.number
        limit 1) as found`
  return new Map(rows.map((row) => [`${row.workspace_id} ${row.number}`, row.stopped]))
}
