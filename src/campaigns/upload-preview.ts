/** How the first rows of an uploaded list will be read: which column is the number, and what becomes of each cell. */
import type { Sql } from '../db/sql.ts'
import { sentenceOf } from './campaign-wire.ts'
import { CsvReader } from './csv-reader.ts'
import { recipientOf, withNumberColumn } from './recipient-import.ts'
import { readChunk, type Upload } from './upload-store.ts'

const shownRows = 20
const previewBytes = 64 * 1024

/** `numberColumn`: as if the numbers were there; null: where they were found. */
export async function previewUpload(
  sql: Sql,
  upload: Upload,
  { region, numberColumn }: { region: string; numberColumn: number | null },
) {
  const records = await firstRecords(sql, upload)
  const layout = withNumberColumn(upload.layout, numberColumn)
  const header = layout.hasHeader ? (records[0] ?? []) : []
  const rows = records.slice(layout.hasHeader ? 1 : 0)
  return {
    number_column: layout.numberColumn,
    columns: layout.tags.map((tag, column) => ({ name: header[column] ?? '', tag })),
    rows: rows.slice(0, shownRows).map((record) => toRow(record, recipientOf(record, layout, region))),
  }
}

/** The head of the file, as far as it holds whole records. */
async function firstRecords(sql: Sql, upload: Upload): Promise<string[][]> {
  const chunk = await readChunk(sql, upload, 0)
  if (chunk === null) return []
  const records: string[][] = []
  const reader = new CsvReader(upload.layout.delimiter, (record) => records.push(record))
  const isWhole = upload.bytes <= Math.min(chunk.length, previewBytes)
  await reader.write(chunk.subarray(0, previewBytes))
  if (isWhole) await reader.end()
  reader.destroy()
  return records
}

/** A blank row is none. */
function toRow(record: readonly string[], recipient: ReturnType<typeof recipientOf>) {
  const reason = recipient?.reason ?? null
  return {
    cells: record.map((cell) => cell.slice(0, 200)),
    e164: recipient?.e164 ?? null,
    grade: recipient?.grade ?? null,
    reason,
    message: reason === null ? null : sentenceOf(reason),
  }
}
