/**
 * What can be learned about a text, and what a text becomes by it. Pure.
 *
 * Every change of a text after its intent is a report: the carrier's answer, a webhook, a fetch, the carrier's list, or a
 * person's word. `advanceText` is the only place where a text moves.
 */
import type { CarrierTextState } from '../carriers/carrier.ts'
import { isFinalText, isLiveText, isUndecidedText, mayMoveText, type Text, type TextState } from './text.ts'

export type TextNews =
  /** The carrier has the text under this id. */
  | { kind: 'progress'; sid: string; state: CarrierTextState; reason?: string }
  /** The carrier sent nothing and never will: the attempt is used up. */
  | { kind: 'refused'; reason: string }
  /** The carrier sent nothing this time: the attempt is given back. */
  | { kind: 'unavailable'; reason: string }
  /** The request was written and no clear answer came: the text may be on its way. */
  | { kind: 'unclear'; reason: string }
  /** Looked for everywhere, for long enough, and not there. `hold`: a person decides. */
  | { kind: 'absent'; hold: boolean }
  /** It waited and must not be sent any more: do-not-call, expired, superseded, or somebody's wish. */
  | { kind: 'dropped'; reason: string }
  /** The carrier had it for as long as it may, and never said that it arrived. */
  | { kind: 'overdue' }
  /** It named a carrier id that belongs to another text. */
  | { kind: 'foreign'; reason: string }

export type TextSource = 'dialer' | 'answer' | 'webhook' | 'poll' | 'list' | 'person'
export type TextReport = {
  workspaceId: number
  textId: string
  source: TextSource
  at: Date
  news: TextNews
}

export type TextAdvance = {
  text: Text
  changed: boolean
  /** Null when the history is full (repeats beyond the limit are not kept). */
  entry: { kind: string; state: TextState; detail: Record<string, unknown> | null } | null
  /** A text at the carrier that must not be there: a second one for this attempt, or one that came too late. */
  stray: string | null
}

/** Repeats of what is known are kept up to this many history entries, so that replays cannot fill the disk. */
export const maxTextEntries = 40

/** Moves a text by one report. A late, repeated or illegal report changes nothing but the history. */
export function advanceText(before: Text, report: TextReport): TextAdvance {
  const step = stepOf(before, report)
  const changed = step.changes !== null
  const text = changed ? { ...before, ...step.changes } : before
  const asked = report.source === 'poll' || report.source === 'list'
  // What was asked for and is known is not history; a stray is, once.
  if (!changed && (before.entries >= maxTextEntries || (asked && step.stray === null)))
    return { text, changed, entry: null, stray: step.stray }
  const detail = { ...step.detail, ...(changed ? {} : { ignored: true }) }
  return {
    text: { ...text, entries: before.entries + 1 },
    changed,
    entry: { kind: report.news.kind, state: text.state, detail },
    stray: step.stray,
  }
}

type Step = { changes: Partial<Text> | null; detail: Record<string, unknown>; stray: string | null }

function stepOf(text: Text, { news, at, source }: TextReport): Step {
  switch (news.kind) {
    case 'progress':
      return progress(text, news, { at, source })
    case 'refused':
      return text.carrierSid ? nothing({ reason: news.reason }) : move(text, 'failed', at, news.reason)
    case 'unavailable':
      return text.carrierSid ? nothing({ reason: news.reason }) : move(text, 'not_sent', at, news.reason)
    case 'unclear':
      return text.carrierSid ? nothing({ reason: news.reason }) : move(text, 'unknown', at, news.reason)
    case 'absent':
      return move(text, news.hold ? 'held' : 'not_sent', at, 'not_at_carrier')
    case 'overdue':
      return move(text, 'unconfirmed', at, 'no_delivery_report')
    case 'foreign':
      return nothing({ reason: news.reason })
    case 'dropped':
      return text.state === 'queued'
        ? move(text, 'canceled', at, news.reason)
        : nothing({ reason: news.reason })
  }
}

type Progress = Extract<TextNews, { kind: 'progress' }>

function progress(text: Text, news: Progress, { at, source }: { at: Date; source: TextSource }): Step {
  const detail: Record<string, unknown> = { status: news.state, sid: news.sid }
  if (news.reason !== undefined) detail.reason = news.reason
  if (isMisplaced(text, news.sid))
    return { changes: null, detail: { ...detail, stray: true }, stray: news.sid }
  const changes: Partial<Text> = {}
  if (text.carrierSid !== news.sid && (isLiveText(text.state) || isUndecidedText(text.state)))
    changes.carrierSid = news.sid
  if (source !== 'answer' && !text.sidConfirmed) changes.sidConfirmed = true
  // The answer to the request proves no more than that the carrier has something: its id may be a wrong one.
  const state = source === 'answer' ? 'accepted' : news.state
  if (mayMoveText(text.state, state)) {
    changes.state = state
    changes.reason = news.reason ?? null
    if ((state === 'sent' || state === 'delivered' || state === 'undelivered') && text.sentAt === null)
      changes.sentAt = at
    if (isFinalText(state)) changes.endedAt = at
  }
  return { changes: Object.keys(changes).length > 0 ? changes : null, detail, stray: null }
}

/**
 * Whether the carrier has a text under a reference of ours that must not be there: it has another id than the one that is
 * confirmed, or its attempt is over and was never known to be at the carrier. An id that only the first answer gave, and
 * nothing since, was a wrong answer: while the text is under way, the new one takes its place.
 */
function isMisplaced(text: Text, sid: string): boolean {
  const takesId = isLiveText(text.state) || isUndecidedText(text.state)
  if (text.carrierSid === null) return !takesId
  return text.carrierSid !== sid && (text.sidConfirmed || !takesId)
}

function move(text: Text, to: TextState, at: Date, reason: string): Step {
  if (!mayMoveText(text.state, to)) return nothing({ reason })
  const ended: Partial<Text> = isFinalText(to) ? { endedAt: at } : {}
  return { changes: { state: to, reason, ...ended }, detail: { reason }, stray: null }
}

function nothing(detail: Record<string, unknown>): Step {
  return { changes: null, detail, stray: null }
}
