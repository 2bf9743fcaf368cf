/** Reads a large result in batches, never faster than it is taken, and lets go of its connection when nobody wants it. */
import type { PendingQuery, Row } from 'postgres'
import { isConnectionFailure, type Queryable, type Sql, type Tx } from './sql.ts'

/** One row as the bytes PostgreSQL wrote, a value per column; null where the value is. */
export type RawRow = readonly Buffer[]

export type RowStream = {
  /** Composes the statement; it runs on the connection it is given. */
  statement: (connection: Queryable) => PendingQuery<Row[]>
  rowsPerBatch: number
  /** Takes one batch. The next but one is only asked for when its promise has resolved. */
  take: (rows: readonly RawRow[]) => Promise<void> | void
  /** Aborts when the rest is not wanted any more: a statement that is still computing is canceled. */
  unwanted: AbortSignal
}

/**
 * Runs one statement in a transaction of its own, so everything it reads is of one snapshot. Resolves when every row was
 * taken, or when the rest is not wanted. Rejects when the statement or `take` fails; rows may have been taken by then.
 */
export async function streamRows(sql: Sql, stream: RowStream): Promise<void> {
  const taking = takeInTurn(stream)
  try {
    // Not `reserve`: the driver loses a connection for good when the one it reserves had been cut off before.
    await sql.begin('read only', async (tx) => {
      await readAll(tx, stream, async (rows) => ((await taking.offer(rows)) ? undefined : sql.CLOSE))
    })
  } catch (error) {
    if (!stream.unwanted.aborted) throw error
  }
  await taking.finished()
}

type Offer = (rows: readonly RawRow[]) => Promise<unknown>

/**
 * When the connection breaks the driver has ended the transaction already, and whatever is still said to it (more rows, a
 * rollback) is written into a connection that is not there. Then nothing here ever answers the driver again.
 */
async function readAll(tx: Tx, stream: RowStream, offer: Offer): Promise<void> {
  const { unwanted } = stream
  if (unwanted.aborted) return
  let isBroken = false
  const query = stream.statement(tx)
  let canceled: Promise<unknown> | null = null
  const cancel = (): void => {
    // The driver resolves this when the server has closed the connection that carried the cancellation.
    canceled = Promise.resolve(query.cancel()).catch(() => {})
  }
  unwanted.addEventListener('abort', cancel, { once: true })
  try {
    await query.raw().cursor(stream.rowsPerBatch, async (rows) => {
      const answer = await offer(rows)
      return isBroken ? never() : answer
    })
  } catch (error) {
    isBroken = isConnectionFailure(error)
    if (isBroken) await never()
    throw error
  } finally {
    unwanted.removeEventListener('abort', cancel)
    // A late cancellation must not meet the next statement of this connection.
    await canceled
  }
}

/** While one batch is taken the next one is computed; no more than these two are ever held. */
function takeInTurn({ take, unwanted }: RowStream) {
  let last: Promise<void> = Promise.resolve()
  return {
    /** Resolves when the next batch may be asked for; false when it is not wanted. */
    async offer(rows: readonly RawRow[]): Promise<boolean> {
      const earlier = last
      last = earlier.then(afterOtherWork).then(() => (unwanted.aborted ? undefined : take(rows)))
      last.catch(() => {})
      await earlier
      return !unwanted.aborted
    },
    finished: () => last,
  }
}

/** Lets the driver send its request for the next batch first. */
function afterOtherWork(): Promise<void> {
  return new Promise((resume) => setImmediate(resume))
}

function never(): Promise<never> {
  return new Promise(() => {})
}
