import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMessage, renderMessage, tagsOf, unknownTags } from './message.ts'

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000)
const render = (sentence: string, values: Record<string, unknown> = {}) =>
  renderMessage(parseMessage(sentence), values)

test('the sentence of the documents reads its tags', () => {
  const sentence = 'Hi {tags_name}, you are {tags_age} years old and your salary is {tags_salary}.'
  expect(tagsOf(parseMessage(sentence))).toEqual(['tags_name', 'tags_age', 'tags_salary'])
  expect(render(sentence, { tags_name: 'Sita', tags_age: 25, tags_salary: '900' })).toEqual({
    ok: true,
    text: 'Hi Sita, you are 25 years old and your salary is 900.',
  })
})

test('a missing value takes the fallback, and without one the recipient is set aside', () => {
  expect(render('Hi {tags_name|friend}!')).toEqual({ ok: true, text: 'Hi friend!' })
  expect(render('Hi {tags_name|}!')).toEqual({ ok: true, text: 'Hi !' })
  expect(render('Hi {tags_name|friend}!', { tags_name: ' ' })).toEqual({ ok: true, text: 'Hi friend!' })
  expect(render('{tags_a} {tags_b|x} {tags_a}', { tags_a: null })).toEqual({ ok: false, missing: ['tags_a'] })
})

test('anything else in braces is text', () => {
  for (const text of ['{}', '{ tags_name }', '{a-b}', '{a b}', '{', '}', '{"a": 1}', '{a|b|{c']) {
    expect(render(text)).toEqual({ ok: true, text })
  }
  expect(render('{{tags_name}}', { tags_name: 'Sita' })).toEqual({ ok: true, text: '{Sita}' })
})

test('a value is never read as a message', () => {
  expect(render('{tags_a}', { tags_a: '{tags_b}', tags_b: 'secret' })).toEqual({ ok: true, text: '{tags_b}' })
})

test('names of the language are tags like any other and find nothing', () => {
  for (const tag of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(unknownTags(parseMessage(`{${tag}}`), ['tags_name'])).toEqual([tag.toLowerCase()])
    expect(render(`{${tag}}`)).toEqual({ ok: false, missing: [tag.toLowerCase()] })
  }
})

test('tags of other scripts and letter cases find their column', () => {
  expect(render('{tags_नाम} {TAGS_AGE}', { tags_नाम: 'सीता', tags_age: 3 })).toEqual({
    ok: true,
    text: 'सीता 3',
  })
})

test('the parts of any sentence put together are the sentence', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('{', '}', '|', '{a}', '{tags_x|y}', '{__proto__}', '{a|'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const sentence = pieces.join('')
      const together = parseMessage(sentence)
        .map((part) => {
          if ('text' in part) return part.text
          return part.fallback === null ? `{${part.tag}}` : `{${part.tag}|${part.fallback}}`
        })
        .join('')
      expect(together.toLowerCase()).toBe(sentence.toLowerCase())
    }),
    { numRuns: 5_000, seed },
  )
})

test('a sentence rendered without missing values holds every value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string({ minLength: 1 })), (values) => {
      const sentence = Object.keys(values)
        .map((tag) => `{${tag}|-}`)
        .join(' ')
      const rendered = render(sentence, values)
      expect(rendered).toEqual({
        ok: true,
        text: Object.values(values)
          .map((value) => (value.trim() === '' ? '-' : value))
          .join(' '),
      })
    }),
    { numRuns: 2_000, seed },
  )
})

test('a megabyte of braces is parsed at once', () => {
  for (const piece of ['{', '{a|', '{a}', '{a|b', '}{']) {
    const started = performance.now()
    parseMessage(piece.repeat(Math.floor(1_000_000 / piece.length)))
    expect(performance.now() - started).toBeLessThan(1_000)
  }
})
