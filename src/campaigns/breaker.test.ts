import { expect, test } from 'vitest'
import { decideBreaker, readBreaker } from './breaker.ts'

const breaker = { failedPercent: 50, ofLast: 10 }

test('it pauses when the share of failures is reached, and says so with the figures', () => {
  expect(decideBreaker(breaker, { ended: 10, failed: 4 })).toBeNull()
  const reason = decideBreaker(breaker, { ended: 10, failed: 5 })
  expect(reason).toMatchObject({ code: 'breaker' })
  expect(reason?.message).toMatch(/^5 of the last 10 failed \(50 %\)/)
})

test('nothing is decided before there is enough to decide by', () => {
  expect(decideBreaker(breaker, { ended: 9, failed: 9 })).toBeNull()
})

test('what could not be meant is refused', () => {
  expect(readBreaker({ failed_percent: '30' })).toEqual({ failedPercent: 30, ofLast: 50 })
  expect(readBreaker(null)).toBeNull()
  for (const given of [
    {},
    { failed_percent: 0 },
    { failed_percent: 101 },
    { failed_percent: 5, of_last: 4 },
    { failed_percent: 5, per: 1 },
    '50',
  ])
    expect([given, readBreaker(given)]).toEqual([given, undefined])
})
