/** Reads texts for those who ask about them. */
import { arrayOf, type Queryable } from '../db/sql.ts'
import { textColumns, toText, type TextRow } from './text-store.ts'
import type { Text, TextKind, TextState } from './text.ts'

/** Null when there is no such text. */
export async function findText(sql: Queryable, workspaceId: number, id: string): Promise<TextFacts | null> {
  const [row] = await sql<(TextRow & { next_id: string | null; expires_at: Date | null })[]>`
    select ${sql.unsafe(textColumns)}, t.next_id, t.expires_at
      from texts t
     where t.workspace_id = ${workspaceId} and t.id = ${id}`
  return row === undefined ? null : { text: toText(row), nextId: row.next_id, expiresAt: row.expires_at }
}

/** A text with what only its readers want to know. */
export type TextFacts = { text: Text; nextId: string | null; expiresAt: Date | null }

/** The newest text about something: what became of a code, of a reminder. */
export async function findTextAbout(
  sql: Queryable,
  about: { workspaceId: number; kind: TextKind; subject: string },
): Promise<Text | null> {
  const [row] = await sql<TextRow[]>`
    select ${sql.unsafe(textColumns)}
      from texts t
     where t.workspace_id = ${about.workspaceId} and t.kind = ${about.kind} and t.subject = ${about.subject}
     order by t.id desc
     limit 1`
  return row === undefined ? null : toText(row)
}

export type TextHistoryEntry = {
  sequence: number
  at: Date
  kind: string
  source: string
  state: string
  detail: Record<string, unknown> | null
}

/** What was learned about a text, in order. */
export async function readTextHistory(
  sql: Queryable,
  workspaceId: number,
  textId: string,
): Promise<TextHistoryEntry[]> {
  return sql<TextHistoryEntry[]>`
    select sequence, at, kind, source, state, detail from text_events
     where workspace_id = ${workspaceId} and text_id = ${textId}
     order by sequence
     limit 1000`
}

export type TextFilter = {
  /** Null: every state. */
  states: readonly TextState[] | null
  campaignId: number | null
  /** Part of a number, digits only. */
  number: string | null
  kind: string | null
}

export type TextListQuery = {
  workspaceId: number
  filter: TextFilter
  size: number
  /** Texts that are older than an id, or newer; null begins with the newest. */
  from: { id: string; direction: 'older' | 'newer' } | null
}

/** Newest first, and whether there are more in the direction that was asked for. */
export async function listTexts(
  sql: Queryable,
  { workspaceId, filter, size, from }: TextListQuery,
): Promise<{ texts: Text[]; more: boolean }> {
  const { states, campaignId, number, kind } = filter
  const newer = from?.direction === 'newer'
  const rows = await sql<TextRow[]>`
    select ${sql.unsafe(textColumns)}
      from texts t
     where t.workspace_id = ${workspaceId}
       ${states === null ? sql`` : sql`and t.state = any(${arrayOf(states)}::text[])`}
       ${campaignId === null ? sql`` : sql`and t.campaign_id = ${campaignId}`}
       ${kind === null ? sql`` : sql`and t.kind = ${kind}`}
       ${number === null ? sql`` : sql`and strpos(t.to_number, ${number}) > 0`}
       ${from === null ? sql`` : newer ? sql`and t.id > ${from.id}::uuid` : sql`and t.id < ${from.id}::uuid`}
     order by ${newer ? sql`t.id` : sql`t.id desc`}
     limit ${size + 1}`
  const page = rows.slice(0, size).map(toText)
  return { texts: newer ? page.reverse() : page, more: rows.length > size }
}
