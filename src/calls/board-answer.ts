/** The board's answer, written as its rows arrive: never more than two batches are in memory. */
import { Readable } from 'node:stream'
import { streamRows, type RawRow } from '../db/row-stream.ts'
import type { Sql } from '../db/sql.ts'
import { callIdOf } from './board-line.ts'
import { boardPages, countsPlace, wholeBoard, type BoardQuery } from './board-store.ts'
import { bucket as bucketOf, buckets, callStates, type Bucket } from './call.ts'

const rowsPerBatch = 2_000

export type BoardAnswer = {
  /** Null: every call. */
  page: { limit: number; before: string | null; nextOf: (bucket: Bucket, lastId: string) => string } | null
  ignored: readonly string[]
}

/**
 * The JSON of the board as a stream of bytes, from one statement. It is read no faster than it is taken, and when it is
 * destroyed before its end the statement is canceled and its connection is free.
 */
export function boardStream(sql: Sql, query: BoardQuery, answer: BoardAnswer): Readable {
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

const comma = Buffer.from(',')

/** Turns rows [place of the bucket, line] into the answer's bytes. */
function createBoardWriter(query: BoardQuery, { page, ignored }: BoardAnswer) {
  const written = buckets.map(() => 0)
  const next: (string | null)[] = buckets.map(() => null)
  let lastLine: Buffer | null = null
  let place = -1
  let counted: string | null = null

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
      for (const [where, line] of rows) {
        if (where === undefined || line === undefined) continue
        const at = (where[0] ?? 0) - 48
        if (at === countsPlace) {
          counted = line === null ? null : line.toString()
          continue
        }
        if (at !== place) parts.push(heading(at))
        const bucket = buckets[at]
        const count = written[at] ?? 0
        if (page !== null && count >= page.limit && bucket !== undefined) {
          if (lastLine !== null) next[at] ??= page.nextOf(bucket, callIdOf(lastLine))
          continue
        }
        if (count > 0) parts.push(comma)
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
function bucketCounts(json: string | null, only: Bucket | null): number[] {
  const states = new Map<string, unknown>(Object.entries(JSON.parse(json ?? '{}')))
  return buckets.map((bucket) => {
    if (only !== null && only !== bucket) return 0
    const own = callStates.filter((state) => bucketOf(state) === bucket)
    return own.reduce((sum, state) => sum + Number(states.get(state) ?? 0), 0)
  })
}
