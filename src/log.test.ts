import { expect, it } from 'vitest'
import { maskNumber } from './log.ts'

it('a masked number keeps its beginning and its last two digits, a short one only those', () => {
  expect(maskNumber('+9779843812344')).toBe('+97798******44')
  expect(maskNumber('+12025550100')).toBe('+12025****00')
  expect(maskNumber('9841')).toBe('**41')
  expect(maskNumber('')).toBe('')
})
