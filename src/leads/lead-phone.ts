/** A number as a dialer gives it: the national part in one member, the country code in another. Pure. */
import { readPhoneNumber, type ReadNumber } from '../numbers/phone-number.ts'

/** The number in its one form; null when it cannot be read. A country code counts unless the number carries one. */
export function readLeadPhone(given: string, countryCode: string | null, region: string): string | null {
  const plain = readPhoneNumber(given, region)
  const code = (countryCode ?? '').replaceAll(/\D/g, '').replace(/^(00|011)(?=\d)/, '')
  const digits = plain.digits.replace(/^0+/, '')
  if (code === '' || digits === '' || /^\s*(\+|00)/.test(given)) return plain.e164
  const coded = readPhoneNumber(`+${code}${digits}`, region)
  return better(coded, plain).e164
}

const order = { valid: 0, unusual: 1, invalid: 2 } as const

function better(first: ReadNumber, second: ReadNumber): ReadNumber {
  return order[second.grade] < order[first.grade] ? second : first
}
