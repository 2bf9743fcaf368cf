import { describe, expect, it } from 'vitest'
import { randomToken, seededRandom, uuidV7 } from './random.ts'

function take(seed: number | string): number[] {
  return Array.from({ length: 5 }, seededRandom(seed))
}

describe('seededRandom', () => {
  it('gives the same sequence for the same seed and another one for another', () => {
    expect(take(7)).toEqual(take(7))
    expect(take(7)).not.toEqual(take(8))
    expect(take('call 1')).not.toEqual(take('call 2'))
  })

  it('spreads evenly over [0, 1)', () => {
    const next = seededRandom(1)
    const buckets = Array.from({ length: 10 }, () => 0)
    for (let draw = 0; draw < 100_000; draw += 1) {
      const bucket = Math.floor(next() * 10)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    expect(Math.min(...buckets)).toBeGreaterThan(9_500)
    expect(Math.max(...buckets)).toBeLessThan(10_500)
  })
})

describe('uuidV7', () => {
  it('is a version 7 UUID of the instant', () => {
    const now = Date.parse('2026-11-20T08:00:00.123Z')
    const id = uuidV7(now)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now)
  })

  it('ids sort in the order they were made, within a millisecond and when the clock steps back', () => {
    const start = Date.parse('2030-01-01T00:00:00Z')
    const instants = Array.from(
      { length: 20_000 },
      (_, index) => start + (index % 3) - Math.floor(index / 10_000) * 5_000,
    )
    const ids = instants.map(uuidV7)
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('follows a clock that is set back by more', () => {
    uuidV7(Date.parse('2031-01-01T00:00:00Z'))
    expect(uuidV7(0).startsWith('00000000-0000-7')).toBe(true)
  })
})

describe('randomToken', () => {
  it('is URL-safe text of the asked size', () => {
    expect(randomToken(32)).toMatch(/^[\w-]{43}$/)
    expect(randomToken(32)).not.toBe(randomToken(32))
  })
})
