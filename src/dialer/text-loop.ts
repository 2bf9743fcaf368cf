/**
 * Claims what may be texted and asks the carrier to send it, each at its slot. Like calls: between a committed intent and
 * the first byte stands one last question, and everything the carrier answers becomes a report.
 */
import type { Log } from '../log.ts'
import type { Clock } from '../clock.ts'
import { createLoop } from '../db/loop.ts'
import { randomToken, seededRandom } from '../random.ts'
import type { Carrier, TextPlacement } from '../carriers/carrier.ts'
import type { TextNews } from '../messages/text-report.ts'
import type { TextWriter } from '../messages/text-writer.ts'
import type { CarrierWatch } from './carrier-watch.ts'
import type { Halted } from './halted.ts'
import { claimableInMs, pauseAfterTakenMs } from './pacing.ts'
import { claimTexts, type TextClaimDeps, type TextIntent, type TextsClaimed } from './text-claim.ts'
import { completeRun } from './run-store.ts'
import { textProspect } from './prospect-store.ts'
import type { Worker } from './worker.ts'

/** An intent older than this is given back instead of sent: too much may have changed since it was allowed. */
const freshForMs = 400
/** The same, from the moment in which it was allowed: a STOP that came after it holds within a second. */
const allowedForMs = 700
const idlePauseMs = 250
const claimPauseMs = 30
const mostPerClaim = 200
/** Connections that only urgent texts may use. */
const keptForUrgent = 10
/** Answers that take longer than this to come are not waited for when stopping; their texts are reconciled later. */
const drainMs = 7_000

export type TextLoopDeps = TextClaimDeps & {
  carrier: Carrier
  writer: TextWriter
  watch: CarrierWatch
  worker: Worker
  clock: Clock
  log: Log
  statusCallbackUrl: (text: { workspaceId: number; textId: string }) => string
  mostInFlight: number
  halted: Halted
}

export type TextLoop = {
  start(): void
  stop(): Promise<void>
  /** Something may be there to send. */
  wake(): void
  inFlight(): number
  /** Whether this process is asking the carrier for this text, or waits to do so, or to write down what it said. */
  isSending(textId: string): boolean
}

export function createTextLoop(deps: TextLoopDeps): TextLoop {
  let stopping = false
  let timesTaken = 0
  const random = seededRandom(randomToken(8))
  const sends = new Map<string, Promise<void>>()
  const loop = createLoop({ name: 'texting', log: deps.log, turn })

  /** One claim and its sends. Returns how long to wait before the next. */
  async function turn(): Promise<number> {
    const now = deps.clock.now()
    const workerId = deps.worker.current()
    if (workerId === null) return idlePauseMs
    const { sql, carrierAccountId } = deps
    const waitMs = claimableInMs(await textProspect(sql, { carrierAccountId, now }))
    if (waitMs !== 0) return Math.min(waitMs ?? idlePauseMs, idlePauseMs)
    const restMs = deps.watch.restMs()
    if (restMs > 0) return Math.min(restMs, idlePauseMs)
    const free = deps.watch.allowed(deps.mostInFlight) - sends.size
    const urgentLimit = Math.min(free, mostPerClaim)
    const limit = Math.min(deps.watch.isProven() ? free - keptForUrgent : free, mostPerClaim)
    if (urgentLimit <= 0) return 20
    const claimed = await claimTexts(deps, {
      workerId,
      now: () => deps.clock.now(),
      limit: Math.max(0, limit),
      urgentLimit,
    })
    if (claimed === null) return pauseAfterTakenMs((timesTaken += 1), random())
    timesTaken = 0
    send(claimed, workerId)
    for (const { workspaceId, textId, reason } of claimed.dropped) {
      await deps.writer.insist({
        workspaceId,
        textId,
        source: 'dialer',
        at: now,
        news: { kind: 'dropped', reason },
      })
    }
    for (const done of claimed.exhausted) await completeRun(deps.sql, done, deps.clock.now())
    if (claimed.looked === 0) return Math.min(claimed.waitMs > 0 ? claimed.waitMs : idlePauseMs, idlePauseMs)
    if (claimed.intents.length === 0) return claimed.setAside > 0 ? 0 : claimPauseMs
    return Math.min(Math.max(claimed.waitMs - claimPauseMs, claimPauseMs), idlePauseMs)
  }

  function send(claimed: TextsClaimed, workerId: number): void {
    const committedMs = performance.now()
    for (const intent of claimed.intents) {
      const dueMs = claimed.allowedMs + intent.slotMs
      const mayWrite = () => {
        const nowMs = performance.now()
        if (stopping || deps.worker.current() !== workerId || deps.watch.restMs() > 0) return false
        if (nowMs - committedMs >= freshForMs || nowMs - claimed.allowedMs >= allowedForMs) return false
        return !deps.halted.isHalted(intent, claimed.allowedMs)
      }
      sends.set(
        intent.textId,
        sendOne(intent, dueMs, mayWrite).finally(() => sends.delete(intent.textId)),
      )
    }
  }

  async function sendOne(intent: TextIntent, dueMs: number, mayWrite: () => boolean): Promise<void> {
    const waitMs = dueMs - performance.now()
    if (waitMs > 1) await new Promise((due) => setTimeout(due, waitMs))
    const { workspaceId, textId, to, from, body } = intent
    const request = { to, from, body, statusCallbackUrl: deps.statusCallbackUrl(intent) }
    const placement: TextPlacement = mayWrite()
      ? await deps.carrier.sendText(request, mayWrite)
      : { outcome: 'unavailable', reason: 'intent_expired', trouble: null }
    await deps.watch.learn(placement)
    await deps.writer
      .insist({ workspaceId, textId, source: 'answer', at: deps.clock.now(), news: newsOf(placement) })
      .catch((error: unknown) =>
        deps.log.error({ err: error, textId }, 'answer not written; the text will be reconciled'),
      )
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
    inFlight: () => sends.size,
    isSending: (textId) => sends.has(textId),
  }
}

function newsOf(placement: TextPlacement): TextNews {
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
