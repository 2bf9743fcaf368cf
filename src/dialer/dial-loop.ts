/**
 * Claims what may be called and asks the carrier to call it, each at its slot.
 *
 * Between a committed intent and the first byte to the carrier stands one last question: is the intent fresh, and is
 * its worker still the one in force? If not, nothing is sent and the attempt is given back. Everything the carrier
 * answers becomes a report; the loop itself changes no call.
 */
import { failpoint } from '../failpoint.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../clock.ts'
import { createLoop } from '../db/loop.ts'
import { randomToken, seededRandom } from '../random.ts'
import type { Carrier, PlaceRequest, Placement } from '../carriers/carrier.ts'
import type { ReportWriter } from '../calls/report-writer.ts'
import type { News } from '../calls/report.ts'
import type { CarrierWatch } from './carrier-watch.ts'
import { claim, type ClaimDeps, type Claimed, type Intent } from './claim.ts'
import { callProspect } from './prospect-store.ts'
import { completeRun, releaseEndedRuns, startDueRuns } from './run-store.ts'
import type { Halted } from './halted.ts'
import { claimableInMs, pauseAfterTakenMs } from './pacing.ts'
import type { Worker } from './worker.ts'

/** An intent older than this is given back instead of sent: too much may have changed since it was allowed. */
export const freshForMs = 500
/** The same, from the moment in which it was allowed: its commit may have taken long, or the process stood still. */
export const allowedForMs = 900
/** Time for a commit: slots are kept by their distance from each other, not from whatever a commit took. */
const commitLeadMs = 40
const idlePauseMs = 250
/** While everyone next in turn waits for what they will hear to be spoken. */
const soundPauseMs = 100
/** Claims are transactions over many rows: fewer and larger ones reach the same rate with a fraction of the work. */
const claimPauseMs = 60
/** As many as are surely sent while their intents are fresh, also on a busy machine. */
const mostPerClaim = 200
const housekeepingMs = 500
/** Answers that take longer than this to come are not waited for when stopping; their calls are reconciled later. */
const drainMs = 7_000

export type DialLoopDeps = ClaimDeps & {
  carrier: Carrier
  writer: ReportWriter
  watch: CarrierWatch
  worker: Worker
  clock: Clock
  log: Log
  /** The request for an intent: what is said, and where the carrier reports. */
  requestFor: (intent: Intent) => PlaceRequest
  mostInFlight: number
  halted: Halted
  /** Finishes what a stopped run left: its numbers that were not called. */
  sweepStoppedRuns: (now: Date) => Promise<number>
}

export type DialLoop = {
  start(): void
  stop(): Promise<void>
  /** Something may be there to dial. */
  wake(): void
  inFlight(): number
  /** Whether this process is asking the carrier for this call, or waits to do so, or to write down what it said. */
  isSending(callId: string): boolean
}

type Sending = { intent: Intent; workerId: number; allowedMs: number; committedMs: number; dueMs: number }

