import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { NumberSet, readBatch } from './import-batch.ts'

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000)

test('the set of numbers holds what a Set of strings would', () => {
  const number = fc.stringMatching(/^\+[1-9]\d{4,14}$/)
  fc.assert(
    fc.property(
      fc.array(fc.oneof(number, fc.constantFrom('+12025550100', '+12025550101')), { maxLength: 200 }),
      (numbers) => {
        const set = new NumberSet()
        const reference = new Set<string>()
        for (const one of numbers) {
          expect(set.add(one)).toBe(!reference.has(one))
          reference.add(one)
        }
        expect(set.size).toBe(reference.size)
      },
    ),
    { numRuns: 500, seed },
  )
})

test('a set that grows forgets nothing', () => {
  const set = new NumberSet()
  for (let index = 0; index < 200_000; index++) set.add(numberAt(index))
  expect(set.size).toBe(200_000)
  for (let index = 0; index < 200_000; index += 7) set.add(numberAt(index))
  expect(set.size).toBe(200_000)
})

test('a number seen before only brings its tags, and is counted each time', () => {
  const layout = {
    delimiter: ',' as const,
    hasHeader: true,
    numberColumn: 0,
    columns: ['number', 'name'],
    tags: [null, 'tags_name'],
    rows: 9,
  }
  const records = [
    ['9843812344', 'a'],
    ['9851023212', 'b'],
    ['n/a', 'c'],
    ['+9779843812344', 'd'],
    ['9843812344', 'e'],
    [''],
  ]
  const seen = new NumberSet()
  seen.add('+9779851023212')
  const batch = readBatch(
    records.map((record, index) => ({ record, row: index + 2 })),
    { layout, region: 'NP' },
    seen,
  )
  expect(batch.records).toBe(6)
  expect(batch.fresh.map((one) => one.given)).toEqual(['9843812344', 'n/a'])
  expect(batch.repeated.map((one) => [one.e164, one.tags['tags_name']])).toEqual([
    ['+9779851023212', 'b'],
    ['+9779843812344', 'd'],
  ])
  expect(batch.duplicates).toBe(3)
  expect(batch.problems).toEqual([{ row: 4, given: 'n/a', error: 'not_a_number', cells: ['n/a', 'c'] }])
})

function numberAt(index: number): string {
  return `+9779${String(index).padStart(9, '0')}`
}
