import { expect, test } from 'vitest'
import { parseSearch, toBoardSearch, toSignInSearch, writeSearch } from './search.ts'

test('what is written into the URL is read from it again', () => {
  const search = { campaign: 8, q: '984 381', lane: 'failed' }
  expect(toBoardSearch(parseSearch(writeSearch(search)))).toEqual(search)
})

test('values that make no sense are left out', () => {
  expect(toBoardSearch({ campaign: '-1', lane: 'nowhere', q: '' })).toEqual({})
})

test('signing in leads only to a page of our own', () => {
  expect(toSignInSearch({ next: '/live?campaign=8' })).toEqual({ next: '/live?campaign=8' })
  for (const next of [
    'https://elsewhere.test',
    '//elsewhere.test',
    '/\\elsewhere.test',
    'javascript:alert(1)',
  ]) {
    expect(toSignInSearch({ next })).toEqual({})
  }
})