export function createDialLoop(deps: DialLoopDeps): DialLoop {
  let stopping = false
  let inFlight = 0
  let lastHousekeepingMs = 0
  let timesTaken = 0
  const random = seededRandom(randomToken(8))
  const sends = new Map<string, Promise<void>>()
  const loop = createLoop({ name: 'dialing', log: deps.log, turn })

  /** One claim and its sends. Returns how long to wait before the next. */
  async function turn(): Promise<number> {
    const now = deps.clock.now()
    if (performance.now() - lastHousekeepingMs > housekeepingMs) {
      lastHousekeepingMs = performance.now()
      await startDueRuns(deps.sql, now)
      await deps.sweepStoppedRuns(now)
      await releaseEndedRuns(deps.sql, now)
    }
    const workerId = deps.worker.current()
    if (workerId === null) return idlePauseMs
    const { sql, carrierAccountId } = deps
    const waitMs = claimableInMs(await callProspect(sql, { carrierAccountId, now }))
    if (waitMs !== 0) return Math.min(waitMs ?? idlePauseMs, idlePauseMs)
    const restMs = deps.watch.restMs()
    if (restMs > 0) return Math.min(restMs, idlePauseMs)
    const limit = Math.min(deps.watch.allowed(deps.mostInFlight) - inFlight, mostPerClaim)
    if (limit <= 0) return 20
    const claimed = await claim(deps, { workerId, now: () => deps.clock.now(), limit })
    if (claimed === null) return pauseAfterTakenMs((timesTaken += 1), random())
    timesTaken = 0
    if (claimed.intents.length > 0) failpoint('claim.committed')
    deps.writer.remember(claimed.calls)
    send(claimed, workerId)
    for (const { workspaceId, callId, reason } of claimed.dropped) {
      await deps.writer.insist({
        workspaceId,
        callId,
        source: 'dialer',
        at: now,
        news: { kind: 'dropped', reason },
      })
    }
    for (const done of claimed.exhausted)
      if (await completeRun(deps.sql, done, deps.clock.now())) failpoint('run.completed')
    if (claimed.looked === 0) return claimed.waitMs > 0 ? Math.min(claimed.waitMs, idlePauseMs) : idlePauseMs
    if (claimed.intents.length === 0 && claimed.awaitingSound > 0) return soundPauseMs
    // Numbers that were only set aside say nothing about those behind them.
    if (claimed.intents.length === 0) return claimed.setAside > 0 ? 0 : claimPauseMs
    // The next claim is made while the last slots of this one are still ahead; a full one is followed at once.
    const gapMs = claimed.intents.length === limit ? 0 : claimPauseMs
    return Math.min(Math.max(claimed.waitMs - 60, gapMs), idlePauseMs)
  }

  function send(claimed: Claimed, workerId: number): void {
    const committedMs = performance.now()
    for (const intent of claimed.intents) {
      const dueMs = claimed.allowedMs + commitLeadMs + intent.slotMs
      inFlight += 1
      const sending = place({ intent, workerId, allowedMs: claimed.allowedMs, committedMs, dueMs }).finally(
        () => {
          inFlight -= 1
          sends.delete(intent.callId)
        },
      )
      sends.set(intent.callId, sending)
    }
  }

  async function place(sending: Sending): Promise<void> {
    const { intent, workerId, allowedMs, committedMs, dueMs } = sending
    const waitMs = dueMs - performance.now()
    if (waitMs > 1) await new Promise((due) => setTimeout(due, waitMs))
    failpoint('send.due')
    const mayWrite = () => {
      const nowMs = performance.now()
      if (stopping || deps.worker.current() !== workerId || deps.watch.restMs() > 0) return false
      if (nowMs - committedMs >= freshForMs || nowMs - allowedMs >= allowedForMs) return false
      if (deps.halted.isHalted(intent, allowedMs)) return false
      failpoint('send.write')
      return true
    }
    const placement: Placement = mayWrite()
      ? await deps.carrier.place(deps.requestFor(intent), mayWrite)
      : { outcome: 'unavailable', reason: 'intent_expired', trouble: null }
    await deps.watch.learn(placement)
    failpoint('answer.learned')
    const { workspaceId, callId } = intent
    await deps.writer
      .insist({ workspaceId, callId, source: 'answer', at: deps.clock.now(), news: newsOf(placement) })
      .catch((error: unknown) =>
        deps.log.error({ err: error, callId }, 'answer not written; the call will be reconciled'),
      )
    failpoint('answer.durable')
  }

  return {
    start: loop.start,
    wake: loop.wake,
    async stop() {
      stopping = true
      await loop.stop()
      await Promise.race([
        Promise.allSettled(sends.values()),
        new Promise((enough) => setTimeout(enough, drainMs).unref()),
      ])
    },
    inFlight: () => inFlight,
    isSending: (callId) => sends.has(callId),
  }
}

function newsOf(placement: Placement): News {
  switch (placement.outcome) {
    case 'placed':
      return { kind: 'progress', sid: placement.sid, state: placement.state }
    case 'refused':
      return { kind: 'refused', reason: placement.reason }
    case 'unavailable':
      return { kind: 'unavailable', reason: placement.reason }
    case 'unknown':
      return { kind: 'unclear', reason: placement.reason }
  }
}
