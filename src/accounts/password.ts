import { hash, verify } from '@node-rs/argon2'
import { AppError } from '../errors.ts'

export const shortestPassword = 10
/** Longer ones only cost time. */
const longestPassword = 1_000

/** The argon2id hash (the library's default) of a password, with a salt of its own. Takes some tens of milliseconds, outside the event loop. */
export function hashPassword(password: string): Promise<string> {
  return hash(password)
}

/** Nobody's password: an unknown account costs as much as a wrong password, so the time tells nothing. */
const nobodysHash = hashPassword(crypto.randomUUID())

/** Whether the password is the one behind `passwordHash`; null for an account that does not exist. */
export async function isPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await nobodysHash), password.slice(0, longestPassword))
  return matches && passwordHash !== null
}

/** Refuses a password that may not be set. Never asked at login: what was set once stays good. */
export function requireGoodPassword(password: string, param = 'password'): void {
  const length = [...password].length
  if (length >= shortestPassword && password.length <= longestPassword) return
  throw new AppError(
    'invalid',
    'password_too_short',
    `${param} must have ${shortestPassword} to ${longestPassword.toLocaleString('en')} characters.`,
    { param },
  )
}
