/**
 * The budget of calls per second, as slots: each call starts at a moment of its own, evenly spaced, so that no
 * window of time ever holds more calls than the rate allows. Pure.
 */

export type Slots = { firstMs: number; count: number; intervalMs: number; nextMs: number }

/** Slots are handed out this far ahead; it is far below the age at which an intent is no longer sent. */
export const horizonMs = 200

/**
 * The slots that start before the horizon. Times are milliseconds of one clock.
 * @param nextMs the first slot nobody took yet
 */
export function freeSlots(budget: {
  nowMs: number
  nextMs: number
  perSecond: number
  limit: number
}): Slots {
  const intervalMs = 1_000 / budget.perSecond
  // A budget that was not used is not saved up. A slot far in the future was written under another clock: forgotten.
  const firstMs =
    budget.nextMs > budget.nowMs + Math.max(2 * horizonMs, 2 * intervalMs)
      ? budget.nowMs
      : Math.max(budget.nowMs, budget.nextMs)
  const room = Math.floor((budget.nowMs + horizonMs - firstMs) / intervalMs) + 1
  const count = Math.max(0, Math.min(room, budget.limit))
  return { firstMs, count, intervalMs, nextMs: firstMs + count * intervalMs }
}

/** What remains of slots when only some of them were used: the next free one. */
export function afterUse(slots: Slots, used: number): number {
  return slots.firstMs + used * slots.intervalMs
}
