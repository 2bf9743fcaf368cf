/**
 * Finds out what became of calls nobody reports on: attempts of processes that are gone, unclear answers, lost
 * webhooks, calls that somebody wants ended. What it learns goes through the same report writer as everything else.
 */
import { failpoint } from '../failpoint.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../clock.ts'
import { createLoop } from '../db/loop.ts'
import type { Sql } from '../db/sql.ts'
import type { Carrier, CarrierCall } from '../carriers/carrier.ts'
import { isSameNumber } from '../carriers/twilio-answers.ts'
import { atMost, createCarrierQuestions } from './carrier-questions.ts'
import type { News, Source } from '../calls/report.ts'
import type { ReportWriter } from '../calls/report-writer.ts'
import {
  ownCall,
  patienceWithin,
  silenceDue,
  unknownLook,
  watchOf,
  type Patience,
  type Watch,
} from './reconcile.ts'
import * as store from './reconcile-store.ts'
import type { Worker } from './worker.ts'

export type ReconcileDeps = {
  sql: Sql
  carrierAccountId: number
  carrier: Carrier
  writer: ReportWriter
  worker: Worker
  clock: Clock
  log: Log
  unknownAfterMs: number
  /** Whether a workspace keeps attempts that cannot be found for a person to decide. */
  holdsUnknown: (settings: unknown) => boolean
  /** Whether this process is at work on an attempt: then its answer is still to come. */
  isSending: (callId: string) => boolean
  patience?: Patience
}

export type ReconcileLoop = { start(): void; stop(): Promise<void>; runOnce(): Promise<void> }

const everyMs = 500
const looksAtOnce = 16
/** A call the carrier does not know under its own id is looked for in the list after this many misses. */
const missesBeforeList = 2
const missesBeforeLost = 5
const perTick = 2_000

