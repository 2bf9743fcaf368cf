import { parse, stringify } from 'node:querystring'
import * as fc from 'fast-check'
import twilio from 'twilio'
import { expect, test } from 'vitest'
import { field, readCarrierForm } from './carrier-form.ts'
import { isTwilioSignature, spellingsOf, twilioSignature } from './twilio-signature.ts'

const token = '12345'

/** As the published library makes it, of the form as Node's own reader sees it. */
function official(url: string, body: string): string {
  return twilio.getExpectedTwilioSignature(token, url, { ...parse(body) })
}

function ours(url: string, body: string): string {
  return twilioSignature(token, url, readCarrierForm(body))
}

test('the published example is signed as published', () => {
  const form = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  }
  expect(ours('https://mycompany.com/myapp.php?foo=1&bar=2', stringify(form))).toBe(
    'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  )
})

test('every form is signed as the official library signs it', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 })
  const name = fc
    .string({ minLength: 1, maxLength: 6 })
    .filter((one) => !['__proto__', 'constructor'].includes(one))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text), { maxLength: 12 }), (pairs) => {
      const body = pairs.map(([key, value]) => stringify({ [key]: value })).join('&')
      const url = 'https://example.com/hooks/voice/AbC-_/status'
      expect(ours(url, body)).toBe(official(url, body))
    }),
    { numRuns: 500 },
  )
})

test('spaces, at signs, plus signs and percent signs are signed as they were sent', () => {
  const body = 'A=a+b&B=%2B1%20%25&C=x%40y%3A&D=&A=a+b&A=c&E&&%G=%'
  const url = 'https://example.com:8443/x?y=%20z'
  expect(ours(url, body)).toBe(official(url, body))
})

test('an address is signed with and without its port, as the official library takes it', () => {
  const body = 'CallSid=CA1&To=%2B1'
  const isTaken = (address: string, signedAs: string) =>
    spellingsOf(address).some((url) => isTwilioSignature(ours(url, body), ours(signedAs, body)))
  for (const [address, signedAs] of [
    ['https://example.com/hooks/x?a=b:1', 'https://example.com:443/hooks/x?a=b:1'],
    ['http://example.com/hooks/x', 'http://example.com:80/hooks/x'],
    ['https://example.com:8443/hooks/x', 'https://example.com/hooks/x'],
    ['http://127.0.0.1:8000/hooks/x', 'http://127.0.0.1/hooks/x'],
    ['http://[::1]:8000/hooks/x', 'http://[::1]/hooks/x'],
  ] as const) {
    expect(isTaken(address, address)).toBe(true)
    expect(isTaken(address, signedAs)).toBe(true)
    expect(twilio.validateRequest(token, ours(signedAs, body), address, { ...parse(body) })).toBe(true)
  }
  for (const [address, signedAs] of [
    ['https://example.com/hooks/x', 'http://example.com/hooks/x'],
    ['https://example.com/hooks/x', 'https://example.com:444/hooks/x'],
    ['https://example.com/hooks/x', 'https://example.org/hooks/x'],
    ['https://example.com:8443/hooks/x', 'https://example.com:8443/hooks/y'],
  ] as const)
    expect(isTaken(address, signedAs)).toBe(false)
})

test('a signature that is missing, cut, longer or of other bytes is wrong', () => {
  const form = readCarrierForm('CallSid=CA1')
  const url = 'https://example.com/x'
  const right = twilioSignature(token, url, form)
  expect(isTwilioSignature(right, right)).toBe(true)
  for (const wrong of [
    undefined,
    '',
    right.slice(1),
    `${right}=`,
    right.toLowerCase(),
    'é'.repeat(right.length),
  ])
    expect(isTwilioSignature(right, wrong)).toBe(false)
  for (const changed of [
    twilioSignature(token, `${url}/`, form),
    twilioSignature(token, 'http://example.com/x', form),
    twilioSignature('other', url, form),
    ours(url, 'CallSid=CA2'),
    ours(url, 'CallSid=CA1&More='),
  ])
    expect(isTwilioSignature(right, changed)).toBe(false)
})

test('a value is read by its name, and one that was given twice is none', () => {
  const form = readCarrierForm('To=%2B1&CallSid=CA1&From=+&Twice=1&Twice=1&Empty')
  expect(
    ['CallSid', 'To', 'From', 'Empty', 'Twice', 'Absent', '__proto__'].map((name) => field(form, name)),
  ).toEqual(['CA1', '+1', ' ', '', null, null, null])
})
