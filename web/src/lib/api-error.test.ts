import { expect, test } from 'vitest'
import { problemOf, toApiError } from './api-error.ts'

test('an error body becomes a sentence, a code, a request id and a sentence per field', () => {
  const { problem } = toApiError(400, {
    error: 'email is required.',
    code: 'missing_field',
    param: 'email',
    errors: [{ param: 'name', code: 'required', message: 'name is required.' }],
    request_id: 'r1',
  })
  expect(problem).toEqual({
    status: 400,
    code: 'missing_field',
    sentence: 'email is required.',
    requestId: 'r1',
    fields: { name: 'name is required.', email: 'email is required.' },
  })
})

test('an answer that is no error body still gives a sentence', () => {
  expect(toApiError(502, '<html>').problem.sentence).toBe('The server answered 502.')
  expect(problemOf(new Error('broken')).sentence).toBe('broken')
})
