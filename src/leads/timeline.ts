/** Everything that happened to a person, in one order, whatever part of the product it happened in. Pure. */
import type { Queryable, Tx } from '../db/sql.ts'

export type TimelineEntry = {
  at: Date
  /** `call`, `lead.changed`, `dialer` … */
  kind: string
  /** Of the thing the entry speaks of; unique within its kind and moment. */
  id: string
  data: Record<string, unknown>
}

/** Whom a timeline is about: the lead, and the numbers it can be reached by. */
export type TimelineOf = { workspaceId: number; leadId: number; numbers: readonly string[] }

/** Entries at or before `until`, newest first; `limit` at most. */
export type TimelinePage = { until: Date; limit: number }

/**
 * What another part of the product knows of people: it reads its own tables for the timeline, and brings along what hangs
 * on a lead that is merged into another. Parts are given to the routes of leads, which know none of them.
 */
export type LeadPart = {
  timeline?: (sql: Queryable, of: TimelineOf, page: TimelinePage) => Promise<TimelineEntry[]>
  /** What a merge would move, in words a page can show: `{ call_plan: 1 }`. */
  hanging?: (sql: Queryable, lead: { workspaceId: number; id: number }) => Promise<Record<string, number>>
  /** Moves what hangs on `from` to `into`, in the transaction of the merge. */
  merge?: (tx: Tx, lead: { workspaceId: number; from: number; into: number }, now: Date) => Promise<void>
}

/** Where a page begins: after the entries until this instant, of which `skip` were shown. */
export type TimelinePlace = { until: Date; skip: number }

/** One page out of what each part returned, and where the next begins; null at the end. */
export function mergeEntries(
  entries: readonly TimelineEntry[],
  place: TimelinePlace,
  size: number,
): { page: TimelineEntry[]; next: TimelinePlace | null } {
  const sorted = entries.toSorted(newestFirst).slice(place.skip)
  const page = sorted.slice(0, size)
  const last = page.at(-1)
  if (last === undefined || sorted.length <= size) return { page, next: null }
  const alike = page.filter((entry) => entry.at.getTime() === last.at.getTime()).length
  const isSameMoment = last.at.getTime() === place.until.getTime()
  return { page, next: { until: last.at, skip: isSameMoment ? place.skip + alike : alike } }
}

function newestFirst(a: TimelineEntry, b: TimelineEntry): number {
  return (
    b.at.getTime() - a.at.getTime() ||
    compare(b.kind, a.kind) ||
    b.id.length - a.id.length ||
    compare(b.id, a.id)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
