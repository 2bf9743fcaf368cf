import { randomBytes, randomFillSync } from 'node:crypto'

/**
 * Repeatable numbers in [0, 1) for jitter and simulation: the same seed gives the same sequence.
 * The generator is mulberry32; it must never decide anything that has to be secret.
 */
export function seededRandom(seed: number | string): () => number {
  let state = typeof seed === 'number' ? seed | 0 : hashOf(seed)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A secret of `bytes` random bytes, as base64url text. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

const uuidState = { ms: -1, counter: 0 }

/**
 * A version 7 UUID for the instant `nowMs` (milliseconds since 1970). Ids made by one process sort in the
 * order they were made, also within one millisecond and when the clock steps back by less than ten seconds.
 * Everything that is not time or order comes from the cryptographic source.
 */
export function uuidV7(nowMs: number): string {
  const random = randomFromPool(10)
  if (nowMs > uuidState.ms || nowMs < uuidState.ms - 10_000) {
    uuidState.ms = Math.floor(nowMs)
    // The counter starts in the lower half, so at least 2,048 ids fit into one millisecond.
    uuidState.counter = random.readUInt16BE(8) & 0x7ff
  } else if (++uuidState.counter > 0xfff) {
    uuidState.ms += 1
    uuidState.counter = 0
  }
  const time = uuidState.ms.toString(16).padStart(12, '0')
  const order = uuidState.counter.toString(16).padStart(3, '0')
  const tail = random.toString('hex', 0, 8)
  const variant = '89ab'[Number.parseInt(tail.slice(0, 1), 16) & 3] ?? '8'
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`
}

/** Not above any version 7 UUID of that instant or later. */
export function firstUuidV7(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}

const pool = Buffer.alloc(4_000)
let poolUsed = pool.length

/** Asking the operating system for a few bytes at a time would cost more than everything else here. */
function randomFromPool(length: number): Buffer {
  if (poolUsed + length > pool.length) {
    randomFillSync(pool)
    poolUsed = 0
  }
  poolUsed += length
  return Buffer.from(pool.subarray(poolUsed - length, poolUsed))
}

/** FNV-1a, 32 bits: enough to turn a label into a seed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash | 0
}
