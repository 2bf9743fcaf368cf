import { expect, test } from 'vitest'
import { formatClock, formatInstant, formatSpan, formatTalk } from './time-format.ts'

const now = Date.parse('2026-11-20T10:00:00Z')

test('a time of today is a clock; one of another day in that zone has its day', () => {
  expect(formatClock('2026-11-20T08:17:10Z', 'Asia/Kathmandu', now)).toBe('14:02:10')
  expect(formatClock('2026-11-19T20:17:10Z', 'Asia/Kathmandu', now)).toBe('02:02:10')
  expect(formatClock('2026-11-19T10:00:00Z', 'UTC', now)).toBe('19 Nov 10:00:00')
})

test('the whole instant names its zone', () => {
  expect(formatInstant('2026-11-20T08:17:10Z', 'Asia/Kathmandu')).toContain('14:02:10')
  expect(formatInstant('2026-11-20T08:17:10Z', 'Asia/Kathmandu')).toMatch(/GMT\+5:45|Nepal/)
})

test('talk time counts like a clock and never runs backwards', () => {
  expect([-3, 7, 760, 3723].map(formatTalk)).toEqual(['0:00', '0:07', '12:40', '1:02:03'])
})

test('a span is told as finely as it matters', () => {
  expect([9, 208, 7_500, 260_000].map(formatSpan)).toEqual(['9 s', '3 min 28 s', '2 h 05 min', '3 days'])
})
