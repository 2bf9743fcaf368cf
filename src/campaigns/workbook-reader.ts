/** Reads the first sheet of a workbook as CSV text, in pieces, so that everything behind knows one kind of file. */
import { maxColumns } from './recipient-import.ts'
import { notAWorkbook, openArchive, tooLarge } from './workbook-archive.ts'
import {
  localName,
  plainText,
  readParts,
  textOf,
  xmlReader,
  type WorkbookParts,
  type XmlEvents,
} from './workbook-parts.ts'

/** What a spreadsheet can hold. */
const mostRows = 1_048_576
const mostCellCharacters = 32_767
/** More elements than the largest list of people has; a sheet beyond that only keeps us busy. */
const mostElements = 100_000_000

/**
 * The first visible sheet of the workbook at `path`, row by row: empty rows are empty lines, so that rows keep their
 * numbers. Dates come as 2026-12-25, numbers with all their digits. Throws AppError invalid, see openArchive.
 */
export async function* workbookAsCsv(path: string): AsyncGenerator<Buffer> {
  const archive = await openArchive(path)
  try {
    const parts = await readParts(archive)
    const stream = await archive.stream(parts.sheet)
    if (stream === null) throw notAWorkbook()
    const rows = new RowWriter()
    const write = xmlReader(cellsInto(rows, parts))
    for await (const text of textOf(stream)) {
      write(text)
      yield rows.take()
    }
    write(null)
    yield rows.take()
  } finally {
    archive.close()
  }
}

type Cell = { column: number; type: string; style: number; text: string }

/** Hands each cell to `rows`. */
function cellsInto(rows: RowWriter, parts: WorkbookParts): XmlEvents {
  let elements = 0
  let cell: Cell | null = null
  let inText = false
  let inPhonetic = false
  return {
    opentag({ name, attributes }) {
      if ((elements += 1) > mostElements) throw tooLarge()
      const { r, t, s } = attributes as Record<string, string | undefined>
      const element = localName(name)
      if (element === 'row') rows.begin(r)
      else if (element === 'c')
        cell = { column: rows.columnOf(r), type: t ?? 'n', style: Number(s ?? 0), text: '' }
      else if (element === 'rPh') inPhonetic = true
      else if (element === 'v' || element === 't') inText = !inPhonetic
    },
    text(text) {
      if (!inText || cell === null) return
      if (cell.text.length + text.length > mostCellCharacters) throw tooLarge()
      cell.text += text
    },
    closetag({ name }) {
      const element = localName(name)
      if (element === 'row') rows.end()
      else if (element === 'rPh') inPhonetic = false
      else if (element === 'v' || element === 't') inText = false
      if (element !== 'c' || cell === null) return
      rows.set(cell.column, shownText(cell, parts))
      cell = null
    },
  }
}

/** What a person sees in the cell. */
function shownText({ type, style, text }: Cell, parts: WorkbookParts): string {
  switch (type) {
    case 's':
      return parts.sharedTexts[Number(text)] ?? ''
    case 'str':
    case 'inlineStr':
      return plainText(text)
    case 'b':
      return text === '1' ? 'TRUE' : text === '' ? '' : 'FALSE'
    case 'e':
      return text
    default:
      return text === '' || Number.isNaN(Number(text)) ? text : shownNumber(Number(text), style, parts)
  }
}

function shownNumber(value: number, style: number, parts: WorkbookParts): string {
  if (parts.isDateStyle(style)) return shownDate(value, parts.from1904)
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value)
  // Workbooks keep 15 digits; what stands behind them comes from counting in twos.
  return String(Number(value.toPrecision(15)))
}

/** Days since the end of 1899 (a day that never was included), as the programs count them. */
function shownDate(days: number, from1904: boolean): string {
  const since1970 = days - (from1904 ? 24_107 : 25_569)
  const at = new Date(Math.round(since1970 * 86_400) * 1_000)
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() > 9_999) return String(days)
  const text = at.toISOString()
  if (days < 1) return text.slice(11, 16)
  return Number.isInteger(days) ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ')
}

/** Rows as CSV text. Cells may be left out and rows skipped; both keep their places. */
class RowWriter {
  #text = ''
  #row = 0
  #written = 0
  #column = 0
  #cells: string[] = []

  begin(given: string | undefined): void {
    const row = given === undefined ? this.#row + 1 : Number(given)
    // Rows that go backwards are of no spreadsheet program's making.
    if (!Number.isInteger(row) || row <= this.#written) throw notAWorkbook()
    if (row > mostRows) throw tooLarge()
    this.#row = row
    this.#column = 0
    this.#cells = []
  }

  /** `AB12` is the 28th column, counted from 0. */
  columnOf(given: string | undefined): number {
    const letters = /^[A-Z]{1,3}/.exec(given ?? '')?.[0]
    if (letters === undefined) return this.#column
    let column = 0
    for (let index = 0; index < letters.length; index++) column = column * 26 + letters.charCodeAt(index) - 64
    return column - 1
  }

  set(column: number, text: string): void {
    this.#column = column + 1
    // A column beyond the limit is kept as one: its presence in the header is what is complained about.
    const place = Math.min(column, maxColumns)
    while (this.#cells.length < place) this.#cells.push('')
    if (text !== '' || place < this.#cells.length || column < maxColumns) this.#cells[place] = quoted(text)
  }

  end(): void {
    if (this.#row <= this.#written || this.#cells.every((cell) => cell === '')) return
    this.#text += '\n'.repeat(this.#row - this.#written - 1) + this.#cells.join(',') + '\n'
    this.#written = this.#row
  }

  take(): Buffer {
    const text = this.#text
    this.#text = ''
    return Buffer.from(text)
  }
}

// Every character that could be taken for a delimiter is put between quotes.
const needsQuotes = /[",;|\t\r\n]/

function quoted(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
