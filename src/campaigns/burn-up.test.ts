import { expect, test } from 'vitest'
import { burnUpReport, stepFor } from './burn-up.ts'

const from = new Date('2026-11-20T08:00:00Z')

test('a run of seconds is shown by the second, one of days by the quarter of an hour', () => {
  expect(stepFor(0)).toBe(1)
  expect(stepFor(90)).toBe(1)
  expect(stepFor(3_600)).toBe(15)
  expect(stepFor(48 * 3_600)).toBe(600)
  expect(stepFor(400 * 86_400)).toBe(172_800)
})

test('the curve begins with nobody, holds where nothing happens, and reaches what is done', () => {
  const ended = [
    { step: 0, count: 2 },
    { step: 3, count: 5 },
  ]
  expect(burnUpReport({ runId: 7, from, seconds: 4.5 }, ended)).toEqual({
    run_id: 7,
    from: '2026-11-20T08:00:00Z',
    step_seconds: 1,
    done: [0, 2, 2, 2, 7, 7],
  })
})

test('a call that ends after its run was stopped still counts', () => {
  const { done } = burnUpReport({ runId: 7, from, seconds: 2 }, [{ step: 5, count: 1 }])
  expect(done).toEqual([0, 0, 0, 0, 0, 0, 1])
})

test('a run that has only begun is a curve of nothing', () => {
  expect(burnUpReport({ runId: 7, from, seconds: 0 }, []).done).toEqual([0])
})
