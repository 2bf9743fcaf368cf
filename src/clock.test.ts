import { expect, test } from 'vitest'
import { betterReading, instantAt, readingOf, laterOffset } from './clock.ts'

test('a measurement assumes the middle of the round trip and says how wrong it may be', () => {
  const reading = readingOf({ sentMs: 100, receivedMs: 110, databaseMs: 5_105 })
  expect(reading).toEqual({ differenceMs: 5_000, uncertaintyMs: 5, takenAtMs: 110 })
  expect(instantAt(reading, 0, 200).getTime()).toBe(5_200)
  expect(instantAt(reading, 86_400_000, 200).getTime()).toBe(86_405_200)
})

test('a vague measurement does not replace a sharp one that it does not contradict', () => {
  const sharp = { differenceMs: 1_000, uncertaintyMs: 1, takenAtMs: 0 }
  const vague = { differenceMs: 1_040, uncertaintyMs: 60, takenAtMs: 5_000 }
  expect(betterReading(sharp, vague)).toBe(sharp)
})

test('a measurement that contradicts the known one wins, because the clock was set', () => {
  const known = { differenceMs: 1_000, uncertaintyMs: 1, takenAtMs: 0 }
  const fresh = { differenceMs: 3_601_000, uncertaintyMs: 60, takenAtMs: 5_000 }
  expect(betterReading(known, fresh)).toBe(fresh)
})

test('an old measurement grows vague and gives way', () => {
  const old = { differenceMs: 1_000, uncertaintyMs: 1, takenAtMs: 0 }
  const fresh = { differenceMs: 1_010, uncertaintyMs: 8, takenAtMs: 60_000 }
  expect(betterReading(old, fresh)).toBe(fresh)
})

test('an answer that was under way while the clock was moved does not move it back', () => {
  const moved = { offsetMs: 3_600_000, sinceMs: 2_000 }
  expect(laterOffset(moved, { offsetMs: 0, sinceMs: 1_999 })).toBe(moved)
  expect(laterOffset(moved, { offsetMs: 7, sinceMs: 2_001 }).offsetMs).toBe(7)
})
