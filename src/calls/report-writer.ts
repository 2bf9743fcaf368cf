/**
 * Writes reports: the one path by which calls change after their birth.
 *
 * Reports gather while a batch is being committed and are then written together (group commit): their calls are
 * locked in one order, folded through the state machine, and calls, history, what follows from them, totals and
 * events are committed in one transaction. A promise given for a report resolves only after that commit.
 */
import { failpoint } from '../failpoint.ts'
import type { Log } from '../log.ts'
import { isConnectionFailure, transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'
import type { Call } from './call.ts'
import { tellMoves, type Move } from './call-telling.ts'
import { advance, type Report } from './report.ts'
import * as store from './call-store.ts'

/** What follows from moved calls in the same transaction (the numbers of a campaign), and what it adds to the batch's end. */
export type Follower = (tx: Tx, moves: readonly Move[], now: Date) => Promise<WorkspaceBatch[]>

/** What became of a report. `unknown_call`: there is no such call; nothing was stored. */
export type Written = 'changed' | 'known' | 'unknown_call'

type Waiting = { report: Report; done: (written: Written) => void; failed: (error: unknown) => void }

export type ReportWriter = {
  /** Resolves after the report is durable. Rejects when it is not and never will be by this promise. */
  write(report: Report): Promise<Written>
  /**
   * Writes until it succeeds, across any absence of the database. For what nobody will tell us again. Rejects when
   * the database is there and refuses it for a minute, or when stopping.
   */
  insist(report: Report): Promise<void>
  backlog(): number
  stop(): Promise<void>
}

const batchLimit = 1_000
/**
 * One batch at a time, and a short rest after a large one: what arrives meanwhile makes the next one larger, and few
 * large batches cost the database and this process a fraction of many small ones.
 */
const busyBatch = 10
const restAfterBusyMs = 15
const insistPauseMs = 250
/** A database that answers but refuses (a full disk, a lock held too long) is given a minute. */
const insistTries = 240

export function createReportWriter(deps: {
  sql: Sql
  log: Log
  carrierAccountId: number
  followers: readonly Follower[]
}): ReportWriter {
  let waiting: Waiting[] = []
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
    running += 1
    void writeAll(batch).finally(() => {
      running -= 1
      restUntilMs = performance.now() + (batch.length >= busyBatch ? restAfterBusyMs : 0)
      if (waiting.length > 0) pumpSoon()
      else for (const wake of idle.splice(0)) wake()
    })
  }

  async function writeAll(batch: Waiting[]): Promise<void> {
    try {
      failpoint('batch.gathered')
      const written = await transaction(deps.sql, (tx) =>
        writeBatch(
          tx,
          batch.map((one) => one.report),
          deps,
        ),
      )
      failpoint('batch.committed')
      for (const [index, one] of batch.entries()) one.done(written[index] ?? 'unknown_call')
    } catch (error) {
      if (isConnectionFailure(error) || batch.length === 1) {
        if (!isConnectionFailure(error))
          deps.log.error({ err: error, callId: batch[0]?.report.callId }, 'report not written')
        for (const one of batch) one.failed(error)
        return
      }
      // One report that cannot be written must not take its neighbours with it.
      for (const one of batch) await writeAll([one])
    }
  }

  function write(report: Report): Promise<Written> {
    return new Promise((done, failed) => {
      waiting.push({ report, done, failed })
      pumpSoon()
    })
  }

  async function insist(report: Report): Promise<void> {
    let failures = 0
    for (;;) {
      try {
        await write(report)
        return
      } catch (error) {
        if (stopping || (!isConnectionFailure(error) && ++failures > insistTries)) throw error
        await new Promise((wake) => setTimeout(wake, insistPauseMs))
      }
    }
  }

  return {
    write,
    insist,
    backlog: () => waiting.length,
    async stop() {
      stopping = true
      pumpSoon()
      if (running > 0 || waiting.length > 0) await new Promise<void>((wake) => idle.push(wake))
    },
  }
}

async function writeBatch(
  tx: Tx,
  reports: readonly Report[],
  deps: { log: Log; carrierAccountId: number; followers: readonly Follower[] },
): Promise<Written[]> {
  const keys = new Map(reports.map((report) => [report.callId, report]))
  const [locked, bound] = await Promise.all([
    store.lockCalls(tx, [...keys.values()]),
    store.boundSids(tx, deps.carrierAccountId, [...new Set(reports.flatMap(sidOf))]),
  ])
  failpoint('batch.locked')
  const calls = new Map(locked.map((call) => [call.id, call]))
  const entries: store.Entry[] = []
  const strays: { key: store.CallKey; sid: string }[] = []
  const written = reports.map((given): Written => {
    const call = calls.get(given.callId)
    if (call === undefined || call.workspaceId !== given.workspaceId) return 'unknown_call'
    const report = withoutForeignSid(given, call, bound, deps.log)
    const result = advance(call, report)
    calls.set(call.id, result.call)
    const { workspaceId, callId, at, source } = report
    if (result.entry)
      entries.push({ workspaceId, callId, sequence: result.call.entries, at, source, ...result.entry })
    if (result.stray) {
      strays.push({ key: { workspaceId, callId }, sid: result.stray })
      deps.log.error(
        { callId, sid: result.stray, state: call.state },
        'the carrier runs a call that must not be there',
      )
    }
    return result.changed ? 'changed' : 'known'
  })
  const changes = locked.flatMap((before) => {
    const after = calls.get(before.id)
    return after === undefined || after === before ? [] : [{ before, after }]
  })
  await store.appendStrays(tx, strays)
  if (changes.length === 0) return written
  const now = reports[reports.length - 1]?.at ?? new Date()
  const moved = changes.filter(
    ({ before, after }) => before.state !== after.state || before.heard !== after.heard,
  )
  await Promise.all([
    store.saveCalls(
      tx,
      changes.map(({ before, after }) => ({ before: before.state, call: after })),
    ),
    store.appendEntries(tx, entries),
  ])
  failpoint('batch.saved')
  if (moved.length === 0) return written
  const consequences = tellMoves(moved)
  for (const follow of deps.followers) consequences.push(...(await follow(tx, moved, now)))
  failpoint('batch.followed')
  await closeBatch(tx, { now, workspaces: consequences })
  failpoint('batch.closed')
  return written
}

/**
 * A carrier id that already belongs to another call is never bound a second time: as the answer to a dial it is no
 * clear answer, from anywhere else it is not about this call.
 */
function withoutForeignSid(report: Report, call: Call, bound: Map<string, string>, log: Log): Report {
  const [sid] = sidOf(report)
  const owner = sid === undefined ? undefined : bound.get(sid)
  if (owner === undefined || owner === call.id) {
    if (sid !== undefined) bound.set(sid, call.id)
    return report
  }
  log.error({ callId: call.id, sid, boundTo: owner }, 'the carrier named an id that belongs to another call')
  const reason = 'sid_of_another_call'
  if (report.source === 'answer') return { ...report, news: { kind: 'unclear', reason } }
  return { ...report, news: { kind: 'foreign', reason } }
}

function sidOf(report: Report): string[] {
  const { news } = report
  return news.kind === 'progress' || news.kind === 'heard' ? [news.sid] : []
}
