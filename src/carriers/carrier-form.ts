/** The forms that carriers post: read once, for their signature and for their values. Pure. */
import { unescape } from 'node:querystring'

/** Pairs of name and value, sorted by name and then by value: the order in which they are signed. */
export type CarrierForm = readonly Pair[]
type Pair = readonly [name: string, value: string]

/** Never throws: an escape that is broken is kept as the carrier wrote it. */
export function readCarrierForm(body: string): CarrierForm {
  const pairs: Pair[] = []
  for (const text of body.split('&')) {
    if (text === '') continue
    const at = text.indexOf('=')
    pairs.push(at < 0 ? [decoded(text), ''] : [decoded(text.slice(0, at)), decoded(text.slice(at + 1))])
  }
  return pairs.sort(inOrder)
}

/** The value of a name; null when it is absent or was given more than once. */
export function field(form: CarrierForm, name: string): string | null {
  const first = form.findIndex((pair) => pair[0] === name)
  if (first < 0 || form[first + 1]?.[0] === name) return null
  return form[first]?.[1] ?? null
}

/** Only what holds an escape is decoded, which is a third of the values of a status callback. */
function decoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  return unescape(text.replaceAll('+', ' '))
}

function inOrder(a: Pair, b: Pair): number {
  const place = a[0] === b[0] ? 1 : 0
  const [left, right] = [a[place], b[place]]
  if (left === right) return 0
  return left < right ? -1 : 1
}
