import { expect, test } from 'vitest'
import { grows, trendOf, type Point } from './flatness.ts'

/** An hour of values, one every ten seconds. */
function hour(valueAt: (atSeconds: number) => number): Point[] {
  return Array.from({ length: 361 }, (_, index) => ({ atSeconds: index * 10, value: valueAt(index * 10) }))
}

const allowed = { perHour: 0.05, noise: 4 }

test('a leak of a tenth in an hour grows', () => {
  const trend = trendOf(hour((at) => 200 + (20 * at) / 3_600))
  expect(trend.perHour).toBeCloseTo(20)
  expect(grows(trend, allowed)).toBe(true)
})

test('what fills up in the first third and then stays is flat', () => {
  expect(grows(trendOf(hour((at) => Math.min(200, 100 + at / 10))), allowed)).toBe(false)
})

test('a saw and a few peaks are flat', () => {
  const saw = hour((at) => 200 + ((at * 7) % 60) + (at % 1_100 === 0 ? 900 : 0))
  expect(grows(trendOf(saw), allowed)).toBe(false)
})

test('a saw that climbs grows', () => {
  expect(grows(trendOf(hour((at) => 200 + ((at * 7) % 60) + at / 100)), allowed)).toBe(true)
})

test('what shrinks does not grow', () => {
  expect(grows(trendOf(hour((at) => 400 - at / 20)), allowed)).toBe(false)
})
