import { array, assert, constantFrom, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { segmentsOf } from './text-segments.ts'

test('a text of the GSM alphabet holds 160 characters in one segment and 153 in each of several', () => {
  expect(segmentsOf('a'.repeat(160))).toEqual({ encoding: 'GSM-7', segments: 1, units: 160 })
  expect(segmentsOf('a'.repeat(161))).toEqual({ encoding: 'GSM-7', segments: 2, units: 161 })
  expect(segmentsOf('a'.repeat(306)).segments).toBe(2)
  expect(segmentsOf('a'.repeat(307)).segments).toBe(3)
})

test('a character of the extension table takes two places and is never cut in half', () => {
  expect(segmentsOf('€'.repeat(80))).toEqual({ encoding: 'GSM-7', segments: 1, units: 160 })
  expect(segmentsOf('€'.repeat(81)).segments).toBe(2)
  // 153 is odd: the 77th euro does not fit into the first segment, and takes its other half along.
  expect(segmentsOf('€'.repeat(152)).segments).toBe(2)
  expect(segmentsOf('€'.repeat(153)).segments).toBe(3)
})

test('one character outside the GSM alphabet makes the whole text UCS-2, with 70 or 67 to a segment', () => {
  expect(segmentsOf('नमस्ते')).toEqual({ encoding: 'UCS-2', segments: 1, units: 6 })
  expect(segmentsOf('न'.repeat(70)).segments).toBe(1)
  expect(segmentsOf('न'.repeat(71)).segments).toBe(2)
  expect(segmentsOf(`${'a'.repeat(69)}ë`).encoding).toBe('UCS-2')
})

test('a picture takes two units and is never cut in half', () => {
  expect(segmentsOf('😀'.repeat(35))).toEqual({ encoding: 'UCS-2', segments: 1, units: 70 })
  expect(segmentsOf('😀'.repeat(66)).segments).toBe(2)
  expect(segmentsOf('😀'.repeat(67)).segments).toBe(3)
})

test('every character of the standard has its place: 128 in the alphabet less the escape, 10 in its extension', () => {
  const all = Array.from({ length: 0x2_600 }, (_, code) => String.fromCharCode(code))
  const units = all.map(segmentsOf).filter(({ encoding }) => encoding === 'GSM-7')
  expect(units.filter((one) => one.units === 1)).toHaveLength(127)
  expect(units.filter((one) => one.units === 2)).toHaveLength(10)
})

test('more text never takes fewer segments', () => {
  assert(
    property(
      string({ unit: 'grapheme', maxLength: 400 }),
      array(constantFrom('a', '€', 'न', '😀')),
      (text, more) => {
        expect(segmentsOf(text + more.join('')).segments).toBeGreaterThanOrEqual(segmentsOf(text).segments)
      },
    ),
  )
})
