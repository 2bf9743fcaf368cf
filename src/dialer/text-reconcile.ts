/** When the carrier is asked about a text, and what its answers prove. Pure. */
import type { CarrierText, FoundTexts } from '../carriers/carrier.ts'
import type { HashBody } from '../messages/body-hash.ts'
import type { TextState } from '../messages/text.ts'
import { atMostEach, leastSilenceMs } from './reconcile.ts'

/** How patient the reconciliation of texts is. Milliseconds. */
export type TextPatience = {
  /** Looks into the carrier's list for an unknown text, after it was first seen as unknown. */
  lookAfterMs: readonly number[]
  /** Silence after which a text is looked up; doubled with every look that brought nothing new. */
  silenceMs: Partial<Record<TextState, number>>
  mostSilenceMs: number
  /** A carrier keeps a text for ten hours at most. Silent for longer than this, nobody will hear of it again. */
  overdueMs: number
}

export const usualTextPatience: TextPatience = {
  lookAfterMs: [2_000, 5_000, 15_000, 45_000],
  silenceMs: { sending: 10_000, unknown: 0, accepted: 10_000, sent: 30_000 },
  mostSilenceMs: 30 * 60_000,
  overdueMs: 12 * 60 * 60_000,
}

/** The same, but silence is borne no longer than the time within which the carrier lists a text it accepted. */
export function textPatienceWithin(unknownAfterMs: number): TextPatience {
  const mostMs = Math.max(unknownAfterMs, leastSilenceMs)
  return { ...usualTextPatience, silenceMs: atMostEach(usualTextPatience.silenceMs, mostMs) }
}

export function textSilenceMs(patience: TextPatience, state: TextState): number {
  return patience.silenceMs[state] ?? 0
}

/** How long to wait for the next look, after so many that brought nothing new. */
export function nextLookMs(patience: TextPatience, state: TextState, looks: number): number {
  const firstMs = Math.max(textSilenceMs(patience, state), 100)
  return Math.min(firstMs * 2 ** Math.min(looks + 1, 20), patience.mostSilenceMs)
}

/** The carrier's clock and ours are compared through one header with whole seconds, over one round trip. */
const clockToleranceMs = 60_000

/**
 * The carrier's text that belongs to an attempt, among all texts between its two numbers: of the same body, made after the
 * intent (by the carrier's own clock), and not bound to another attempt. At most one identical text is open, so there can
 * be only one; were there more, the oldest is taken and the others are strays.
 */
export function ownText(
  attempt: { textId: string; intendedAt: Date; hash: string },
  found: FoundTexts,
  { bound, hashBody }: { bound: ReadonlyMap<string, string>; hashBody: HashBody },
): { own: CarrierText | null; others: CarrierText[] } {
  const earliestMs = attempt.intendedAt.getTime() + found.clockAheadMs - clockToleranceMs
  const [own = null, ...others] = found.texts
    .filter((text) => hashBody(text.body).toString('hex') === attempt.hash)
    .filter((text) => text.createdAt === null || text.createdAt.getTime() >= earliestMs)
    .filter((text) => (bound.get(text.sid) ?? attempt.textId) === attempt.textId)
    .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0))
  return { own, others }
}
