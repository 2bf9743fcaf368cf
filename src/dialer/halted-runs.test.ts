import { expect, test } from 'vitest'
import { createHaltedRuns } from './halted-runs.ts'

test('what was allowed before a run was halted is not sent, what was allowed after is', async () => {
  const halted = createHaltedRuns(10_000)
  const before = performance.now()
  expect(halted.isHalted(7, before)).toBe(false)
  halted.halt(7)
  expect(halted.isHalted(7, before)).toBe(true)
  expect(halted.isHalted(7, performance.now() + 1)).toBe(false)
  expect(halted.isHalted(8, before)).toBe(false)
  expect(halted.isHalted(null, before)).toBe(false)
})

test('a run is forgotten when everything that was allowed before its halt has grown old', () => {
  const halted = createHaltedRuns(-1)
  const before = performance.now()
  halted.halt(7)
  halted.halt(8)
  expect(halted.isHalted(7, before)).toBe(false)
  expect(halted.isHalted(8, before)).toBe(true)
})
