/**
 * What can be learned about a call, and what a call becomes by it. Pure.
 *
 * Every change of a call after its birth is a report: the carrier's answer to the dial, a webhook, a fetch, the
 * carrier's list, or a person's word. `advance` is the only place where a call moves.
 */
import { isFinal, isOpen, mayMove, type Call, type CallState } from './call.ts'
import { isMachine } from './voice-options.ts'

/** A state in which the carrier itself can report a call. */
export type CarrierState =
  'initiated' | 'ringing' | 'in_progress' | 'completed' | 'busy' | 'no_answer' | 'failed' | 'canceled'

export type News =
  /** The carrier has the call under this id. `duration`: seconds talked, when it says. */
  | {
      kind: 'progress'
      sid: string
      state: CarrierState
      duration?: number
      reason?: string
      carrierSequence?: number
      answeredBy?: string
    }
  /** The carrier dialed nobody and never will: the attempt is used up. */
  | { kind: 'refused'; reason: string }
  /** The carrier dialed nobody this time: the attempt is given back. */
  | { kind: 'unavailable'; reason: string }
  /** The request was written and no clear answer came: the phone may be ringing. */
  | { kind: 'unclear'; reason: string }
  /** Looked for everywhere, for long enough, and not there. `hold`: a person decides. */
  | { kind: 'absent'; hold: boolean }
  /** The last verb of the message was reached. */
  | { kind: 'heard'; sid: string }
  /** The carrier found out who answered. `hangUp`: a machine is not talked to. */
  | { kind: 'answered_by'; sid: string; by: string; hangUp: boolean }
  /** A key was pressed. */
  | { kind: 'pressed'; sid: string; digits: string }
  | { kind: 'recorded'; sid: string; recordingSid: string; seconds: number }
  /** The carrier keeps it no longer. */
  | { kind: 'recording_deleted' }
  /** Somebody wants it ended. */
  | { kind: 'hang_up'; reason: string }
  /** It named a carrier id that belongs to another call. */
  | { kind: 'foreign'; reason: string }
  /** It waited and may never be dialed (do-not-call, unreadable number). */
  | { kind: 'dropped'; reason: string }

export type Source = 'dialer' | 'answer' | 'webhook' | 'poll' | 'list' | 'person'
export type Report = { workspaceId: number; callId: string; source: Source; at: Date; news: News }

export type Advance = {
  call: Call
  changed: boolean
  /** Null when the history is full (repeats beyond the limit are not kept). */
  entry: { kind: string; state: CallState; detail: Record<string, unknown> | null } | null
  /** A call at the carrier that is not ours to keep: a second one for this attempt, or one that came too late. */
  stray: string | null
}

/** Repeats of what is known are kept up to this many history entries, so that replays cannot fill the disk. */
export const maxEntries = 40
/** A message of carrier speech counts as heard when the talk lasted its estimated length, less this. */
const heardToleranceSeconds = 1

/** Why we ended a call that a machine had answered. */
export const machineReason = 'answering_machine'

/** Moves a call by one report. A late, repeated or illegal report changes nothing but the history. */
export function advance(before: Call, report: Report): Advance {
  const step = stepOf(before, report)
  const changed = step.changes !== null
  const asked = report.source === 'poll' || report.source === 'list'
  // An answer to our own question that brings nothing new is not history; neither is the hundredth repeat.
  if (!changed && (asked || before.entries >= maxEntries))
    return { call: before, changed, entry: null, stray: step.stray }
  const call: Call = Object.assign({ ...before }, step.changes)
  call.entries += 1
  const detail = changed ? step.detail : { ...step.detail, ignored: true }
  const isSilent = Object.keys(detail).length === 0
  return {
    call,
    changed,
    entry: { kind: report.news.kind, state: call.state, detail: isSilent ? null : detail },
    stray: step.stray,
  }
}

type Step = { changes: Partial<Call> | null; detail: Record<string, unknown>; stray: string | null }

