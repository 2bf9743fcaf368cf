import { expect, test } from 'vitest'
import { createHalted } from './halted.ts'

const intent = (runId: number | null, to = '+12125550000') => ({ workspaceId: 3, runId, to })

test('what was allowed before a run was halted is not sent, what was allowed after is', () => {
  const halted = createHalted(10_000)
  const before = performance.now()
  expect(halted.isHalted(intent(7), before)).toBe(false)
  halted.haltRun(7)
  expect(halted.isHalted(intent(7), before)).toBe(true)
  expect(halted.isHalted(intent(7), performance.now() + 1)).toBe(false)
  expect(halted.isHalted(intent(8), before)).toBe(false)
  expect(halted.isHalted(intent(null), before)).toBe(false)
})

test('nobody is sent anything that was allowed before they opted out, in their workspace', () => {
  const halted = createHalted(10_000)
  const before = performance.now()
  halted.hearOptOut('3 +12125550000')
  expect(halted.isHalted(intent(7), before)).toBe(true)
  expect(halted.isHalted(intent(7, '+12125550001'), before)).toBe(false)
  expect(halted.isHalted({ ...intent(7), workspaceId: 4 }, before)).toBe(false)
  halted.hearOptOut('')
  expect(halted.isHalted(intent(7, '+12125550001'), before)).toBe(true)
})

test('a run is forgotten when everything that was allowed before its halt has grown old', () => {
  const halted = createHalted(-1)
  const before = performance.now()
  halted.haltRun(7)
  halted.haltRun(8)
  expect(halted.isHalted(intent(7), before)).toBe(false)
  expect(halted.isHalted(intent(8), before)).toBe(true)
})