export function createReconcileLoop(deps: ReconcileDeps): ReconcileLoop {
  const patience = deps.patience ?? patienceWithin(deps.unknownAfterMs)
  const watches = new Map<string, Watch>()
  const questions = createCarrierQuestions(deps.log)
  let stopping = false
  const loop = createLoop({
    name: 'reconciliation of calls',
    log: deps.log,
    turn: () => runOnce().then(() => everyMs),
  })

  async function runOnce(): Promise<void> {
    const workerId = deps.worker.current()
    const gone = await store.settleGoneWorkers(deps.sql, workerId)
    if (gone.length > 0) deps.log.info({ workers: gone }, 'workers are gone; their calls are looked after')
    const orphans = await store.orphanedIntents(deps.sql, deps.carrierAccountId)
    if (orphans.length > 0) failpoint('orphan.found')
    await Promise.all(orphans.map((key) => tell(key, 'dialer', { kind: 'unclear', reason: 'process_gone' })))
    if (workerId === null) return
    questions.begin()
    const query = {
      carrierAccountId: deps.carrierAccountId,
      workerId,
      silentMs: Math.min(patience.shortestSilenceMs, patience.unsentAfterMs),
      limit: perTick,
    }
    const calls = await store.callsToLookAt(deps.sql, query)
    forgetAllBut(new Set(calls.map((call) => call.callId)))
    await atMost(looksAtOnce, calls, lookAt)
    await atMost(looksAtOnce, await store.straysToEnd(deps.sql), (stray) =>
      questions.ask(async () => {
        await deps.carrier.endCall(stray.sid)
        failpoint('stray.ended')
        await store.markStrayEnded(deps.sql, stray)
      }),
    )
  }

  async function lookAt(call: store.OpenCall): Promise<void> {
    if (stopping) return
    const nowMs = performance.now()
    const watch = watchOf(watches.get(call.callId), call.state, nowMs)
    watches.set(call.callId, watch)
    if (call.state === 'placing') return lookAtUnsent(call)
    if (call.state === 'unknown') return lookForUnknown(call, watch, nowMs)
    if (call.sid === null) return
    if (call.hangUp && nowMs - watch.lastLookMs >= 2_000) {
      watch.lastLookMs = nowMs
      await questions.ask(() => deps.carrier.endCall(call.sid ?? ''))
      return fetchCall(call, watch)
    }
    if (!silenceDue(call, watch, nowMs, patience)) return
    watch.lastLookMs = nowMs
    await fetchCall(call, watch)
  }

  /**
   * An attempt of this very process that it knows nothing of: the claim was committed, but the answer to the commit was
   * lost; or the carrier's answer could not be written. Whether a request went out can no longer be told.
   */
  async function lookAtUnsent(call: store.OpenCall): Promise<void> {
    if (call.silentMs < patience.unsentAfterMs || deps.isSending(call.callId)) return
    await tell(call, 'dialer', { kind: 'unclear', reason: 'answer_lost' })
  }

  async function lookForUnknown(call: store.OpenCall, watch: Watch, nowMs: number): Promise<void> {
    const { due, last } = unknownLook(watch, nowMs, {
      lookAfterMs: patience.lookAfterMs,
      unknownAfterMs: deps.unknownAfterMs,
    })
    if (!due) return
    watch.lastLookMs = nowMs
    await questions.ask(async () => {
      const found = await findInList(call)
      failpoint('unknown.looked')
      watch.looks += 1
      if (found) return tell(call, 'list', progressOf(found))
      if (last) failpoint('unknown.absent')
      if (last) await tell(call, 'list', { kind: 'absent', hold: deps.holdsUnknown(call.settings) })
    })
  }

  async function fetchCall(call: store.OpenCall, watch: Watch): Promise<void> {
    await questions.ask(async () => {
      const known = await deps.carrier.fetchCall(call.sid ?? '')
      failpoint('silent.fetched')
      watch.looks += 1
      // A call to somebody else has the id of a wrong answer.
      if (known && isSameNumber(known.to, call.to) && isSameNumber(known.from, call.from)) {
        watch.misses = 0
        return tell(call, 'poll', progressOf(known))
      }
      watch.misses += 1
      if (watch.misses < missesBeforeList) return
      // The id may have been a wrong answer; the call itself is then in the list under its own.
      const found = await findInList(call)
      if (found) return tell(call, 'list', progressOf(found))
      if (watch.misses < missesBeforeLost) return
      deps.log.error({ callId: call.callId, sid: call.sid }, 'the carrier does not know a call it accepted')
      await tell(call, 'poll', {
        kind: 'progress',
        sid: call.sid ?? '',
        state: 'failed',
        reason: 'unknown_to_carrier',
      })
    })
  }

  async function findInList(call: store.OpenCall): Promise<CarrierCall | null> {
    const found = await deps.carrier.findCalls({
      to: call.to,
      from: call.from,
      parentSid: call.parentSid,
      nowMs: deps.clock.wall().getTime(),
    })
    const sids = found.calls.map((one) => one.sid)
    const bound = await store.boundBetween(deps.sql, deps.carrierAccountId, {
      to: call.to,
      from: call.from,
      sids,
    })
    const { own, others } = ownCall(call, found, bound)
    for (const other of others) {
      deps.log.error(
        { callId: call.callId, sid: other.sid },
        'a second call at the carrier between the same numbers',
      )
    }
    return own
  }

  async function tell(
    key: { workspaceId: number; callId: string },
    source: Source,
    news: News,
  ): Promise<void> {
    const { workspaceId, callId } = key
    await deps.writer.write({ workspaceId, callId, source, at: deps.clock.now(), news })
  }

  function forgetAllBut(kept: ReadonlySet<string>): void {
    for (const callId of watches.keys()) if (!kept.has(callId)) watches.delete(callId)
  }

  return {
    start: loop.start,
    async stop() {
      stopping = true
      await loop.stop()
    },
    runOnce,
  }
}

function progressOf(call: CarrierCall): News {
  const news: News = { kind: 'progress', sid: call.sid, state: call.state }
  return call.duration === null ? news : { ...news, duration: call.duration }
}