function stepOf(call: Call, { news, at, source }: Report): Step {
  switch (news.kind) {
    case 'progress':
      return progress(call, news, { at, source })
    case 'refused':
      return call.carrierSid ? nothing({ reason: news.reason }) : move(call, 'failed', at, news.reason)
    case 'unavailable':
      return call.carrierSid ? nothing({ reason: news.reason }) : move(call, 'not_placed', at, news.reason)
    case 'unclear':
      return move(call, 'unknown', at, news.reason)
    case 'absent':
      return move(call, news.hold ? 'held' : 'not_placed', at, 'not_at_carrier')
    case 'heard':
      return heard(call, news.sid, { at, source })
    case 'answered_by':
    case 'pressed':
      return onTheLine(call, news, { at, source })
    case 'recorded':
      return recorded(call, news)
    case 'recording_deleted':
      return call.recording === null || call.recording.deleted
        ? nothing({})
        : { changes: { recording: { ...call.recording, deleted: true } }, detail: {}, stray: null }
    case 'hang_up':
      if (call.state === 'queued') return move(call, 'canceled', at, news.reason)
      if (!isOpen(call.state) || call.hangUp) return nothing({ reason: news.reason })
      return { changes: { hangUp: true }, detail: { reason: news.reason }, stray: null }
    case 'foreign':
      return nothing({ reason: news.reason })
    case 'dropped':
      return call.state === 'queued'
        ? move(call, 'canceled', at, news.reason)
        : nothing({ reason: news.reason })
  }
}

type Progress = Extract<News, { kind: 'progress' }>

function progress(call: Call, news: Progress, { at, source }: { at: Date; source: Source }): Step {
  const detail = progressDetail(news)
  // There was one request, and the carrier named its call by itself: the id in a late answer is a wrong one. Were there
  // a call of that id for this attempt, it would report itself.
  if (source === 'answer' && call.sidConfirmed && call.carrierSid !== news.sid) return nothing(detail)
  if (isMisplaced(call, news.sid)) return strayStep(news.sid, news.state)
  const changes: Partial<Call> = {}
  if (call.carrierSid !== news.sid && (isOpen(call.state) || call.state === 'held'))
    changes.carrierSid = news.sid
  if (source !== 'answer' && !call.sidConfirmed) changes.sidConfirmed = true
  if (news.answeredBy !== undefined && call.answeredBy === null) changes.answeredBy = news.answeredBy
  if (mayMove(call.state, news.state)) {
    changes.state = news.state
    changes.reason = null
    if (news.state === 'in_progress') changes.startedAt = at
    if (isFinal(news.state)) Object.assign(changes, endChanges(call, news, at))
  }
  return { changes: Object.keys(changes).length > 0 ? changes : null, detail, stray: null }
}

/** Who heard the message to its end has answered, whatever else was lost on the way. */
function heard(call: Call, sid: string, how: { at: Date; source: Source }): Step {
  const step = progress(call, { kind: 'progress', sid, state: 'in_progress' }, how)
  if (step.stray !== null || call.heard)
    return { ...step, detail: step.changes === null ? step.detail : { sid } }
  return { changes: { ...step.changes, ...heardChanges(call) }, detail: { sid }, stray: null }
}

type OnTheLine = Extract<News, { kind: 'answered_by' | 'pressed' }>

/** Where a machine was found or a key was pressed, somebody has answered, whatever else was lost on the way. */
function onTheLine(call: Call, news: OnTheLine, how: { at: Date; source: Source }): Step {
  const step = progress(call, { kind: 'progress', sid: news.sid, state: 'in_progress' }, how)
  const detail = news.kind === 'pressed' ? { digits: news.digits } : { answered_by: news.by }
  if (step.stray !== null) return { ...step, detail }
  const more = news.kind === 'pressed' ? keyChanges(call, news.digits) : machineChanges(call, news)
  if (step.changes === null && more === null) return nothing(detail)
  return { changes: { ...step.changes, ...more }, detail, stray: null }
}

