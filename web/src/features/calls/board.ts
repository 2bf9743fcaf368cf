/**
 * The board: four lanes of calls and how many there are of each. Pure: the server's first answer and the live
 * changes that follow it are folded together here.
 */
import type { Bucket, Call, Dashboard } from '../../lib/api-types.ts'

export type { Bucket, Call }

export const buckets: readonly Bucket[] = ['pending', 'active', 'completed', 'failed']

/** What of the board is looked at; without members, all of it. */
export interface BoardFilter {
  campaign?: number | undefined
  /** Part of a number or a name. */
  q?: string | undefined
}

/** Newest first. `next` is the cursor of the calls below the last one; null when these are all. */
export interface Lane {
  calls: readonly Call[]
  next: string | null
}

export interface Board {
  lanes: Record<Bucket, Lane>
  summary: Record<Bucket, number>
}

/** A lane keeps at most this many rows; the oldest leave a page that stays open for days. */
export const laneLimit = 2_000

export function toBoard(answer: Dashboard): Board {
  const lane = (bucket: Bucket): Lane => ({
    calls: answer.calls[bucket],
    next: cursorOf(answer.pagination?.[bucket]?.next ?? null),
  })
  return {
    lanes: {
      pending: lane('pending'),
      active: lane('active'),
      completed: lane('completed'),
      failed: lane('failed'),
    },
    summary: toSummary(answer),
  }
}

export function toSummary(answer: Dashboard): Record<Bucket, number> {
  const { total_pending, total_active, total_completed, total_failed } = answer.summary
  return { pending: total_pending, active: total_active, completed: total_completed, failed: total_failed }
}

/** The lane a call belongs to; null when it is not on the board (nobody was dialed). */
export function laneOf(call: Call): Bucket | null {
  if (call.state === 'not_placed') return null
  switch (call.status) {
    case 'queued':
    case 'initiated':
      return 'pending'
    case 'ringing':
    case 'in_progress':
      return 'active'
    case 'completed':
      return 'completed'
    default:
      return 'failed'
  }
}

export function matches(call: Call, filter: BoardFilter): boolean {
  if (filter.campaign !== undefined && call.campaign_id !== filter.campaign) return false
  const wanted = filter.q?.trim().toLowerCase() ?? ''
  if (wanted === '') return true
  const digits = wanted.replace(/\D/g, '')
  if (digits !== '' && digits.length >= wanted.length - 3 && call.to_number.includes(digits)) return true
  return call.customer_name?.toLowerCase().includes(wanted) ?? false
}

/**
 * The board after some calls changed. A call only moves forward: a change that is older than what is shown (the
 * stream repeats what an answer already contained) is left out. Lanes without a change keep their identity.
 */
export function moveCalls(board: Board, changed: readonly Call[], filter: BoardFilter): Board {
  const known = callsById(board)
  const fresh = new Map<string, Call>()
  for (const call of changed) {
    if (!matches(call, filter)) continue
    const shown = fresh.get(call.call_id) ?? known.get(call.call_id)
    if (shown === undefined || rank(call) >= rank(shown)) fresh.set(call.call_id, withAgentOf(shown, call))
  }
  if (fresh.size === 0) return board
  const lanes = { ...board.lanes }
  for (const bucket of buckets) lanes[bucket] = moveInLane(board.lanes[bucket], bucket, fresh)
  return { ...board, lanes }
}

/**
 * The board as it was read again, with the older calls that had been read by pages. Calls that ended stay where they
 * are; of those still open only what was just read is sure, as too many may have moved to be told.
 */
export function keepPages(old: Board | undefined, fresh: Board): Board {
  if (old === undefined) return fresh
  const known = callsById(fresh)
  const lanes = { ...fresh.lanes }
  for (const bucket of ['completed', 'failed'] as const) {
    const last = fresh.lanes[bucket].calls.at(-1)
    if (last === undefined || fresh.lanes[bucket].next === null) continue
    const older = old.lanes[bucket].calls.filter(
      (call) => !known.has(call.call_id) && newestFirst(last, call) < 0,
    )
    if (older.length === 0) continue
    lanes[bucket] = { calls: [...fresh.lanes[bucket].calls, ...older], next: old.lanes[bucket].next }
  }
  return { ...fresh, lanes }
}

/** The board with one more page under a lane. Calls that meanwhile live elsewhere on it are not shown twice. */
export function appendPage(board: Board, bucket: Bucket, page: Lane): Board {
  const known = callsById(board)
  const more = page.calls.filter((call) => !known.has(call.call_id))
  const lane = { calls: [...board.lanes[bucket].calls, ...more], next: page.next }
  return { ...board, lanes: { ...board.lanes, [bucket]: lane } }
}

export function findCall(board: Board, callId: string): Call | undefined {
  for (const bucket of buckets) {
    const found = board.lanes[bucket].calls.find((call) => call.call_id === callId)
    if (found !== undefined) return found
  }
  return undefined
}

/** The opaque cursor in a `next` link, or the cursor itself when that is what was given. */
export function cursorOf(next: string | null): string | null {
  if (next === null || next === '') return null
  const query = next.indexOf('?')
  return query < 0 ? next : new URLSearchParams(next.slice(query)).get('cursor')
}

/** Those who are talking come first, the longest on top; then those whose phone rings. */
export function byTalkTime(a: Call, b: Call): number {
  const first = a.started_at ?? `~${a.created_at}`
  const second = b.started_at ?? `~${b.created_at}`
  return first < second ? -1 : first > second ? 1 : 0
}

function callsById(board: Board): Map<string, Call> {
  const known = new Map<string, Call>()
  for (const bucket of buckets) for (const call of board.lanes[bucket].calls) known.set(call.call_id, call)
  return known
}

function moveInLane(lane: Lane, bucket: Bucket, fresh: ReadonlyMap<string, Call>): Lane {
  const here = new Set<string>()
  let touched = false
  const kept: Call[] = []
  for (const call of lane.calls) {
    const change = fresh.get(call.call_id)
    if (change === undefined) {
      kept.push(call)
      continue
    }
    touched = true
    here.add(call.call_id)
    if (laneOf(change) === bucket) kept.push(change)
  }
  const arrived = [...fresh.values()].filter((call) => laneOf(call) === bucket && !here.has(call.call_id))
  if (arrived.length === 0) return touched ? { ...lane, calls: kept } : lane
  return { ...lane, calls: [...arrived, ...kept].sort(newestFirst).slice(0, laneLimit) }
}

/** The stream names an agent by id alone; the name that is already known stays. */
function withAgentOf(shown: Call | undefined, call: Call): Call {
  if (shown === undefined || call.agent.name !== '' || shown.agent.id !== call.agent.id) return call
  return { ...call, agent: shown.agent }
}

/** Times are told in whole seconds; within one, the id decides, which is ordered by time as well. */
function newestFirst(a: Call, b: Call): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1
  return a.call_id < b.call_id ? 1 : -1
}

function rank(call: Call): number {
  switch (call.status) {
    case 'queued':
      return 0
    case 'initiated':
      return call.state === 'not_placed' ? 4 : 1
    case 'ringing':
      return 2
    case 'in_progress':
      return 3
    default:
      return 4
  }
}
