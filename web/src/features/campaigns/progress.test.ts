import { describe, expect, test } from 'vitest'
import { addSample, paceOf, progressOf, toNumberCounts, type Sample } from './progress.ts'

/** One sample a second. */
function samples(...done: number[]): Sample[] {
  return done.map((count, index) => ({ at: index * 1000, done: count }))
}

describe('progress', () => {
  test('numbers that wait are one segment, whether a run took them up already or not', () => {
    const told = progressOf({ completed: 5, calling: 3, not_started: 12, queued: 0, invalid: 2 })
    const read = progressOf({ completed: 5, calling: 3, not_started: 0, queued: 12, invalid: 2 })
    expect(told).toEqual(read)
    expect(told).toMatchObject({ total: 20, done: 5, calling: 3, left: 12, invalid: 2 })
    expect(told.segments.map((segment) => segment.status)).toEqual(['completed', 'calling', 'waiting'])
  })

  test('nothing at all is no progress, and no division by it', () => {
    expect(progressOf({})).toEqual({ total: 0, done: 0, calling: 0, left: 0, invalid: 0, segments: [] })
  })

  test('counts are read in either spelling, and unknown words are left out', () => {
    expect(toNumberCounts({ 'not started': 4, Completed: 1, weird: 9, failed: 'x' })).toEqual({
      not_started: 4,
      completed: 1,
    })
  })
})

describe('pace', () => {
  test('ten a second are 600 a minute, and 1,200 left take two minutes', () => {
    expect(paceOf(samples(0, 10, 20, 30), 1_200)).toEqual({ perMinute: 600, secondsLeft: 120 })
  })

  test('there is no pace before there are three seconds to judge by', () => {
    expect(paceOf(samples(0, 10), 100)).toBeNull()
  })

  test('a standstill is only told after twenty seconds, and has no end', () => {
    expect(paceOf(samples(5, 5, 5, 5, 5), 100)).toBeNull()
    expect(
      paceOf(
        [
          { at: 0, done: 5 },
          { at: 20_000, done: 5 },
        ],
        100,
      ),
    ).toEqual({ perMinute: 0, secondsLeft: null })
  })

  test('only the last minute counts, and a new run starts over', () => {
    expect(addSample([{ at: 0, done: 1 }], { at: 61_000, done: 9 })).toEqual([{ at: 61_000, done: 9 }])
    expect(addSample([{ at: 0, done: 9 }], { at: 1_000, done: 2 })).toEqual([{ at: 1_000, done: 2 }])
  })
})
