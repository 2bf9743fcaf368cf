import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createOtpCodes, digitsOf, spokenMessage, templateOf, writtenMessage } from './otp-code.ts'

const codes = createOtpCodes('a secret key that is only for tests')

test('100,000 generated codes are uniform in every place, and keep their leading zeros', () => {
  const key = randomBytes(32)
  const counts = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => 0))
  for (let index = 0; index < 100_000; index += 1) {
    const code = digitsOf(key, randomUUID(), 6)
    if (code.length !== 6) throw new Error(`${code} has not six digits`)
    for (const [place, digit] of [...code].entries()) {
      const row = counts[place] ?? []
      row[Number(digit)] = (row[Number(digit)] ?? 0) + 1
    }
  }
  for (const row of counts) {
    const chiSquare = row.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    // Nine degrees of freedom: more than this comes once in a million.
    expect(chiSquare).toBeLessThan(45)
  }
}, 120_000)

test('a generated code is the same for the same id and another for another', () => {
  const stored = { id: randomUUID(), kind: 'generated' as const, length: 10, sealed: null }
  expect(codes.codeOf(stored)).toBe(codes.codeOf(stored))
  expect(codes.codeOf({ ...stored, id: randomUUID() })).not.toBe(codes.codeOf(stored))
  expect(createOtpCodes('another secret key').codeOf(stored)).not.toBe(codes.codeOf(stored))
})

test('a sealed code comes back under its own id only, and is not to be seen', () => {
  const id = randomUUID()
  const sealed = codes.seal(id, '1234567890')
  expect(codes.codeOf({ id, kind: 'personnel', length: 10, sealed })).toBe('1234567890')
  expect(sealed.toString('latin1')).not.toContain('1234567890')
  expect(() => codes.codeOf({ id: randomUUID(), kind: 'personnel', length: 10, sealed })).toThrow(
    /authenticate/,
  )
})

test('a message without a place for the code has it at its end, unless the code stands in it', () => {
  expect(templateOf('Hi your OTP is {otp}', null)).toBe('Hi your OTP is {otp}')
  expect(templateOf('Hi your OTP is', null)).toBe('Hi your OTP is {otp}')
  expect(templateOf('Hi, 12345 is your OTP', '12345')).toBe('Hi, {otp} is your OTP')
  expect(writtenMessage('Hi your OTP is {otp}', '012345')).toBe('Hi your OTP is 012345')
})

test('a voice says the characters one by one, twice', () => {
  expect(spokenMessage('Hi your OTP is {otp}', '0123')).toBe('Hi your OTP is 0 1 2 3. 0 1 2 3.')
})
