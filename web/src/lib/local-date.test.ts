import { expect, test } from 'vitest'
import { dateIn, instantAt, timeIn } from './local-date.ts'

test('a local date and time become their instant, on both sides of a change of the clocks', () => {
  expect(instantAt('2026-03-07', '10:00', 'America/Chicago')).toBe('2026-03-07T16:00:00Z')
  expect(instantAt('2026-03-08', '10:00', 'America/Chicago')).toBe('2026-03-08T15:00:00Z')
  expect(instantAt('2026-11-24', '10:15', 'Asia/Kathmandu')).toBe('2026-11-24T04:30:00Z')
})

test('an instant has the date and the time of its zone', () => {
  const at = Date.parse('2026-11-24T20:30:00Z')
  expect(dateIn(at, 'Asia/Kathmandu')).toBe('2026-11-25')
  expect(dateIn(at, 'Asia/Kathmandu', 7)).toBe('2026-12-02')
  expect(timeIn(at, 'Asia/Kathmandu')).toBe('02:15:00')
})
