/** One-time codes and the messages they stand in. Pure, but for the keys it is made with. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { deriveKey } from '../http/derived-key.ts'

export type OtpKind = 'generated' | 'personnel'

/** What a code is for, and the person who must present it; a program presents those of its whole workspace. */
export type OtpUse = { purpose: 'program'; holder: null } | { purpose: 'phone'; holder: string }
export type OtpPurpose = OtpUse['purpose']

/** What is stored of a code. */
export type StoredCode = { id: string; kind: OtpKind; length: number; sealed: Buffer | null }

export type OtpCodes = {
  /** The code itself. */
  codeOf(stored: StoredCode): string
  /** A given code as it may be stored. */
  seal(id: string, code: string): Buffer
}

/** Codes of an installation. Who has the database and not the secret key knows none of them. */
export function createOtpCodes(secretKey: string): OtpCodes {
  const derivation = deriveKey(secretKey, 'otp derivation')
  const sealing = deriveKey(secretKey, 'otp sealing')
  return {
    codeOf(stored) {
      return stored.sealed === null
        ? digitsOf(derivation, stored.id, stored.length)
        : unseal(sealing, stored.id, stored.sealed)
    },
    seal(id, code) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce)
      cipher.setAAD(Buffer.from(id))
      return Buffer.concat([nonce, cipher.update(code, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
  }
}

/** Digits that are the same for the same id, each as likely as any other. */
export function digitsOf(key: Buffer, id: string, length: number): string {
  let digits = ''
  for (let block = 0; digits.length < length; block += 1) {
    for (const byte of createHmac('sha256', key).update(`${id} ${block}`).digest()) {
      // 250 to 255 would make the first six digits likelier.
      if (byte < 250 && digits.length < length) digits += String(byte % 10)
    }
  }
  return digits
}

function unseal(key: Buffer, id: string, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
  decipher.setAAD(Buffer.from(id))
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8')
}

/** Takes as long whether it is right or wrong. */
export function isSameCode(given: string, code: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(code))
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const place = '{otp}'

/** The message as it is stored: with `{otp}` where the code stands, at its end when it stands nowhere. */
export function templateOf(message: string, code: string | null): string {
  const template = code === null ? message : message.replaceAll(code, place)
  return template.includes(place) ? template : `${template.trimEnd()} ${place}`
}

/** What a text says. */
export function writtenMessage(template: string, code: string): string {
  return template.replaceAll(place, () => code)
}

/** What a call says: the characters one by one, and once more at the end. */
export function spokenMessage(template: string, code: string): string {
  const spaced = [...code].join(' ')
  const text = template.replaceAll(place, () => spaced).trimEnd()
  return `${text}${/[.!?।]$/.test(text) ? '' : '.'} ${spaced}.`
}

/** A number without its last four digits. */
export function prefixOf(number: string): string {
  return number.slice(0, -4)
}
