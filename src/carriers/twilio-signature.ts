import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Form } from './carrier.ts'

/** The signature of a form webhook: HMAC-SHA1 over the address and the sorted, concatenated parameters. Base64. */
export function twilioSignature(authToken: string, url: string, form: Form): string {
  let signed = url
  for (const name of Object.keys(form).sort()) {
    const value = form[name]
    if (typeof value === 'string') signed += name + value
    else for (const one of [...new Set(value)].sort()) signed += name + one
  }
  return createHmac('sha1', authToken).update(signed).digest('base64')
}

/** Compares in constant time. A missing signature is a wrong one. */
export function isTwilioSignature(expected: string, given: string | undefined): boolean {
  if (given === undefined || given.length !== expected.length) return false
  const [left, right] = [Buffer.from(expected), Buffer.from(given)]
  return left.length === right.length && timingSafeEqual(left, right)
}
