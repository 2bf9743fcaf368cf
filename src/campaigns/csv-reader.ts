/** Reads CSV as people's spreadsheets write it, in constant memory. */
import { StringDecoder } from 'node:string_decoder'
import { CsvError, Parser } from 'csv-parse'
import { AppError } from '../errors.ts'
import { CsvText } from './csv-text.ts'

/** A record longer than this is no row of a list of people. Bytes. */
export const maxRecordBytes = 1024 * 1024

export type Delimiter = ',' | ';' | '\t' | '|'

/**
 * Reads UTF-8 and hands each record to `onRecord` while `write` runs. Rows are counted as spreadsheets count them: from
 * 1, with blank lines. Throws AppError invalid `not_a_csv` that names the line.
 *
 * What is written as the standard (RFC 4180) has it, as nearly every list is, needs no more than looking for the next
 * delimiter. From the first record on that is not, the library reads: it knows what people mean by stray quotes.
 */
export class CsvReader {
  readonly #delimiter: Delimiter
  readonly #onRecord: (record: string[], row: number) => void
  readonly #decoder = new StringDecoder('utf8')
  /** What was read of a record that is not whole yet. */
  #rest = ''
  #library: LibraryReader | null = null
  #lines = 0
  #rows = 0

  constructor(delimiter: Delimiter, onRecord: (record: string[], row: number) => void) {
    this.#delimiter = delimiter
    this.#onRecord = onRecord
  }

  /** Records read so far. */
  get rows(): number {
    return this.#rows
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#read(this.#decoder.write(bytes), false)
  }

  async end(): Promise<void> {
    await this.#read(this.#decoder.end(), true)
    await this.#library?.end()
  }

  destroy(): void {
    this.#library?.destroy()
  }

  async #read(piece: string, isLast: boolean): Promise<void> {
    if (this.#library !== null) return this.#library.write(piece)
    const text = new CsvText(this.#rest + piece, { delimiter: this.#delimiter, isLast })
    while (!text.isOver) {
      const from = text.at
      const record = text.next()
      if (record === 'unfinished' && !isLast && text.left <= maxRecordBytes) break
      if (typeof record === 'string' || text.at - from > maxRecordBytes) {
        return this.#leaveToLibrary(text.from(from), this.#lines + text.lines)
      }
      this.#hand(record)
    }
    this.#rest = text.from(text.at)
    this.#lines += text.lines
  }

  async #leaveToLibrary(text: string, before: number): Promise<void> {
    this.#library = new LibraryReader(this.#delimiter, { before, onRecord: (record) => this.#hand(record) })
    await this.#library.write(text)
  }

  #hand(record: string[]): void {
    this.#rows += 1
    this.#onRecord(record, this.#rows)
  }
}

/** The library, for what the standard does not say. `before`: lines of the file that it does not see. */
class LibraryReader {
  readonly #parser: EagerParser
  readonly #before: number

  constructor(delimiter: Delimiter, given: { before: number; onRecord: (record: string[]) => void }) {
    this.#before = given.before
    this.#parser = new EagerParser(delimiter, given.onRecord)
    // Errors are seen by the callbacks of write and end; without a listener they would end the process.
    this.#parser.on('error', () => {})
    this.#parser.resume()
  }

  async write(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#parser.write(Buffer.from(text), (error) => (error ? reject(this.#explain(error)) : resolve()))
    })
  }

  async end(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#parser.once('error', (error) => reject(this.#explain(error)))
      this.#parser.end(() => resolve())
    })
  }

  destroy(): void {
    this.#parser.destroy()
  }

  #explain(error: Error): Error {
    if (!(error instanceof CsvError)) return error
    const line = this.#before + this.#parser.lines + 1
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
      return notACsv(`The quote that opens on line ${line} is never closed. Close it, or remove it.`, error)
    }
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      return notACsv(
        `The row that begins on line ${line} is longer than 1 MiB: a quote may be open, or the line ends are missing.`,
        error,
      )
    }
    return notACsv(`Line ${line} cannot be read as CSV: ${error.message}.`, error)
  }
}

/**
 * Hands records on at once instead of putting them into the queue that a stream has: they never wait for a reader, and
 * the parser does not describe each one, as it does for its own callback.
 */
class EagerParser extends Parser {
  readonly #onRecord: (record: string[]) => void
  #lines = 0

  constructor(delimiter: Delimiter, onRecord: (record: string[]) => void) {
    super({
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_quotes: true,
      relax_column_count: true,
      max_record_size: maxRecordBytes,
    })
    this.#onRecord = onRecord
  }

  /** Lines up to the end of the last record. */
  get lines(): number {
    return this.#lines
  }

  override push(record: string[] | null): boolean {
    if (record === null) return super.push(null)
    this.#lines = this.info.lines
    this.#onRecord(record)
    return true
  }
}

/** The delimiter that parts the first lines most evenly; the comma when nothing speaks for another. */
export function sniffDelimiter(text: string): Delimiter {
  const lines = text.split(/\r\n|\n|\r/).slice(0, 30)
  if (lines.length > 1) lines.pop()
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 }
  for (const delimiter of [',', ';', '\t', '|'] as const) {
    const counts = lines.filter((line) => line.trim() !== '').map((line) => fieldsIn(line, delimiter))
    const first = counts[0] ?? 1
    if (first < 2) continue
    // Every line that has as many fields as the first speaks for the delimiter.
    const score =
      (counts.filter((count) => count === first).length / counts.length) * 100 + Math.min(first, 50)
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

export function notACsv(sentence: string, cause?: unknown): AppError {
  return new AppError('invalid', 'not_a_csv', sentence, { param: 'send_to_number_file', cause })
}

function fieldsIn(line: string, delimiter: Delimiter): number {
  let fields = 1
  let quoted = false
  for (const character of line) {
    if (character === '"') quoted = !quoted
    else if (character === delimiter && !quoted) fields += 1
  }
  return fields
}
