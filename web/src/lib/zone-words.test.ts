import { expect, test } from 'vitest'
import { clocksChange, clockWords, dayDifference, dayWords, placeWords } from './zone-words.ts'

test('an instant is written in the words of each place, across a change of the clocks', () => {
  const at = '2027-03-14T12:00:00.000000Z'
  expect([dayWords(at, 'Asia/Kathmandu'), clockWords(at, 'Asia/Kathmandu')]).toEqual([
    'Sun 14 Mar 2027',
    '17:45',
  ])
  expect(placeWords(at, 'Asia/Kathmandu')).toBe('Kathmandu, UTC+05:45')
  expect([clockWords(at, 'America/Chicago'), placeWords(at, 'America/Chicago')]).toEqual([
    '07:00',
    'Chicago, UTC-05:00',
  ])
  expect(placeWords('2027-03-13T12:00:00Z', 'America/Chicago')).toBe('Chicago, UTC-06:00')
  expect(clocksChange('2027-03-13T12:00:00Z', at, 'America/Chicago')).toBe(true)
  expect(clocksChange('2027-03-13T12:00:00Z', at, 'Asia/Kathmandu')).toBe(false)
  expect(placeWords(at, 'UTC')).toBe('UTC')
})

test('a place may be a day ahead of another', () => {
  expect(dayDifference('2027-03-14T20:00:00Z', 'Asia/Kathmandu', 'America/Chicago')).toBe(1)
  expect(dayDifference('2027-03-14T20:00:00Z', 'America/Chicago', 'Asia/Kathmandu')).toBe(-1)
  expect(dayDifference('2027-03-14T12:00:00Z', 'America/Chicago', 'Asia/Kathmandu')).toBe(0)
})
