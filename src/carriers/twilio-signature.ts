import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CarrierForm } from './carrier-form.ts'

/** The signature of a form webhook: HMAC-SHA1 over the address and the form's pairs, each once, without separators. Base64. */
export function twilioSignature(authToken: string, url: string, form: CarrierForm): string {
  let signed = url
  for (const [index, [name, value]] of form.entries()) {
    const before = form[index - 1]
    if (before?.[0] !== name || before[1] !== value) signed += name + value
  }
  return createHmac('sha1', authToken).update(signed).digest('base64')
}

/**
 * The ways in which an address is signed: a carrier may write the port that its scheme implies, and leave out one that is
 * there. It is the same address whichever way, so nothing is opened by taking all of them.
 */
export function spellingsOf(url: string): string[] {
  const [, scheme, host, port, rest = ''] = /^(https?):\/\/(\[[^\]]*\]|[^/:?#]*)(:\d+)?(.*)$/s.exec(url) ?? []
  if (scheme === undefined || host === undefined) return [url]
  if (port !== undefined) return [url, `${scheme}://${host}${rest}`]
  return [url, `${scheme}://${host}:${scheme === 'https' ? 443 : 80}${rest}`]
}

/** Compares in constant time. A missing signature is a wrong one. */
export function isTwilioSignature(expected: string, given: string | undefined): boolean {
  if (given === undefined || given.length !== expected.length) return false
  const [left, right] = [Buffer.from(expected), Buffer.from(given)]
  return left.length === right.length && timingSafeEqual(left, right)
}
