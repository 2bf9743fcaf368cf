import { createHmac, timingSafeEqual } from 'node:crypto'
import { unescape } from 'node:querystring'

/**
 * Reads a form body once, for the signature and for the values: pairs sorted by name, as the carrier signs them.
 * Only what holds an escape is decoded, which is a third of the pairs of a status callback.
 */
export function readForm(body) {
  const pairs = body.split('&')
  const names = []
  const form = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at))
    names.push(name)
    form[name] = at < 0 ? '' : decode(pair.slice(at + 1))
  }
  return { names: names.sort(), form }
}

/** Whether `signature` is base64(HMAC-SHA1(token, url + every name and value, sorted by name)). */
export function isSigned(token, url, { names, form }, signature) {
  let text = url
  for (const name of names) text += name + form[name]
  const expected = sign(token, text)
  return (
    typeof signature === 'string' &&
    signature.length === expected.length &&
    timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  )
}

export const sign = (token, text) => createHmac('sha1', token).update(text).digest('base64')

/** Never throws: a broken escape stays as it is, and then the signature does not fit. */
function decode(text) {
  if (!text.includes('%') && !text.includes('+')) return text
  return unescape(text.replaceAll('+', ' '))
}