/** A key that was pressed twice says nothing new, so that a repeated webhook changes nothing. */
function keyChanges({ pressed }: Call, digits: string): Partial<Call> | null {
  const fresh = [...new Set(digits)].filter((key) => !pressed?.includes(key))
  return fresh.length === 0 ? null : { pressed: (pressed ?? '') + fresh.join('') }
}

function machineChanges(call: Call, news: Extract<News, { kind: 'answered_by' }>): Partial<Call> | null {
  if (call.answeredBy !== null) return null
  const ends = news.hangUp && isMachine(news.by) && !isFinal(call.state)
  return { answeredBy: news.by, ...(ends ? { hangUp: true, reason: machineReason } : {}) }
}

function recorded(call: Call, news: Extract<News, { kind: 'recorded' }>): Step {
  const detail = { recording: news.recordingSid, seconds: news.seconds }
  if (call.recording !== null || call.carrierSid !== news.sid) return nothing(detail)
  const recording = { sid: news.recordingSid, seconds: news.seconds, deleted: false }
  return { changes: { recording }, detail, stray: null }
}

/**
 * Whether the carrier runs a call under a reference of ours that must not be there: it has another id than the one that
 * is confirmed, or its attempt is over and was never known to be at the carrier. It is named so that it can be ended,
 * and never replaces what is known. An id that only the first answer gave, and nothing since, was a wrong answer: while
 * the call is open, the new one takes its place.
 */
function isMisplaced(call: Call, sid: string): boolean {
  const takesId = !isFinal(call.state) || call.state === 'held'
  if (call.carrierSid === null) return !takesId
  return call.carrierSid !== sid && (call.sidConfirmed || !takesId)
}

function progressDetail(news: Progress): Record<string, unknown> {
  const detail: Record<string, unknown> = { status: news.state, sid: news.sid }
  if (news.duration !== undefined) detail.duration = news.duration
  if (news.reason !== undefined) detail.reason = news.reason
  if (news.carrierSequence !== undefined) detail.sequence = news.carrierSequence
  if (news.answeredBy !== undefined) detail.answered_by = news.answeredBy
  return detail
}

function endChanges(call: Call, news: Progress, at: Date): Partial<Call> {
  const answered = news.state === 'completed' || call.startedAt !== null
  const duration = answered ? Math.max(0, Math.round(news.duration ?? sinceSeconds(call.startedAt, at))) : 0
  const kept = call.reason === machineReason ? machineReason : null
  const ended: Partial<Call> = { endedAt: at, duration, hangUp: false, reason: news.reason ?? kept }
  if (answered && call.startedAt === null) ended.startedAt = new Date(at.getTime() - duration * 1000)
  const wasHeard = call.heard || (duration > 0 && duration >= call.messageSeconds - heardToleranceSeconds)
  if (news.state === 'completed') {
    ended.heard = wasHeard
    ended.playback = wasHeard ? Math.max(call.messageSeconds, 0) : Math.min(duration, call.messageSeconds)
  }
  return ended
}

function heardChanges(call: Call): Partial<Call> {
  return call.state === 'completed' ? { heard: true, playback: call.messageSeconds } : { heard: true }
}

function move(call: Call, to: CallState, at: Date, reason: string): Step {
  if (!mayMove(call.state, to)) return nothing({ reason })
  const ended: Partial<Call> = isFinal(to) ? { endedAt: at, hangUp: false } : {}
  return { changes: { state: to, reason, ...ended }, detail: { reason }, stray: null }
}

function strayStep(sid: string, status: string): Step {
  return { changes: null, detail: { status, sid, stray: true }, stray: isEnding(status) ? null : sid }
}

function isEnding(status: string): boolean {
  return ['completed', 'busy', 'no_answer', 'failed', 'canceled'].includes(status)
}

function nothing(detail: Record<string, unknown>): Step {
  return { changes: null, detail, stray: null }
}

function sinceSeconds(from: Date | null, to: Date): number {
  return from === null ? 0 : (to.getTime() - from.getTime()) / 1000
}
