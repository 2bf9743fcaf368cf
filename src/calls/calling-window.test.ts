import { assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { callingWindow, nextMidnight, startOfDay, type CallingRules } from './calling-window.ts'

const every = (from: string, to: string) =>
  Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [from, to] as const]),
  )
const rules = (changes: Partial<CallingRules> = {}): CallingRules => ({
  callingHours: every('08:00', '21:00'),
  holidays: [],
  ...changes,
})
const window = (zone: string, at: string, changed: Partial<CallingRules> = {}) =>
  callingWindow(rules(changed), [zone], new Date(at))
const opens = (at: string) => ({ open: false, opensAt: new Date(at) })

test('the hours begin with their first minute and end before their last', () => {
  expect(window('Asia/Kathmandu', '2026-11-20T02:14:59Z')).toEqual(opens('2026-11-20T02:15:00Z'))
  expect(window('Asia/Kathmandu', '2026-11-20T02:15:00Z')).toEqual({ open: true })
  expect(window('Asia/Kathmandu', '2026-11-20T15:14:59.999Z')).toEqual({ open: true })
  expect(window('Asia/Kathmandu', '2026-11-20T15:15:00Z')).toEqual(opens('2026-11-21T02:15:00Z'))
})

test('days that are closed and holidays are passed over', () => {
  const callingHours = { mon: ['09:00', '17:00'], wed: ['09:00', '24:00'] } as const
  expect(window('UTC', '2026-11-23T17:00:00Z', { callingHours })).toEqual(opens('2026-11-25T09:00:00Z'))
  expect(window('UTC', '2026-11-25T23:59:59Z', { callingHours })).toEqual({ open: true })
  const holidays = ['2026-11-25', '2026-11-30']
  expect(window('UTC', '2026-11-23T17:00:00Z', { callingHours, holidays })).toEqual(
    opens('2026-12-02T09:00:00Z'),
  )
})

test('hours that never come are told as never', () => {
  expect(window('UTC', '2026-11-23T17:00:00Z', { callingHours: {} })).toEqual({ open: false, opensAt: null })
})

test('the hours follow the clocks of the place, also on the days they are changed', () => {
  // New York put its clocks back on 1 November 2026: 08:00 is 12:00Z before, 13:00Z after.
  expect(window('America/New_York', '2026-10-31T12:00:00Z')).toEqual({ open: true })
  expect(window('America/New_York', '2026-11-01T12:00:00Z')).toEqual(opens('2026-11-01T13:00:00Z'))
  // On 8 March 2026 there was no 02:30: what begins then begins at the first moment after it.
  const callingHours = every('02:30', '03:30')
  expect(window('America/New_York', '2026-03-08T06:59:00Z', { callingHours })).toEqual(
    opens('2026-03-08T07:30:00Z'),
  )
})

test('whenever the hours are said to begin, they have begun then and not a second before', () => {
  const zones = [
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
    'Pacific/Apia',
    'UTC',
  ]
  const minute = integer({ min: 0, max: 3 * 365 * 1_440 })
  assert(
    property(constantFrom(...zones), minute, (zone, minutes) => {
      const at = new Date(Date.UTC(2025, 0, 1) + minutes * 60_000)
      const found = callingWindow(rules(), [zone], at)
      if (found.open) return
      const from = found.opensAt ?? new Date(Number.NaN)
      expect(from.getTime()).toBeGreaterThan(at.getTime())
      expect(callingWindow(rules(), [zone], from)).toEqual({ open: true })
      expect(callingWindow(rules(), [zone], new Date(from.getTime() - 1_000)).open).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('a day begins and ends at the midnights of its place', () => {
  const at = new Date('2026-11-20T18:00:00Z')
  expect(startOfDay('Asia/Kathmandu', at)).toEqual(new Date('2026-11-19T18:15:00Z'))
  expect(nextMidnight('Asia/Kathmandu', at)).toEqual(new Date('2026-11-20T18:15:00Z'))
})
