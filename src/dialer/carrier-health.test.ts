import { expect, test } from 'vitest'
import type { Placement } from '../carriers/carrier.ts'
import { afterAnswer, allowedInFlight, newHealth, restAfter, type CarrierHealth } from './carrier-health.ts'

const placed: Placement = { outcome: 'placed', sid: 'CA', state: 'initiated' }
const unknown: Placement = { outcome: 'unknown', reason: 'timeout' }
const expired: Placement = { outcome: 'unavailable', reason: 'intent_expired', trouble: null }
const trouble = (kind: 'busy' | 'away' | 'credentials', retryAfterMs: number | null = null): Placement => ({
  outcome: 'unavailable',
  reason: kind,
  trouble: { kind, retryAfterMs },
})

function after(...answers: Placement[]): CarrierHealth {
  return answers.reduce((health, answer) => afterAnswer(health, answer), newHealth)
}

test('a carrier that has not proved itself gets a few requests at once, one in trouble gets one', () => {
  expect(allowedInFlight(newHealth, 200)).toBe(4)
  expect(allowedInFlight(after(placed), 200)).toBe(200)
  expect(allowedInFlight(after(trouble('away')), 200)).toBe(1)
  expect(allowedInFlight(after(placed, trouble('credentials')), 200)).toBe(1)
  expect(allowedInFlight(after(placed, trouble('busy')), 200)).toBe(200)
  expect(allowedInFlight(newHealth, 2)).toBe(2)
})

test('one unclear answer means nothing, five in a row mean a carrier that is down', () => {
  expect(allowedInFlight(after(placed, unknown, unknown, unknown, unknown), 200)).toBe(200)
  const down = after(placed, unknown, unknown, unknown, unknown, unknown)
  expect(allowedInFlight(down, 200)).toBe(1)
  expect(restAfter(down, unknown)).toEqual({ forMs: 1_000, reason: 'unclear' })
  expect(allowedInFlight(afterAnswer(down, placed), 200)).toBe(200)
})

test('what was given back unsent says nothing about the carrier', () => {
  expect(after(placed, expired)).toEqual(after(placed))
  expect(restAfter(after(expired), expired)).toBeNull()
  expect(restAfter(after(placed), placed)).toBeNull()
})

test('a rest lasts as long as the carrier said, a second when it is away, longer each time it refuses us', () => {
  expect(restAfter(after(trouble('busy', 3_000)), trouble('busy', 3_000))?.forMs).toBe(3_000)
  expect(restAfter(after(trouble('busy')), trouble('busy'))?.forMs).toBe(1_000)
  expect(restAfter(after(trouble('away')), trouble('away'))?.forMs).toBe(1_000)
  const refused = trouble('credentials')
  const rests = [1, 2, 3, 4, 5, 6].map(
    (times) => restAfter(after(...Array.from({ length: times }, () => refused)), refused)?.forMs,
  )
  expect(rests).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
})

test('trouble that is told again while nobody asks is one trouble', () => {
  const refused = trouble('credentials')
  const once = afterAnswer(newHealth, refused)
  expect(afterAnswer(once, refused, true).troubles).toBe(once.troubles)
})
