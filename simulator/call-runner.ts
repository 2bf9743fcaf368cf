/** Drives each call through its life: sets the timers, writes the ledger, sends the callbacks. */
import { isFinal, type Call } from './call.ts'
import { afterDialing, afterRinging, reportedDuration, type Ending } from './call-life.ts'
import { report } from './callbacks.ts'
import { letGo } from './dial.ts'
import { detectBeside } from './machine-detection.ts'
import { keepRecording } from './recordings.ts'
import { converse, startTalk, type Runner } from './talk.ts'
import type { Workshop } from './workshop.ts'

/** How talks begin and end calls. */
export const runner: Runner = {
  finish: finishCall,
  begin: (shop, call) => {
    initiate(shop, call, () => undefined)
  },
}

/**
 * Starts the life of a call that is already in the ledger. `initiated` is called when the callback of that
 * name has been delivered, was given up, or was not asked for.
 */
export function beginCall(shop: Workshop, call: Call, initiated: () => void = () => undefined): void {
  const waitMs = shop.reserveLine()
  if (waitMs <= 0) return initiate(shop, call, initiated)
  call.queueMs = waitMs
  shop.ledger.append({ event: 'queued', sid: call.sid, waitMs: Math.round(waitMs) })
  schedule(shop, call, waitMs, () => {
    initiate(shop, call, initiated)
  })
}

/** Carries on with a call that was in flight when the carrier stopped; its phone did not stop ringing. */
export function resumeCall(shop: Workshop, call: Call): void {
  const idleMs = shop.clock.now().getTime() - call.updatedAt
  switch (call.status) {
    case 'queued':
      if (call.parentSid === null) beginCall(shop, call)
      else runner.begin(shop, call)
      return
    case 'initiated':
      dial(shop, call, idleMs)
      return
    case 'ringing':
      ring(shop, call, idleMs)
      return
    case 'in-progress':
      talk(shop, call)
      return
    default:
  }
}

/** Ends a call now, whatever it was doing. Does nothing when it has ended already. */
export function finishCall(shop: Workshop, call: Call, ending: Ending): void {
  const life = call.live
  if (!life || isFinal(call.status)) return
  life.cancelTimer()
  life.cancelDetection()
  life.turn += 1
  const now = shop.clock.now().getTime()
  call.status = ending.status
  call.updatedAt = now
  call.endedAt = now
  call.durationSeconds = ending.status === 'completed' ? reportedDuration(life.talkedSeconds) : 0
  shop.ledger.append(
    {
      event: 'ended',
      sid: call.sid,
      status: ending.status,
      durationSeconds: call.durationSeconds,
      reason: ending.reason,
      sipResponseCode: ending.sipResponseCode,
      ...(ending.errorCode === null ? {} : { errorCode: ending.errorCode }),
    },
    () => {
      report(shop, call, { event: 'completed', status: ending.status, ending })
      keepRecording(shop, call, life.request)
      call.live = null
    },
  )
  shop.book.ended()
  letGo({ shop, call, life, runner })
  life.onEnd?.()
}

function initiate(shop: Workshop, call: Call, initiated: () => void): void {
  const now = shop.clock.now().getTime()
  call.startedAt = now
  call.updatedAt = now
  call.status = 'initiated'
  shop.ledger.append({ event: 'initiated', sid: call.sid }, () => {
    report(shop, call, { event: 'initiated', status: 'initiated' }, initiated)
  })
  dial(shop, call, 0)
}

function dial(shop: Workshop, call: Call, idleMs: number): void {
  if (!call.live) return
  const after = afterDialing(call.live.plan)
  schedule(shop, call, compressed(shop, after.afterSeconds) - idleMs, () => {
    if (after.next !== 'ringing') return finishCall(shop, call, after.next)
    call.status = 'ringing'
    call.updatedAt = shop.clock.now().getTime()
    shop.ledger.append({ event: 'ringing', sid: call.sid }, () => {
      report(shop, call, { event: 'ringing', status: 'ringing' })
    })
    ring(shop, call, 0)
  })
}

function ring(shop: Workshop, call: Call, idleMs: number): void {
  if (!call.live) return
  const after = afterRinging(call.live.plan, call.live.request.ringTimeoutSeconds)
  schedule(shop, call, compressed(shop, after.afterSeconds) - idleMs, () => {
    if (after.next !== 'answered') return finishCall(shop, call, after.next)
    answer(shop, call)
  })
}

function answer(shop: Workshop, call: Call): void {
  if (!call.live) return
  const now = shop.clock.now().getTime()
  const { plan } = call.live
  call.answeredAt = now
  call.updatedAt = now
  call.status = 'in-progress'
  shop.ledger.append({ event: 'answered', sid: call.sid, by: plan.answeredBy }, () => {
    report(shop, call, { event: 'answered', status: 'in-progress' })
  })
  talk(shop, call)
}

function talk(shop: Workshop, call: Call): void {
  if (call.parentSid !== null) return converse(shop, call, runner)
  detectBeside(shop, call)
  startTalk(shop, call, runner)
}

function schedule(shop: Workshop, call: Call, delayMs: number, action: () => void): void {
  if (!call.live) return
  call.live.cancelTimer = shop.timers.after(Math.max(0, delayMs), () => {
    if (!isFinal(call.status)) action()
  })
}

function compressed(shop: Workshop, seconds: number): number {
  return (seconds * 1000) / shop.speed
}
