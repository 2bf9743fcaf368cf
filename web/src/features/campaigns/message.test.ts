import { expect, test } from 'vitest'
import { splitNumbers, tagsIn, unknownTags } from './message.ts'

test('tags are found with and without a fallback, each once; other braces are text', () => {
  expect(tagsIn('Hi {tags_name}, {tags_name|friend}, {नाम} {not a tag} {}')).toEqual(['tags_name', 'नाम'])
})

test('a tag without a column is named', () => {
  expect(unknownTags('Hi {tags_name}, you are {tags_age}', ['tags_name'])).toEqual(['tags_age'])
})

test('pasted numbers are parted by lines, commas, semicolons and tabs, and keep the spaces inside', () => {
  expect(splitNumbers('+977 984 381 2344\n9843812345,९८४३८१२३४६;;\t(202) 555-0100\n\n-')).toEqual([
    '+977 984 381 2344',
    '9843812345',
    '९८४३८१२३४६',
    '(202) 555-0100',
  ])
})
