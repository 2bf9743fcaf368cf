/** A bare JSON array of lines that the database wrote. Short ones are one piece; long ones are never whole in memory. */
import { Readable } from 'node:stream'
import type { PendingQuery, Row } from 'postgres'
import { streamRows, type RawRow } from '../db/row-stream.ts'
import type { Queryable, Sql } from '../db/sql.ts'

/** Up to so many rows are read at once. */
export const mostAtOnce = 500
const rowsPerBatch = 1_000

/** `rows` asks for at most `limit` rows, all of them when it is null; the first column of each is its line. */
export type LineQuery = (sql: Queryable, limit: number | null) => PendingQuery<Row[]>

/** All rows, however many. */
export async function lineArray(sql: Sql, rows: LineQuery): Promise<Buffer | Readable> {
  const first = await rows(sql, mostAtOnce + 1).raw()
  return first.length <= mostAtOnce ? joined(first) : lineStream(sql, (connection) => rows(connection, null))
}

/** Rows that were read already. */
export function joined(rows: readonly RawRow[]): Buffer {
  return Buffer.concat([open, ...separated(rows, true), close])
}

const open = Buffer.from('[')
const close = Buffer.from(']')
const comma = Buffer.from(',')

/** Of one snapshot, read no faster than it is taken; the statement is canceled when nobody wants the rest. */
function lineStream(sql: Sql, statement: (connection: Queryable) => PendingQuery<Row[]>): Readable {
  const unwanted = new AbortController()
  let wanted: (() => void) | null = null
  const wake = (): void => {
    wanted?.()
    wanted = null
  }
  let isFirst = true
  const out = new Readable({
    highWaterMark: 1,
    read: wake,
    destroy(error, done) {
      unwanted.abort()
      wake()
      done(error)
    },
  })
  streamRows(sql, {
    statement,
    rowsPerBatch,
    unwanted: unwanted.signal,
    take: (rows) => {
      if (rows.length === 0) return undefined
      const bytes = Buffer.concat([...(isFirst ? [open] : []), ...separated(rows, isFirst)])
      isFirst = false
      return out.push(bytes) ? undefined : new Promise<void>((resume) => (wanted = resume))
    },
  }).then(
    () => {
      if (unwanted.signal.aborted) return
      out.push(isFirst ? '[]' : close)
      out.push(null)
    },
    (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return out
}

function* separated(rows: readonly RawRow[], isFirst: boolean): Generator<Buffer> {
  let begins = isFirst
  for (const [line] of rows) {
    if (line === undefined) continue
    if (!begins) yield comma
    begins = false
    yield line
  }
}
