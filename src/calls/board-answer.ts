/** The board's answer. What may be large is written as its rows arrive: never more than two batches are in memory. */
import { Readable } from 'node:stream'
import { streamRows, type RawRow } from '../db/row-stream.ts'
import type { Sql } from '../db/sql.ts'
import { callIdOf } from './board-line.ts'
import { boardPages, countsPlace, wholeBoard, type BoardQuery } from './board-store.ts'
import { bucket as bucketOf, buckets, callStates, type Bucket } from './call.ts'

const rowsPerBatch = 1_000
/** Pages up to this many calls a bucket are read at once: less than a megabyte, and half the work of a stream. */
const mostAtOnce = 500

export type BoardAnswer = {
  /** Null: every call. */
  page: { limit: number; before: string | null; nextOf: (bucket: Bucket, lastId: string) => string } | null
  ignored: readonly string[]
}

/** The JSON of the board, of one moment. */
export async function boardAnswer(
  sql: Sql,
  query: BoardQuery,
  answer: BoardAnswer,
): Promise<Readable | Buffer> {
  if (answer.page === null || answer.page.limit > mostAtOnce) return boardStream(sql, query, answer)
  const rows = await boardPages(sql, query, answer.page).raw()
  const writer = createBoardWriter(query, answer)
  return Buffer.concat([writer.rows(rows), writer.end()])
}

/**
 * As a stream of bytes, from one statement. It is read no faster than it is taken, and when it is destroyed before its end
 * the statement is canceled and its connection is free.
 */
function boardStream(sql: Sql, query: BoardQuery, answer: BoardAnswer): Readable {
  const unwanted = new AbortController()
  let wanted: (() => void) | null = null
  const wake = (): void => {
    wanted?.()
    wanted = null
  }
  const out = new Readable({
    highWaterMark: 1,
    read: wake,
    destroy(error, done) {
      unwanted.abort()
      wake()
      done(error)
    },
  })
  const writer = createBoardWriter(query, answer)
  const { page } = answer
  streamRows(sql, {
    statement: (connection) =>
      page === null ? wholeBoard(connection, query) : boardPages(connection, query, page),
    rowsPerBatch,
    unwanted: unwanted.signal,
    take: (rows) => {
      const bytes = writer.rows(rows)
      if (bytes.length === 0 || out.push(bytes)) return undefined
      return new Promise<void>((resume) => (wanted = resume))
    },
  }).then(
    () => {
      if (unwanted.signal.aborted) return
      out.push(writer.end())
      out.push(null)
    },
    (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return out
}

const space = 32
const comma = 44
const zero = 48

/** Turns rows [digit of the bucket and line] into the answer's bytes. Their first byte is written over. */
function createBoardWriter(query: BoardQuery, { page, ignored }: BoardAnswer) {
  const written = buckets.map(() => 0)
  const next: (string | null)[] = buckets.map(() => null)
  let lastLine: Buffer | null = null
  let place = -1
  let counted = '{}'

  /** Closes what is open and opens the buckets up to `to`. */
  function heading(to: number): Buffer {
    if (to < place) throw new Error('the calls of the board came out of order')
    let text = ''
    for (; place < to; place += 1)
      text += `${place < 0 ? '{"success":true,"calls":{' : '],'}"${buckets[place + 1]}":[`
    return Buffer.from(text)
  }

  return {
    rows(rows: readonly RawRow[]): Buffer {
      const parts: Buffer[] = []
      for (const [line] of rows) {
        if (line === undefined) continue
        const at = (line[0] ?? 0) - zero
        if (at === countsPlace) {
          counted = line.toString('utf8', 1)
          continue
        }
        if (at !== place) parts.push(heading(at))
        const bucket = buckets[at]
        const count = written[at] ?? 0
        if (page !== null && count >= page.limit && bucket !== undefined) {
          if (lastLine !== null) next[at] ??= page.nextOf(bucket, callIdOf(lastLine))
          continue
        }
        // The digit gives way to the comma between two calls: cutting it off would cost more than writing the line.
        line[0] = count > 0 ? comma : space
        parts.push(line)
        written[at] = count + 1
        lastLine = line
      }
      return Buffer.concat(parts)
    },
    end(): Buffer {
      const closed = `${heading(buckets.length - 1).toString()}]}`
      const counts = page === null ? written : bucketCounts(counted, query.bucket)
      const members = [
        `"summary":${objectOf((bucket, at) => [`total_${bucket}`, counts[at] ?? 0])}`,
        ...(page === null
          ? []
          : [`"pagination":${objectOf((bucket, at) => [bucket, { next: next[at] ?? null }])}`]),
        ...(ignored.length === 0 ? [] : [`"ignored":${JSON.stringify(ignored)}`]),
      ]
      return Buffer.from(`${closed},${members.join(',')}}`)
    },
  }
}

function objectOf(member: (bucket: Bucket, at: number) => readonly [string, unknown]): string {
  return JSON.stringify(Object.fromEntries(buckets.map(member)))
}

/** From counts by state to counts by bucket; buckets that the filter leaves out have none. */
function bucketCounts(json: string, only: Bucket | null): number[] {
  const states = new Map<string, unknown>(Object.entries(JSON.parse(json)))
  return buckets.map((bucket) => {
    if (only !== null && only !== bucket) return 0
    const own = callStates.filter((state) => bucketOf(state) === bucket)
    return own.reduce((sum, state) => sum + Number(states.get(state) ?? 0), 0)
  })
}
