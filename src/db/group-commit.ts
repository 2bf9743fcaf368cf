/**
 * Writes what arrives singly in transactions of many: items gather while a batch is being committed and are then written
 * together. A promise given for an item resolves only after the commit of its batch.
 */
import { AppError } from '../errors.ts'
import { failpoint } from '../failpoint.ts'
import type { Log } from '../log.ts'
import { isConnectionFailure, transaction, type Sql, type Tx } from './sql.ts'

export type GroupCommit<Item, Result> = {
  /** Resolves after the item is durable. Rejects when it is not and never will be by this promise. */
  write(item: Item): Promise<Result>
  /**
   * The same for somebody who can be told to come back: rejects with `overloaded` when it takes longer than 1.5 s. The item
   * is written all the same.
   */
  writeSoon(item: Item): Promise<Result>
  /**
   * Writes until it succeeds, across any absence of the database. For what nobody will tell us again. Rejects when
   * the database is there and refuses it for a minute, or when stopping.
   */
  insist(item: Item): Promise<void>
  backlog(): number
  stop(): Promise<void>
}

const batchLimit = 1_000
/** One batch at a time, and a short rest after a large one: few large batches cost a fraction of many small ones. */
const busyBatch = 10
const restAfterBusyMs = 15
/** A carrier is told to come back rather than kept waiting longer than this. */
export const durableWithinMs = 1_500
const lookForLateMs = 100
const insistPauseMs = 250
/** A database that answers but refuses (a full disk, a lock held too long) is given a minute. */
const insistTries = 240

export function createGroupCommit<Item, Result>(deps: {
  sql: Sql
  log: Log
  /** One result for each item, in order. */
  writeBatch: (tx: Tx, items: readonly Item[]) => Promise<Result[]>
  /** What a log says about an item that could not be written. */
  about: (item: Item) => Record<string, unknown>
  /** Told of every batch, before its promises are settled: whether what was written last is committed. */
  settled?: (items: readonly Item[], isCommitted: boolean) => void
}): GroupCommit<Item, Result> {
  type Waiting = {
    item: Item
    lateAtMs: number
    done: (result: Result) => void
    failed: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let writing: Waiting[] = []
  let looksForLate = false
  let running = 0
  let scheduled = false
  let restUntilMs = 0
  let stopping = false
  const idle: (() => void)[] = []

  /** Writes what waits: at once when little is going on, after a rest when the last batch was large. */
  function pumpSoon(): void {
    if (running > 0 || scheduled || waiting.length === 0) return
    scheduled = true
    const restMs = stopping || waiting.length >= batchLimit ? 0 : restUntilMs - performance.now()
    if (restMs > 0) setTimeout(pump, restMs)
    else setImmediate(pump)
  }

  function pump(): void {
    scheduled = false
    const batch = waiting.slice(0, batchLimit)
    waiting = waiting.slice(batchLimit)
    writing = batch
    running += 1
    void writeAll(batch).finally(() => {
      running -= 1
      restUntilMs = performance.now() + (batch.length >= busyBatch ? restAfterBusyMs : 0)
      if (waiting.length > 0) pumpSoon()
      else for (const wake of idle.splice(0)) wake()
    })
  }

  async function writeAll(batch: Waiting[]): Promise<void> {
    const items = batch.map((one) => one.item)
    try {
      failpoint('batch.gathered')
      const results = await transaction(deps.sql, (tx) => deps.writeBatch(tx, items))
      failpoint('batch.committed')
      deps.settled?.(items, true)
      for (const [index, one] of batch.entries()) one.done(results[index] as Result)
    } catch (error) {
      deps.settled?.(items, false)
      const [first] = batch
      if (isConnectionFailure(error) || batch.length === 1) {
        if (!isConnectionFailure(error) && first)
          deps.log.error({ err: error, ...deps.about(first.item) }, 'report not written')
        for (const one of batch) one.failed(error)
        return
      }
      // One item that cannot be written must not take its neighbours with it.
      for (const one of batch) await writeAll([one])
    }
  }

  function write(item: Item, lateAtMs = Infinity): Promise<Result> {
    return new Promise((done, failed) => {
      waiting.push({ item, lateAtMs, done, failed })
      pumpSoon()
    })
  }

  function writeSoon(item: Item): Promise<Result> {
    if (!looksForLate) {
      looksForLate = true
      setTimeout(tellLate, lookForLateMs)
    }
    return write(item, performance.now() + durableWithinMs)
  }

  /** Looking at everybody now and then is cheaper than a timer for each. */
  function tellLate(): void {
    const nowMs = performance.now()
    looksForLate = running > 0 || waiting.length > 0
    if (!looksForLate) return
    for (const one of [...writing, ...waiting]) {
      if (one.lateAtMs > nowMs) continue
      one.lateAtMs = Infinity
      one.failed(overloaded())
    }
    setTimeout(tellLate, lookForLateMs)
  }

  async function insist(item: Item): Promise<void> {
    let failures = 0
    for (;;) {
      try {
        await write(item)
        return
      } catch (error) {
        if (stopping || (!isConnectionFailure(error) && ++failures > insistTries)) throw error
        await new Promise((wake) => setTimeout(wake, insistPauseMs))
      }
    }
  }

  return {
    write: (item) => write(item),
    writeSoon,
    insist,
    backlog: () => waiting.length,
    async stop() {
      stopping = true
      pumpSoon()
      if (running > 0 || waiting.length > 0) await new Promise<void>((wake) => idle.push(wake))
    },
  }
}

export function overloaded(): AppError {
  return new AppError('unavailable', 'overloaded', 'Too much is waiting to be written. Send this again.', {
    retryAfterSeconds: 2,
  })
}
