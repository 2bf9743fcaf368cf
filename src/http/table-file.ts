/** Answers with a table as a file, CSV or XLSX, written as it is read: a list of any length is never held whole. */
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { csvLine, inert } from './csv-line.ts'

export const tableFormats = ['csv', 'xlsx'] as const
export type TableFormat = (typeof tableFormats)[number]

export const tableFormat = Type.Union([Type.Literal('csv'), Type.Literal('xlsx')])

export const tableTypes = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const

export type Cell = string | number | boolean | null

export type Table = {
  /** Of the file, without its ending. */
  name: string
  columns: readonly string[]
  /** In batches; each is asked for when the one before was taken. */
  rows: AsyncIterable<readonly (readonly Cell[])[]>
}

/** Texts that look like formulas come out inert in both formats. */
export function sendTable(reply: FastifyReply, format: TableFormat, table: Table): FastifyReply {
  reply.type(tableTypes[format])
  reply.header('content-disposition', `attachment; filename="${table.name}.${format}"`)
  return reply.send(format === 'csv' ? Readable.from(csvOf(table)) : Readable.from(workbookOf(table)))
}

async function* csvOf({ columns, rows }: Table): AsyncGenerator<string> {
  // The mark lets spreadsheets read names in every script.
  yield `\uFEFF${csvLine(columns)}`
  for await (const batch of rows) yield batch.map(csvLine).join('')
}

async function* workbookOf(table: Table): AsyncGenerator<Uint8Array> {
  // Only who asks for a workbook waits until its writer is loaded.
  const { writeXlsxStream } = await import('hucre/xlsx')
  const stream = writeXlsxStream(sheetRows(table), { name: 'Sheet1' })
  yield* Readable.fromWeb(stream as ReadableStream<Uint8Array>)
}

async function* sheetRows({ columns, rows }: Table): AsyncGenerator<Cell[]> {
  yield columns.map(sheetCell)
  for await (const batch of rows) for (const row of batch) yield row.map(sheetCell)
}

/** The most characters a cell of a workbook holds. */
const longestCell = 32_767
// What XML cannot carry, not even as an entity.
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu

function sheetCell(value: Cell): Cell {
  return typeof value === 'string' ? inert(value.replace(unwritable, '')).slice(0, longestCell) : value
}
