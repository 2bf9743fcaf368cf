/**
 * The budget of calls per second, as slots: each call starts at a moment of its own, evenly spaced, so that no
 * window of time ever holds more calls than the rate allows. Pure.
 */

export type Slots = { firstMs: number; count: number; intervalMs: number; nextMs: number }

/** Slots are handed out this far ahead; it is far below the age at which an intent is no longer sent. */
export const horizonMs = 200

/** How far ahead of the rate urgent sends may be: one second's worth, or ten sends when that is more. */
export function urgentAheadMs(perSecond: number): number {
  return Math.max(1_000, 10_000 / perSecond)
}

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
  // A budget that was not used is not saved up.
  const firstMs = Math.max(budget.nowMs, credibleSlot(budget))
  const room = Math.floor((budget.nowMs + horizonMs - firstMs) / intervalMs) + 1
  const count = Math.max(0, Math.min(room, budget.limit))
  return { firstMs, count, intervalMs, nextMs: firstMs + count * intervalMs }
}

/**
 * Slots for urgent sends: all at once while they are not too far ahead of the rate, then evenly spaced. Whoever comes
 * next waits for them: `nextMs` moves on by one interval for each.
 */
export function urgentSlots(budget: { nowMs: number; nextMs: number; perSecond: number; count: number }): {
  atMs: number[]
  nextMs: number
} {
  const intervalMs = 1_000 / budget.perSecond
  const aheadMs = urgentAheadMs(budget.perSecond)
  const firstMs = Math.max(budget.nowMs, credibleSlot(budget))
  const due = Array.from({ length: budget.count }, (_, index) =>
    Math.max(budget.nowMs, firstMs + index * intervalMs - aheadMs),
  )
  const atMs = due.filter((slotMs) => slotMs <= budget.nowMs + horizonMs)
  return { atMs, nextMs: firstMs + atMs.length * intervalMs }
}

/** Slots for urgent sends, which go first, and after them for others; `limit` bounds both together. */
export function slotsInLanes(
  budget: { nowMs: number; nextMs: number; perSecond: number },
  { urgent, limit }: { urgent: number; limit: number },
): { urgentAtMs: number[]; slots: Slots } {
  const ahead = urgentSlots({ ...budget, count: Math.max(0, Math.min(urgent, limit)) })
  const rest = Math.max(0, limit - ahead.atMs.length)
  return { urgentAtMs: ahead.atMs, slots: freeSlots({ ...budget, nextMs: ahead.nextMs, limit: rest }) }
}

/** A slot further in the future than anybody takes one was written under another clock: forgotten. */
function credibleSlot({ nowMs, nextMs, perSecond }: { nowMs: number; nextMs: number; perSecond: number }) {
  const furthestMs = Math.max(2 * horizonMs, 2_000 / perSecond) + urgentAheadMs(perSecond)
  return nextMs > nowMs + furthestMs ? nowMs : nextMs
}

/** What remains of slots when only some of them were used: the next free one. */
export function afterUse(slots: Slots, used: number): number {
  return slots.firstMs + used * slots.intervalMs
}

/** What a claim would find. Times are milliseconds of database time. */
export type Prospect = { nowMs: number; nextMs: number; perSecond: number; urgent: boolean; others: boolean }

/** A claim is made this long before its first slot. */
const leadMs = 50

/** Milliseconds until a claim could take anything; null when there is nothing to take. */
export function claimableInMs({ urgent, others, ...rate }: Prospect): number | null {
  if (urgent) return 0
  if (!others) return null
  const { count, firstMs } = freeSlots({ ...rate, limit: 1 })
  return count > 0 ? 0 : Math.max(1, firstMs - rate.nowMs - leadMs)
}

const mostAfterTakenMs = 250

/**
 * How long to wait before asking again for a budget that another claim holds: up to 20 ms, doubled with each time it
 * was so. `random`, in [0, 1), spreads those that wait.
 */
export function pauseAfterTakenMs(times: number, random: number): number {
  return 5 + random * Math.min(20 * 2 ** (times - 1), mostAfterTakenMs)
}
