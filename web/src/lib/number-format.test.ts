import { expect, test } from 'vitest'
import { formatCount, formatShare, plural } from './number-format.ts'

test('counts have their thousands apart and agree with their noun', () => {
  expect(formatCount(48_210)).toBe('48,210')
  expect([plural(1, 'number'), plural(2, 'number'), plural(0, 'person', 'people')]).toEqual([
    '1 number',
    '2 numbers',
    '0 people',
  ])
})

test('a share is 100 % only when it is whole, and 0 % only when it is nothing', () => {
  expect([
    formatShare(0, 10),
    formatShare(1, 100_000),
    formatShare(99_999, 100_000),
    formatShare(3, 3),
  ]).toEqual(['0 %', '1 %', '99 %', '100 %'])
  expect(formatShare(0, 0)).toBe('0 %')
})
