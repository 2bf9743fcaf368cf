/** When the carrier is asked about a call, and what its answers prove. Pure. */
import type { CallState } from '../calls/call.ts'
import type { CarrierCall, Found } from '../carriers/carrier.ts'

/** How patient the reconciliation is. Milliseconds. */
export type Patience = {
  /** Looks into the carrier's list for an unknown call, after it was first seen as unknown. */
  lookAfterMs: readonly number[]
  /** Silence after which a call is looked up; doubled with every look that brought nothing new. */
  silenceMs: Partial<Record<CallState, number>>
  shortestSilenceMs: number
  mostSilenceMs: number
  /** An attempt of a living worker that nobody is sending and nobody answered for. */
  unsentAfterMs: number
}

export const usualPatience: Patience = {
  lookAfterMs: [2_000, 5_000, 15_000, 45_000],
  silenceMs: { initiated: 10_000, ringing: 15_000, in_progress: 20_000 },
  shortestSilenceMs: 10_000,
  mostSilenceMs: 120_000,
  unsentAfterMs: 10_000,
}

/** Not even of a carrier that tells everything at once. */
export const leastSilenceMs = 2_000

/** The usual patience, but silence is borne no longer than the time within which the carrier lists a call it accepted. */
export function patienceWithin(unknownAfterMs: number): Patience {
  const mostMs = Math.max(unknownAfterMs, leastSilenceMs)
  return {
    ...usualPatience,
    silenceMs: atMostEach(usualPatience.silenceMs, mostMs),
    shortestSilenceMs: Math.min(usualPatience.shortestSilenceMs, mostMs),
  }
}

/** Each of these times, cut to `mostMs`. */
export function atMostEach<State extends string>(
  times: Partial<Record<State, number>>,
  mostMs: number,
): Partial<Record<State, number>> {
  const cut: Partial<Record<State, number>> = {}
  for (const state in times) cut[state] = Math.min(times[state] ?? mostMs, mostMs)
  return cut
}

/** The carrier's clock and ours are compared through one header with whole seconds, over one round trip. */
const clockToleranceMs = 60_000

/** What one process remembers of a call it watches, as long as the call is in this state. Monotonic milliseconds. */
export type Watch = { state: CallState; sinceMs: number; looks: number; lastLookMs: number; misses: number }

/** What is remembered of a call that is in `state` now. In another state than before, watching starts anew. */
export function watchOf(known: Watch | undefined, state: CallState, nowMs: number): Watch {
  if (known?.state === state) return known
  return { state, sinceMs: nowMs, looks: 0, lastLookMs: 0, misses: known?.misses ?? 0 }
}

/** Whether an unknown call is due for a look into the list, and whether that look may be the last. */
export function unknownLook(
  watch: Pick<Watch, 'sinceMs' | 'looks' | 'lastLookMs'>,
  nowMs: number,
  { lookAfterMs, unknownAfterMs }: Pick<Patience, 'lookAfterMs'> & { unknownAfterMs: number },
): { due: boolean; last: boolean } {
  const age = nowMs - watch.sinceMs
  const last = age >= unknownAfterMs
  const planned = lookAfterMs.filter((afterMs) => afterMs < unknownAfterMs)
  const next = planned[watch.looks]
  const due = last ? nowMs - watch.lastLookMs >= 1_000 : next !== undefined && age >= next
  return { due, last }
}

/** Whether a call that fell silent is due to be looked up; one that nobody listened for, at once. */
export function silenceDue(
  { silentMs, bereft }: { silentMs: number; bereft: boolean },
  watch: Watch,
  nowMs: number,
  patience: Patience,
): boolean {
  if (bereft && watch.looks === 0) return true
  const firstMs = patience.silenceMs[watch.state] ?? patience.shortestSilenceMs
  const nextMs = Math.min(firstMs * 2 ** watch.looks, patience.mostSilenceMs)
  return silentMs >= firstMs && (watch.looks === 0 || nowMs - watch.lastLookMs >= nextMs)
}

/**
 * The carrier's call that belongs to an attempt, among all calls between its two numbers: made after the intent (by
 * the carrier's own clock), and not bound to another attempt. At most one of our attempts is open between two numbers,
 * so there can be only one; were there more, the oldest is taken and the others are strays.
 */
export function ownCall(
  attempt: { callId: string; intendedAt: Date },
  found: Found,
  bound: ReadonlyMap<string, string>,
): { own: CarrierCall | null; others: CarrierCall[] } {
  const earliestMs = attempt.intendedAt.getTime() + found.clockAheadMs - clockToleranceMs
  const candidates = found.calls
    .filter((call) => call.createdAt === null || call.createdAt.getTime() >= earliestMs)
    .filter((call) => (bound.get(call.sid) ?? attempt.callId) === attempt.callId)
    .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0))
  const [own = null, ...others] = candidates
  return { own, others }
}
