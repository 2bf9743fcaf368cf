import { expect, test } from 'vitest'
import { textSize } from './text-size.ts'

test.each([
  ['', 'GSM-7', 0, 1, 160],
  ['a'.repeat(160), 'GSM-7', 160, 1, 160],
  ['a'.repeat(161), 'GSM-7', 161, 2, 306],
  ['€', 'GSM-7', 2, 1, 160],
  ['नमस्ते', 'UCS-2', 6, 1, 70],
  ['न'.repeat(71), 'UCS-2', 71, 2, 134],
  ['Hi {tags_name|friend}', 'GSM-7', 12, 1, 160],
] as const)('%j is %s, %i units, %i segments with room for %i', (message, ...size) => {
  const { encoding, units, segments, room } = textSize(message)
  expect([encoding, units, segments, room]).toEqual(size)
})
