import { assert, integer, property, constantFrom } from 'fast-check'
import { expect, test } from 'vitest'
import { decideRetry, mostAnswered, readRetry, retriedOutcomes, retryToWire } from './retry.ts'

const policy = readRetry({
  max_attempts: 4,
  no_answer: { times: 2, delay_minutes: 60 },
  busy: { times: '1', delay_minutes: '5' },
})
if (!policy) throw new Error('The policy of this test must be readable')
const ended = { outcome: 'no_answer' as const, attempts: 1, sameOutcome: 1 }

test('a number is called again after the delay of its outcome, as often as that outcome says', () => {
  expect(decideRetry(policy, ended)).toEqual({ again: true, delayMs: 3_600_000 })
  expect(decideRetry(policy, { ...ended, attempts: 3, sameOutcome: 2 })).toMatchObject({ again: true })
  expect(decideRetry(policy, { ...ended, attempts: 3, sameOutcome: 3 })).toEqual({
    again: false,
    reason: 'used_up',
  })
  expect(decideRetry(policy, { ...ended, outcome: 'failed' })).toEqual({
    again: false,
    reason: 'not_repeated',
  })
})

test('outcomes never add up to more calls than one person may get', () => {
  expect(decideRetry(policy, { ...ended, attempts: 4, sameOutcome: 1 })).toEqual({
    again: false,
    reason: 'cap',
  })
  const outcome = constantFrom(...retriedOutcomes)
  assert(
    property(outcome, integer({ min: 1, max: 30 }), integer({ min: 1, max: 30 }), (which, attempts, same) => {
      const retry = decideRetry(policy, { outcome: which, attempts, sameOutcome: same })
      return !retry.again || attempts < policy.maxAttempts
    }),
  )
})

test('what is written is read back, and unanswered stands for no answer and busy', () => {
  expect(readRetry(retryToWire(policy))).toEqual(policy)
  const again = { times: 1, delayMinutes: 10 }
  expect(readRetry({ Unanswered: { times: 1, delay_minutes: 10 } })).toEqual({
    maxAttempts: 2,
    after: { no_answer: again, busy: again },
  })
  expect(mostAnswered(null)).toBe(1)
  expect(mostAnswered({ maxAttempts: 3, after: { hungup: { times: 9, delayMinutes: 1 } } })).toBe(3)
})

test('a policy that could not be meant is refused', () => {
  const rule = { times: 1, delay_minutes: 1 }
  for (const given of [
    {},
    { max_attempts: 3 },
    { max_attempts: 1, busy: rule },
    { max_attempts: 21, busy: rule },
    { busy: { times: 0, delay_minutes: 1 } },
    { busy: { times: 1 } },
    { completed: rule },
    'always',
    [rule],
  ])
    expect([given, readRetry(given)]).toEqual([given, undefined])
})
