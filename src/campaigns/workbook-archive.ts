/** Opens a workbook (XLSX) and refuses what is none, or what would not be harmless to read. */
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { AppError } from '../errors.ts'

/** Parts other than sheets are read whole: no real workbook comes near these. Bytes, unpacked. */
const mostPartBytes = 8 * 1024 * 1024
/** A sheet of a million rows has some hundred megabytes. */
const mostSheetBytes = 1024 * 1024 * 1024
/** XML of real sheets packs ten to forty times; what packs better than this is meant to do harm. */
const mostRatio = 100
const smallBytes = 1024 * 1024
const mostEntries = 10_000

export type Archive = {
  /** The text of a part that is read whole; null when there is none of that name. */
  text(name: string): Promise<string | null>
  /** A large part as it unpacks; null when there is none of that name. */
  stream(name: string): Promise<Readable | null>
  close(): void
}

/**
 * Opens the workbook at `path`. Throws AppError invalid: `not_a_workbook`, `workbook_locked` (a password),
 * `workbook_macros`, `workbook_too_large` (it would unpack to more than anyone's list of people).
 */
export async function openArchive(path: string): Promise<Archive> {
  const zip = await opened(path)
  const entries = new Map<string, Entry>()
  try {
    if (zip.entryCount > mostEntries) throw tooLarge()
    for await (const entry of zip.eachEntry()) {
      requireHarmless(entry)
      entries.set(entry.fileName, entry)
    }
  } catch (error) {
    zip.close()
    throw explained(error)
  }
  if (!entries.has('[Content_Types].xml')) {
    zip.close()
    throw notAWorkbook()
  }
  return {
    text: async (name) => {
      const entry = entries.get(name)
      if (entry === undefined) return null
      if (entry.uncompressedSize > mostPartBytes) throw tooLarge()
      return readText(await openEntry(zip, entry))
    },
    stream: async (name) => {
      const entry = entries.get(name)
      return entry === undefined ? null : openEntry(zip, entry)
    },
    close: () => zip.close(),
  }
}

export function notAWorkbook(cause?: unknown): AppError {
  return invalidFile(
    'not_a_workbook',
    'The file cannot be read as a workbook (XLSX). Open it in a spreadsheet program and save it again, or save the sheet as CSV.',
    cause,
  )
}

export function tooLarge(): AppError {
  return invalidFile(
    'workbook_too_large',
    'The workbook unpacks to far more than a list of people holds. Save the sheet as CSV and send that, or split it.',
  )
}

export function locked(): AppError {
  return invalidFile(
    'workbook_locked',
    'The workbook is protected by a password. Save it without one, or save the sheet as CSV.',
  )
}

/** Errors of the packing and of the XML become the one that says so; ours stay. */
export function explained(error: unknown): unknown {
  return error instanceof AppError ? error : notAWorkbook(error)
}

function requireHarmless(entry: Entry): void {
  if (entry.isEncrypted()) throw locked()
  if (/(^|\/)vbaProject\.bin$/i.test(entry.fileName)) throw macros()
  const { uncompressedSize, compressedSize } = entry
  if (uncompressedSize > mostSheetBytes) throw tooLarge()
  if (uncompressedSize > smallBytes && uncompressedSize > mostRatio * compressedSize) throw tooLarge()
}

function macros(): AppError {
  return invalidFile(
    'workbook_macros',
    'The workbook holds macros. Save it as a workbook without macros (.xlsx), or save the sheet as CSV.',
  )
}

async function opened(path: string): Promise<ZipFile> {
  try {
    // Sizes are checked while unpacking: an entry that lies about them ends in an error, not in memory.
    return await openPromise(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
  } catch (error) {
    throw explained(error)
  }
}

async function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  try {
    return await zip.openReadStreamPromise(entry)
  } catch (error) {
    throw explained(error)
  }
}

async function readText(stream: Readable): Promise<string> {
  const pieces: Buffer[] = []
  stream.on('data', (piece: Buffer) => pieces.push(piece))
  try {
    await finished(stream)
  } catch (error) {
    throw explained(error)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function invalidFile(code: string, sentence: string, cause?: unknown): AppError {
  return new AppError('invalid', code, sentence, { param: 'send_to_number_file', cause })
}
