import { array, assert, double, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import {
  afterUse,
  claimableInMs,
  freeSlots,
  horizonMs,
  pauseAfterTakenMs,
  slotsInLanes,
  urgentAheadMs,
} from './pacing.ts'

test('whatever the moments of asking, no second ever holds more calls than the rate, and one', () => {
  const steps = array(integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 60 })
  const rate = double({ min: 0.5, max: 400, noNaN: true })
  assert(
    property(steps, rate, integer({ min: 1, max: 100 }), (waits, perSecond, limit) => {
      const starts: number[] = []
      let nowMs = 1_000_000
      let nextMs = nowMs
      for (const wait of waits) {
        nowMs += wait
        const slots = freeSlots({ nowMs, nextMs, perSecond, limit })
        for (let index = 0; index < slots.count; index += 1)
          starts.push(slots.firstMs + index * slots.intervalMs)
        nextMs = afterUse(slots, slots.count)
      }
      const fullest = Math.max(
        0,
        ...starts.map((from) => starts.filter((start) => start >= from && start < from + 999.999).length),
      )
      expect(fullest).toBeLessThanOrEqual(Math.ceil(perSecond) + 1)
    }),
    { numRuns: 300 },
  )
})

test('a budget that was not used is not saved up', () => {
  const slots = freeSlots({ nowMs: 100_000, nextMs: 0, perSecond: 10, limit: 100 })
  expect(slots).toMatchObject({ firstMs: 100_000, count: 3 })
})

test('no slot lies beyond the horizon, and none is given above the limit', () => {
  const slots = freeSlots({ nowMs: 0, nextMs: 0, perSecond: 1_000, limit: 10_000 })
  expect(slots.firstMs + (slots.count - 1) * slots.intervalMs).toBeLessThanOrEqual(horizonMs)
  expect(freeSlots({ nowMs: 0, nextMs: 0, perSecond: 1_000, limit: 7 }).count).toBe(7)
  expect(freeSlots({ nowMs: 0, nextMs: 0, perSecond: 1_000, limit: -3 }).count).toBe(0)
})

test('a slow rate waits for its next slot, and a slot from a clock that was set back is forgotten', () => {
  expect(freeSlots({ nowMs: 0, nextMs: 1_500, perSecond: 0.5, limit: 10 }).count).toBe(0)
  expect(freeSlots({ nowMs: 0, nextMs: 3_600_000, perSecond: 1, limit: 10 })).toMatchObject({
    firstMs: 0,
    count: 1,
  })
})

test('slots that were not used are free again', () => {
  const slots = freeSlots({ nowMs: 0, nextMs: 0, perSecond: 100, limit: 10 })
  expect(afterUse(slots, 0)).toBe(0)
  expect(afterUse(slots, 4)).toBe(40)
})

test('urgent sends go at once while they are little ahead of the rate, and the others wait for them', () => {
  const busy = { nowMs: 0, nextMs: 900, perSecond: 1 }
  const { urgentAtMs, slots } = slotsInLanes(busy, { urgent: 2, limit: 5 })
  expect(urgentAtMs).toEqual([0, 0])
  expect(slots).toMatchObject({ firstMs: 2_900, count: 0 })
  const ahead = { ...busy, nextMs: urgentAheadMs(1) }
  expect(slotsInLanes(ahead, { urgent: 3, limit: 5 }).urgentAtMs).toEqual([0])
  expect(slotsInLanes(busy, { urgent: 3, limit: 1 }).urgentAtMs).toHaveLength(1)
  expect(slotsInLanes({ ...busy, nextMs: 0 }, { urgent: 0, limit: 5 }).slots.count).toBe(1)
})

test('a claim is made for what is urgent at once, for the rest when a slot is near, and for nothing never', () => {
  const rate = { nowMs: 10_000, nextMs: 11_000, perSecond: 1 }
  expect(claimableInMs({ ...rate, urgent: true, others: false })).toBe(0)
  expect(claimableInMs({ ...rate, urgent: false, others: true })).toBe(950)
  expect(claimableInMs({ ...rate, nextMs: 10_000 + horizonMs, urgent: false, others: true })).toBe(0)
  expect(claimableInMs({ ...rate, urgent: false, others: false })).toBeNull()
})

test('those who find the budget taken come back soon at first, later each time, and never all at once', () => {
  expect(pauseAfterTakenMs(1, 0.5)).toBe(15)
  expect(pauseAfterTakenMs(3, 0.5)).toBe(45)
  expect(pauseAfterTakenMs(50, 0.99)).toBeLessThanOrEqual(255)
  expect(pauseAfterTakenMs(50, 0)).toBe(5)
})
