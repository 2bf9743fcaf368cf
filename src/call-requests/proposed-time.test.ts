import { expect, test } from 'vitest'
import { earliestTime, readTimes } from './proposed-time.ts'

const now = new Date('2027-03-10T12:00:00Z')
const codes = (time_one: unknown, at = now) => readTimes({ time_one }, at).problems.map((one) => one.code)

test('exactly half an hour ahead is valid, a millisecond less is not', () => {
  expect(codes('2027-03-10T12:30:00Z')).toEqual([])
  expect(codes('2027-03-10T12:30:00Z', new Date(now.getTime() + 1))).toEqual(['too_early'])
  expect(earliestTime(now)).toEqual(new Date('2027-03-10T12:30:00Z'))
  expect(earliestTime(new Date(now.getTime() + 1))).toEqual(new Date('2027-03-10T12:45:00Z'))
})

test('seconds and fractions are off the quarter hour, and a time off it before half an hour has one nearest', () => {
  expect(codes('2027-03-10T13:00:01Z')).toEqual(['not_a_quarter_hour'])
  expect(codes('2027-03-10T13:00:00.5Z')).toEqual(['not_a_quarter_hour'])
  const [problem] = readTimes({ time_one: '2027-03-10T12:17:00Z' }, now).problems
  expect(problem?.message).toContain('Nearest valid: 2027-03-10T12:30:00.000000Z.')
})

test('a time beyond a year is refused with the last one that is valid', () => {
  expect(codes('2028-03-12T00:00:00Z')).toEqual(['too_late'])
})

test('a quarter hour of a zone with a broken offset is one of UTC, too', () => {
  expect(codes('2027-03-11T00:00:00+05:45')).toEqual([])
})
