import type { ParsedUrlQuery } from 'node:querystring'
import type { Call } from './call.ts'
import type { CallBook } from './call-book.ts'
import { text } from './call-request.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * The calls a list query asks for, newest first. `visibleUntil` hides calls accepted later than that
 * instant (milliseconds since 1970): a list of the real carrier may lag behind.
 */
export function* findCalls(book: CallBook, query: ParsedUrlQuery, visibleUntil: number): Generator<Call> {
  const to = text(query, 'To')
  const from = text(query, 'From')
  const status = text(query, 'Status')
  const parent = text(query, 'ParentCallSid')
  const started = timeFilter(query, 'StartTime')
  const ended = timeFilter(query, 'EndTime')
  const calls = parent !== null ? book.childrenOf(parent) : to === null ? book.calls : book.byTo(to)
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const call = calls[index]
    if (!call || call.createdAt > visibleUntil) continue
    if (to !== null && call.to !== to) continue
    if (from !== null && call.from !== from) continue
    if (status !== null && shownStatus(call) !== status) continue
    if (started(call.startedAt) && ended(call.endedAt)) yield call
  }
}

function shownStatus(call: Call): string {
  return call.status === 'initiated' ? 'queued' : call.status
}

/**
 * `Name` means on that day (or in that second), `Name>` from its beginning, `Name<` up to its end.
 * Days are those of UTC. An instant that has not come yet passes no filter.
 */
export function timeFilter(query: ParsedUrlQuery, name: string): (at: number | null) => boolean {
  const on = span(text(query, name))
  const from = span(text(query, `${name}>`))
  const to = span(text(query, `${name}<`))
  if (!on && !from && !to) return () => true
  return (at) => {
    if (at === null) return false
    if (on && (at < on.start || at >= on.end)) return false
    if (from && at < from.start) return false
    return !to || at < to.end
  }
}

function span(value: string | null): { start: number; end: number } | null {
  if (value === null) return null
  const start = Date.parse(value)
  if (Number.isNaN(start)) return null
  return { start, end: start + (/^\d{4}-\d{2}-\d{2}$/.test(value) ? DAY_MS : 1000) }
}
