import { createHmac, timingSafeEqual } from 'node:crypto'

/** The signature of a form webhook: HMAC-SHA1 over the address and the sorted, concatenated parameters. Base64. */
export function twilioSignature(authToken: string, url: string, form: URLSearchParams): string {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of form) {
    const known = values.get(name)
    if (known) known.add(value)
    else values.set(name, new Set([value]))
  }
  let signed = url
  for (const name of [...values.keys()].sort()) {
    for (const value of [...(values.get(name) ?? [])].sort()) signed += name + value
  }
  return createHmac('sha1', authToken).update(signed).digest('base64')
}

/** Compares in constant time. A missing signature is a wrong one. */
export function isTwilioSignature(expected: string, given: string | undefined): boolean {
  if (given === undefined || given.length !== expected.length) return false
  const [left, right] = [Buffer.from(expected), Buffer.from(given)]
  return left.length === right.length && timingSafeEqual(left, right)
}
