/** Secrets by what they look like, and those that the tests plant: none of them belongs into a log, an answer or a row. */
import { simulatedAuthToken } from '../src/config.ts'

/** Passwords and keys of the worlds that tests build: long enough that none comes up by chance. */
const planted = [
  'demo-password',
  'demo-dialer-key',
  'a secret key that is only for tests',
  'a-secret-key-that-only-tests-have-000',
  'a-secret-key-that-only-fault-tests-have',
  'a-password-for-faults',
  'a-dialer-key-that-only-faults-have',
  'a-dialer-key-that-only-soaks-have',
  simulatedAuthToken,
]
const looks =
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.|\btk_[\w-]{20,}|\bdk_[\w-]{20,}|\bwhsec_[\w+/=-]{20,}|\bpostgres(?:ql)?:\/\/[^\s:/@]+:[^\s@]+@|\$argon2id\$/g

/** What of a text is a secret; `more`: secrets that are known to whoever asks. */
export function secretsIn(text: string, more: readonly string[] = []): string[] {
  const known = [...planted, ...more].filter((secret) => formsOf(secret).some((form) => text.includes(form)))
  return [...known, ...(text.match(looks) ?? [])]
}

/** As it is, and as bytes are written. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('hex'),
  ]
}
