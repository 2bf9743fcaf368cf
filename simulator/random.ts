/** A source of numbers in [0, 1). Two sources made from the same key give the same numbers. */
export type Draw = () => number

/**
 * Makes a repeatable source of numbers from a key. Everything the simulated carrier decides by chance is
 * keyed by what it decides about (seed, number, attempt), never by when it is asked: two runs with the same
 * seed agree call by call although their calls arrive in another order.
 */
export function seededDraw(...key: (string | number)[]): Draw {
  let state = hash(key.join('\u0000'))
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 0x100000000
  }
}

/** A number of the range, both ends possible. */
export function drawBetween(draw: Draw, range: readonly [number, number]): number {
  return range[0] + draw() * (range[1] - range[0])
}

/** Picks a name with the probability of its weight. Weights need not add up to anything. */
export function drawWeighted<Name extends string>(draw: Draw, weights: Readonly<Record<Name, number>>): Name {
  const entries = Object.entries<number>(weights)
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0)
  let point = draw() * total
  for (const [name, weight] of entries) {
    point -= weight
    if (point < 0) return name as Name
  }
  const last = entries.at(-1)
  if (!last) throw new Error('A weighted choice needs at least one name.')
  return last[0] as Name
}

/** FNV-1a with a final avalanche, so that neighbouring phone numbers do not give neighbouring seeds. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}
