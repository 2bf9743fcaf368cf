import * as fc from 'fast-check'
import { parse } from 'csv-parse/sync'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readByLibrary, readInternational, readNational } from './numbering-plan.ts'
import { readPhoneNumber } from './phone-number.ts'
import { zoneListOfNumber, zonesOfNumber } from './number-zone.ts'

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000)
const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max })
const regions = ['NP', 'US', 'GB', 'DE', 'IN', 'BR', 'AR', 'IT', 'RU', 'MX', 'FR', 'CA', 'AU', 'KZ', 'SM']

test('the compiled plans and the library read any international number alike', () => {
  fc.assert(
    fc.property(digits(4, 16), (number) => {
      expect(readInternational(number)).toEqual(readByLibrary(`+${number}`, null))
    }),
    { numRuns: 30_000, seed },
  )
})

test('the compiled plans and the library read any national number alike', () => {
  fc.assert(
    fc.property(fc.constantFrom(...regions), digits(4, 14), (region, number) => {
      expect(readNational(number, region)).toEqual(readByLibrary(number, region))
    }),
    { numRuns: 30_000, seed },
  )
})

test('the compiled plans and the library agree on real ranges, where most numbers are valid', () => {
  const stems = [
    '1212555',
    '97798',
    '9771',
    '4477',
    '4915',
    '91987',
    '5511',
    '54911',
    '3906',
    '7916',
    '1900',
    '979',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...stems), digits(3, 9), (stem, rest) => {
      expect(readInternational(stem + rest)).toEqual(readByLibrary(`+${stem}${rest}`, null))
    }),
    { numRuns: 30_000, seed },
  )
})

test('a reading is invalid exactly when it has no E.164 form, whatever was given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (given) => {
      const read = readPhoneNumber(given, 'NP')
      expect(read.grade === 'invalid').toBe(read.e164 === null)
      expect(read.e164 ?? '+12345').toMatch(/^\+[1-9]\d{4,14}$/)
      expect(read.digits).toMatch(/^\d*$/)
    }),
    { numRuns: 20_000, seed },
  )
})

test('what was read once reads the same again', () => {
  fc.assert(
    fc.property(fc.constantFrom(...regions), digits(4, 14), (region, number) => {
      const first = readPhoneNumber(number, region)
      expect(first.e164 === null ? null : readPhoneNumber(first.e164, region).e164).toBe(first.e164)
    }),
    { numRuns: 5_000, seed },
  )
})

const sheet = new Map<number, [string | null, string, string | null]>([
  [1, ['+12125550101', 'valid', null]],
  [2, ['+9779843812344', 'valid', null]],
  [3, [null, 'invalid', 'digits_lost']],
  [4, ['+9779843812344', 'valid', null]],
  [5, ['+9779851023212', 'valid', null]],
  [6, ['+9779843812344', 'valid', null]],
  [7, ['+9779843812344', 'valid', null]],
  [8, ['+9779843812344', 'valid', null]],
  [9, ['+9779843812344', 'valid', null]],
  [10, [null, 'invalid', 'too_short']],
  [11, [null, 'invalid', 'not_a_number']],
  [12, [null, 'invalid', 'no_number']],
  [13, ['+9779876543210', 'unusual', null]],
  [14, ['+97798675432123', 'unusual', null]],
  [15, [null, 'invalid', 'two_numbers']],
  [16, ['+12125550116', 'valid', null]],
  [19, ['+12125550101', 'valid', null]],
  [20, ['+12125550120', 'valid', 'extension_left_out']],
  [22, [null, 'invalid', 'no_number']],
  [23, ['+12125550123', 'valid', null]],
  [26, [null, 'invalid', 'premium_rate']],
  [27, ['+18005550127', 'valid', null]],
  [28, ['+447700900128', 'unusual', null]],
  [29, ['+12125550129', 'valid', null]],
  [30, [null, 'invalid', 'negative']],
])

test('every row of the broken sheet is read as a careful person would', () => {
  const text = readFileSync(new URL('../../test/data/broken-sheet.csv', import.meta.url))
  const options = { bom: true, delimiter: ';', relax_quotes: true, relax_column_count: true, from: 2 }
  const rows = parse(text, options) as string[][]
  const read = new Map(rows.map((row) => [Number(row[0]), readPhoneNumber(row[2] ?? '', 'NP')]))
  for (const [row, [e164, grade, reason]] of sheet) {
    expect({ row, ...read.get(row) }).toMatchObject({ row, e164, grade, reason })
  }
})

test.each([
  ['९८४३८१२३४४', '+9779843812344'],
  ['٩٨٤٣٨١٢٣٤٤', '+9779843812344'],
  ['９８４３８１２３４４', '+9779843812344'],
  ['\u200e+977 984-3812344\u202c', '+9779843812344'],
  ["'9843812344", '+9779843812344'],
  ['9,843,812,344', '+9779843812344'],
  ['9.843812344E+09', '+9779843812344'],
  ['tel:+977-984-3812344', '+9779843812344'],
  ['+977 (0) 9843812344', '+9779843812344'],
  ['014412345', '+97714412345'],
  ['12025550100', '+12025550100'],
])('%s is repaired', (given, e164) => {
  expect(readPhoneNumber(given, 'NP')).toMatchObject({ e164, grade: 'valid' })
})

test.each([
  ['911', 'short_code'],
  ['112', 'short_code'],
  ['100', 'short_code'],
  ['1098', 'short_code'],
  ['+19115550123', 'emergency_number'],
  ['+979123456789', 'premium_rate'],
  ['9.84E+09', 'digits_lost'],
  ['1e21', 'digits_lost'],
  ['9843812344,9851023212', 'two_numbers'],
  ['9843812344 9851023212', 'two_numbers'],
  ['01-4412345/46', 'two_numbers'],
  ['+1 800 FLOWERS', 'not_a_number'],
  ['+999123456789', 'unknown_country_code'],
  ['12345678901234567890', 'too_long'],
])('%s is never dialed: %s', (given, reason) => {
  expect(readPhoneNumber(given, 'NP')).toMatchObject({ e164: null, grade: 'invalid', reason })
})

test('emergency numbers are refused in every region', () => {
  for (const region of regions) {
    for (const number of ['000', '100', '110', '112', '118', '911', '999', '0112', '0911']) {
      expect(readPhoneNumber(number, region).grade).toBe('invalid')
    }
  }
})

test('a long hostile cell is read at once', () => {
  for (const piece of ['9', ' ', '(', '-', '1 x ', '9,', '/', '="', '९']) {
    const started = performance.now()
    readPhoneNumber(piece.repeat(50_000), 'NP')
    readPhoneNumber(piece.repeat(240 / piece.length), 'NP')
    expect(performance.now() - started).toBeLessThan(200)
  }
})

test('a number knows every zone it may ring in', () => {
  expect(zonesOfNumber('+12125550101')).toEqual(['America/New_York'])
  expect(zonesOfNumber('+9779843812344')).toHaveLength(1)
  expect(zonesOfNumber('+18005550127').length).toBeGreaterThan(5)
  expect(zoneListOfNumber('+18005550127')).toContain('America/New_York,')
  expect(zonesOfNumber('+99912345')).toEqual([])
})
