/** A list of direct calls: how it is sent as JSON, and what one row of it asks for. Pure. */
import { stringify } from 'csv-stringify/sync'
import { readNewCall, type NewCall, type NewCallFacts } from '../calls/new-call.ts'
import { AppError } from '../errors.ts'
import { recipientOf, type FileLayout } from './recipient-import.ts'

/** What holds for all rows. */
export type BulkOrder = {
  /** The number that is shown. */
  from: string
  agentId: string | null
  /** Said when the row has no message of its own. */
  message: string | null
  voice: string | null
}

export type BulkRow =
  | { kind: 'blank' }
  | { kind: 'call'; call: NewCall; notes: string | null }
  | { kind: 'wrong'; given: string; error: string }

const columns = ['phone_number', 'customer_name', 'notes', 'message'] as const
const longestNotes = 4_000

/**
 * JSON rows as the CSV that the job reads. The last column is never empty: a row that lacks its number is then wrong, and
 * not blank.
 */
export function rowsAsCsv(rows: readonly unknown[]): string {
  const records = rows.map((row, index) => [...columns.map((name) => cellOf(row, name)), String(index + 1)])
  return stringify([[...columns, 'item'], ...records])
}

function cellOf(row: unknown, name: (typeof columns)[number]): string {
  if (typeof row === 'string' || typeof row === 'number') return name === 'phone_number' ? String(row) : ''
  if (typeof row !== 'object' || row === null) return ''
  const members = new Map<string, unknown>(Object.entries(row))
  const value = members.get(name) ?? (name === 'phone_number' ? members.get('to_number') : undefined)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Reads one record. `isNew` is asked of a number that can be called, and false makes the row a repeated one. */
export function readBulkRow(
  record: readonly string[],
  { layout, order, facts }: { layout: FileLayout; order: BulkOrder; facts: NewCallFacts },
  isNew: (e164: string) => boolean,
): BulkRow {
  const recipient = recipientOf(record, layout, facts.defaultRegion)
  if (recipient === null) return { kind: 'blank' }
  const { given, tags } = recipient
  const wrong = (error: string): BulkRow => ({ kind: 'wrong', given, error })
  if (recipient.reason !== null || recipient.e164 === null) return wrong(recipient.reason ?? 'not_a_number')
  const notes = tags['tags_notes'] ?? null
  if (notes !== null && notes.length > longestNotes) return wrong('too_long')
  try {
    const call = readNewCall(
      {
        to_number: recipient.e164,
        customer_name: tags['tags_customer_name'] ?? tags['tags_name'] ?? tags['tags_full_name'] ?? null,
        from_number: order.from,
        agent_id: order.agentId,
        message: tags['tags_message'] ?? order.message,
        voice_input: order.voice,
      },
      facts,
    )
    return isNew(call.to) ? { kind: 'call', call, notes } : wrong('duplicate')
  } catch (error) {
    if (error instanceof AppError) return wrong(error.code)
    throw error
  }
}
