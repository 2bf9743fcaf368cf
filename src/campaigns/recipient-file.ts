/** Receives a file of recipients: stores it as CSV in pieces as it streams in, and checks it on the way. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { CsvReader, notACsv, sniffDelimiter } from './csv-reader.ts'
import { detectLayout, maxColumns, type FileLayout } from './recipient-import.ts'
import { Utf8Converter } from './text-decoder.ts'
import { locked } from './workbook-archive.ts'
import { workbookAsCsv } from './workbook-reader.ts'
import { addChunk, completeUpload, openUpload, removeUpload } from './upload-store.ts'

export type ReceivedFile = { uploadId: number; name: string; layout: FileLayout }

export type FileToReceive = {
  workspaceId: number
  name: string
  /** To be used again by its name; any other file goes with the import that read it. */
  kept: boolean
  createdBy: string | null
  /** ISO country of numbers without a country code. */
  region: string
  /** Bytes. */
  limit: number
}

const chunkBytes = 1024 * 1024
const sampleBytes = 64 * 1024
const sampleRecords = 100

/**
 * Reads `stream` to its end. Throws AppError: too_large `file_too_large`; invalid `not_a_csv` naming the line,
 * `empty_file`, `no_number_column`, `xls_not_supported`, and what workbook-archive.ts names. Nothing is kept then.
 */
export async function receiveRecipientFile(
  sql: Sql,
  stream: AsyncIterable<Buffer | string>,
  file: FileToReceive,
  now: Date,
): Promise<ReceivedFile> {
  const id = await openUpload(sql, file, now)
  const upload = { workspaceId: file.workspaceId, id }
  const check = new FileCheck(file.region)
  try {
    let bytes = 0
    let chunks = 0
    let waiting: Buffer[] = []
    let waitingBytes = 0
    let storing = Promise.resolve()
    const store = async () => {
      await storing
      const content = Buffer.concat(waiting)
      waiting = []
      waitingBytes = 0
      storing = addChunk(sql, upload, chunks++, content)
      // The failure is seen by the next one who waits for it; until then it must not count as unhandled.
      storing.catch(() => {})
    }
    for await (const text of inUtf8(stream, file.limit)) {
      bytes += text.length
      await check.push(text)
      waiting.push(text)
      waitingBytes += text.length
      if (waitingBytes >= chunkBytes) await store()
    }
    const layout = await check.end()
    if (waitingBytes > 0) await store()
    await storing
    await completeUpload(sql, upload, { bytes, chunks, layout })
    return { uploadId: id, name: file.name, layout }
  } catch (error) {
    await removeUpload(sql, upload.workspaceId, id)
    throw error
  } finally {
    check.destroy()
  }
}

/** The stream as CSV in UTF-8, whatever it was. Refuses what is longer than `limit`. */
async function* inUtf8(stream: AsyncIterable<Buffer | string>, limit: number): AsyncIterable<Buffer> {
  const converter = new Utf8Converter()
  const pieces = limited(stream, limit)
  // The encoding is guessed from a sample, not from whatever the first packet happened to hold.
  const head = await firstBytes(pieces, sampleBytes)
  refuseOldWorkbook(head)
  if (head.subarray(0, 4).equals(zipMark)) {
    yield* spooled(head, pieces)
    return
  }
  yield converter.push(head)
  for await (const bytes of pieces) yield converter.push(bytes)
  yield converter.end()
}

async function* limited(stream: AsyncIterable<Buffer | string>, limit: number): AsyncGenerator<Buffer> {
  let received = 0
  for await (const piece of stream) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    received += bytes.length
    if (received > limit) throw tooLarge(limit)
    yield bytes
  }
}

async function firstBytes(pieces: AsyncGenerator<Buffer>, count: number): Promise<Buffer> {
  const head: Buffer[] = []
  for (let bytes = 0; bytes < count;) {
    const next = await pieces.next()
    if (next.done === true) break
    head.push(next.value)
    bytes += next.value.length
  }
  return Buffer.concat(head)
}

/** A workbook is read from its end, so it has to be there whole: in a file of this process that is gone afterwards. */
async function* spooled(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-workbook-'))
  try {
    const path = join(folder, 'workbook.xlsx')
    await pipeline(whole(head, rest), createWriteStream(path, { mode: 0o600 }))
    yield* workbookAsCsv(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* whole(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield* rest
}

/** Looks at the whole file as it passes: is it a CSV, which columns has it, how many rows. */
class FileCheck {
  readonly #region: string
  readonly #sample: string[][] = []
  #head: Buffer = Buffer.alloc(0)
  #delimiter: FileLayout['delimiter'] = ','
  #reader: CsvReader | null = null
  #lines = 1

  constructor(region: string) {
    this.#region = region
  }

  async push(text: Buffer): Promise<void> {
    this.#refuseNul(text)
    if (this.#reader) return this.#reader.write(text)
    this.#head = Buffer.concat([this.#head, text])
    if (this.#head.length >= sampleBytes) await this.#begin()
  }

  async end(): Promise<FileLayout> {
    const reader = this.#reader ?? (await this.#begin())
    await reader.end()
    if (reader.rows === 0)
      throw invalidFile('empty_file', 'The file is empty. Send a CSV with one row for each number.')
    if ((this.#sample[0]?.length ?? 0) > maxColumns) {
      throw notACsv(`Line 1 has more than ${maxColumns} columns. Is it the right file?`)
    }
    const layout = detectLayout(this.#sample, this.#region)
    if (layout === null) {
      throw invalidFile(
        'no_number_column',
        'Line 1 names no number column (like number, phone or mobile), and no column holds mostly phone numbers. Name the column and send the file again.',
      )
    }
    return { ...layout, delimiter: this.#delimiter, rows: reader.rows - (layout.hasHeader ? 1 : 0) }
  }

  destroy(): void {
    this.#reader?.destroy()
  }

  async #begin(): Promise<CsvReader> {
    this.#delimiter = sniffDelimiter(this.#head.toString('utf8', 0, sampleBytes))
    this.#reader = new CsvReader(this.#delimiter, (record) => {
      if (this.#sample.length < sampleRecords) this.#sample.push(record)
    })
    await this.#reader.write(this.#head)
    this.#head = Buffer.alloc(0)
    return this.#reader
  }

  #refuseNul(text: Buffer): void {
    const nul = text.indexOf(0)
    const until = nul < 0 ? text.length : nul
    for (let at = text.indexOf(10); at >= 0 && at < until; at = text.indexOf(10, at + 1)) this.#lines += 1
    if (nul >= 0) throw notACsv(`Line ${this.#lines} holds a NUL byte: the file is not text. Save it as CSV.`)
  }
}

const zipMark = Buffer.from('PK\u0003\u0004')
const compoundMark = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])

/** Workbooks of before 2007, and newer ones behind a password, which are wrapped in the same kind of file. */
function refuseOldWorkbook(head: Buffer): void {
  if (!head.subarray(0, 4).equals(compoundMark)) return
  if (head.includes(Buffer.from('EncryptedPackage', 'utf16le'))) throw locked()
  throw invalidFile(
    'xls_not_supported',
    'The file is a workbook of the old kind (XLS). Save it as XLSX or as CSV and send that.',
  )
}

function invalidFile(code: string, sentence: string): AppError {
  return new AppError('invalid', code, sentence, { param: 'send_to_number_file' })
}

function tooLarge(limit: number): AppError {
  const mebibytes = Math.round(limit / (1024 * 1024))
  return new AppError('too_large', 'file_too_large', `The file is larger than ${mebibytes} MiB. Split it.`, {
    param: 'send_to_number_file',
  })
}
