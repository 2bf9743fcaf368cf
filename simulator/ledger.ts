import {
  createReadStream,
  openSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  readSync,
  write,
} from 'node:fs'
import { dirname } from 'node:path'
import type { LedgerEntry, LedgerFact } from './ledger-entry.ts'

const READ_BYTES = 1024 * 1024

/**
 * The carrier's memory: a file of JSON lines that only grows. An entry counts once it is in the file, and
 * nothing is told to anybody before that. All entries of one turn of the event loop go out in one write.
 */
export interface Ledger {
  /** Appends an entry and calls `written` when it is in the file. */
  append(fact: LedgerFact, written?: () => void): void
  /** Resolves when everything appended so far is in the file. */
  settled(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the file for appending, creating it and its folder when absent. A last line that was cut off by a
 * crash is removed: it was never acted on. A failing disk ends in `failed`, once: what cannot be written
 * must not be done.
 */
export function openLedger(path: string, now: () => Date, failed: (error: Error) => void): Ledger {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a+')
  dropTornTail(file)
  let lines: string[] = []
  let waiting: (() => void)[] = []
  let state: 'idle' | 'scheduled' | 'writing' = 'idle'
  let closed = false

  const flush = (): void => {
    state = 'writing'
    const batch = Buffer.from(lines.join(''))
    const told = waiting
    lines = []
    waiting = []
    writeAll(file, batch, (error) => {
      if (error) return failed(error)
      state = lines.length > 0 || waiting.length > 0 ? 'scheduled' : 'idle'
      if (state === 'scheduled') setImmediate(flush)
      for (const tell of told) tell()
    })
  }

  const schedule = (): void => {
    if (state !== 'idle') return
    state = 'scheduled'
    setImmediate(flush)
  }

  const settled = (): Promise<void> => {
    if (state === 'idle') return Promise.resolve()
    return new Promise((resolve) => {
      waiting.push(resolve)
    })
  }

  return {
    append(fact, written) {
      // The number of a closed file may by now belong to another one.
      if (closed) return
      lines.push(`${JSON.stringify({ at: now().toISOString(), ...fact })}\n`)
      if (written) waiting.push(written)
      schedule()
    },
    settled,
    async close() {
      closed = true
      await settled()
      closeSync(file)
    },
  }
}

/** Reads a ledger from its beginning, entry by entry. A last line without its end is left out. */
export async function* readLedger(path: string): AsyncGenerator<LedgerEntry> {
  for await (const entries of readLedgerBatches(path)) yield* entries
}

/** The same in batches as they come from the disk: ten times faster over millions of lines. */
export async function* readLedgerBatches(path: string): AsyncGenerator<LedgerEntry[]> {
  let rest = ''
  const chunks: AsyncIterable<string> = createReadStream(path, {
    encoding: 'utf8',
    highWaterMark: READ_BYTES,
  })
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield lines.map((line) => JSON.parse(line) as LedgerEntry)
  }
}

function writeAll(file: number, bytes: Buffer, done: (error: Error | null) => void): void {
  write(file, bytes, 0, bytes.length, null, (error, count) => {
    if (error) return done(error)
    if (count < bytes.length) return writeAll(file, bytes.subarray(count), done)
    done(null)
  })
}

function dropTornTail(file: number): void {
  const chunk = Buffer.alloc(64 * 1024)
  let end = fstatSync(file).size
  while (end > 0) {
    const start = Math.max(0, end - chunk.length)
    const count = readSync(file, chunk, 0, end - start, start)
    const newline = chunk.subarray(0, count).lastIndexOf(0x0a)
    if (newline >= 0) {
      ftruncateSync(file, start + newline + 1)
      return
    }
    end = start
  }
  ftruncateSync(file, 0)
}
