/** The code that proves an e-mail address. Pure but for the random source. */
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import type { Mail } from './mail.ts'

export const emailCodeMinutes = 30
/** Wrong guesses after which a code is dead: one in 200,000 is guessed. */
export const mostGuesses = 5

export function newEmailCode(): string {
  return randomInt(1_000_000).toString().padStart(6, '0')
}

/** Bound to the person and the address: it proves nothing else. */
export function hashEmailCode(key: Buffer, of: { userId: string; email: string; code: string }): Buffer {
  return createHmac('sha256', key).update(`${of.userId}\n${of.email.toLowerCase()}\n${of.code}`).digest()
}

export function isSameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The mail that carries a code. The link holds it behind the #, which browsers send to no server. */
export function emailCodeMail(to: string, code: string, origin: string): Mail {
  return {
    to,
    subject: `Your code is ${code}`,
    body: [
      `Your code is ${code}. It proves that this address is yours and is good for ${emailCodeMinutes} minutes.`,
      '',
      `Enter it where you asked for it, or open ${origin}/account#code=${code}`,
      '',
      'You did not ask for it? Then somebody mistyped an address, and you need not do anything.',
    ].join('\n'),
    calendar: null,
  }
}
