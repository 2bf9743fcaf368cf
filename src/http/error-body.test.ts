import { expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { errorBody } from './error-body.ts'
import { familyOf } from './families.ts'

const tooLong = new AppError('invalid', 'invalid_field', 'message has 501 characters.', { param: 'message' })

test('a field called message is told as a field where errors are fields, and as the sentence in an envelope', () => {
  expect(errorBody(tooLong, familyOf('/api/v1/call-requests/'), 'x')).toMatchObject({
    error: tooLong.message,
    message: [tooLong.message],
  })
  expect(errorBody(tooLong, familyOf('/api/system/send/otp'), 'x')).toMatchObject({
    message: tooLong.message,
    data: {},
  })
  expect(errorBody(tooLong, familyOf('/api/leads/'), 'x')).not.toHaveProperty('message')
})

test('a field that is called like a member of the body does not take its place', () => {
  const error = new AppError('invalid', 'invalid_field', 'status is not known.', { param: 'status' })
  expect(errorBody(error, familyOf('/call/'), 'x').status).toBe(400)
})
