/** Undoes what spreadsheets, keyboards and people do to a phone number. Pure; knows no numbering plan. */

export type Repaired =
  | { ok: true; international: boolean; digits: string; extension: boolean; parts: string[] }
  | { ok: false; digits: string; reason: 'no_number' | 'not_a_number' | 'digits_lost' | 'negative' }

const MAX_GIVEN_LENGTH = 250

/**
 * Gives the digits of a cell. `parts` holds what stands between separators that may part two numbers
 * ("98… / 98…"); it is empty when there is no such separator.
 */
export function repairNumber(given: string): Repaired {
  if (given.length > MAX_GIVEN_LENGTH) return refuse(onlyDigits(given), 'not_a_number')
  const text = unwrap(toAsciiDigits(given.normalize('NFKC')))
  if (text === '') return refuse('', 'no_number')
  if (/^\(?[-−–]\s*\d/.test(text)) return refuse(onlyDigits(text), 'negative')

  const plain = undoSpreadsheetNumber(text)
  if (plain === null) return refuse('', 'digits_lost')
  const { number, extension } = splitExtension(plain)
  const parts = number
    .split(PART_SEPARATOR)
    .map((part) => part.trim())
    .filter((part) => /\d/.test(part))
  return readDigits(number.replace(PART_SEPARATOR, ' '), extension, parts.length > 1 ? parts : [])
}

/** Every decimal digit of every script becomes 0–9. */
export function toAsciiDigits(text: string): string {
  return text.replace(/[^\P{Nd}0-9]/gu, (digit) => String(digitValue(digit.codePointAt(0) ?? 0)))
}

// Commas and line ends part two numbers as often as they group one: the caller decides by what the parts are.
const PART_SEPARATOR = /[/;,|&\n\r\t]|\s(?:or|and)\s/gi

/** Unicode lists the ten digits of a script in a row, zero first, and every such row begins a multiple of ten apart. */
function digitValue(codePoint: number): number {
  let start = codePoint
  while (start > 0 && /\p{Nd}/u.test(String.fromCodePoint(start - 1))) start--
  return (codePoint - start) % 10
}

function unwrap(text: string): string {
  return text
    .replace(/\p{Cf}/gu, '')
    .trim()
    .replace(/^=?"(.*)"$/su, '$1')
    .replace(/^=(?=\+?\d+$)/, '')
    .replace(/^['‘’`]/, '')
    .replace(/^(?:tel|callto):/i, '')
    .trim()
}

/** Null when the notation has dropped digits that nobody can bring back. */
function undoSpreadsheetNumber(text: string): string | null {
  const scientific = /^\+?(\d+)(?:[.,](\d+))?e\+?(\d{1,3})$/i.exec(text)
  if (scientific) {
    const [, whole = '', fraction = '', exponent = '0'] = scientific
    const zeros = Number(exponent) - fraction.length
    return zeros === 0 && Number(exponent) > 0 ? whole + fraction : null
  }
  if (/^\+?\d{5,}[.,]0{1,2}$/.test(text)) return text.replace(/[.,]0+$/, '')
  if (/^\+?\d{1,3}(?:,\d{3}){2,}(?:\.0+)?$/.test(text)) return text.replace(/\.0+$/, '').replaceAll(',', '')
  return text
}

function splitExtension(text: string): { number: string; extension: boolean } {
  const match = /(?:extension|extn|ext|x|#)[\s.:=]*\d{1,7}\s*#?$/iu.exec(text)
  const number = text.slice(0, match?.index)
  return match && /\d/.test(number) ? { number, extension: true } : { number: text, extension: false }
}

function readDigits(text: string, extension: boolean, parts: string[]): Repaired {
  const bare = text.replace(/[\s().·•\-‐‑‒–—―−_]/gu, '')
  const match = /^(\+*)(\d+)$/.exec(bare)
  if (!match) return refuse(onlyDigits(text), 'not_a_number')
  const [, plus = '', digits = ''] = match
  if (plus !== '') return { ok: true, international: true, digits, extension, parts }
  // 00 is what most of the world dials before a country code.
  const dialedOut = digits.startsWith('00')
  return {
    ok: true,
    international: dialedOut,
    digits: dialedOut ? digits.slice(2) : digits,
    extension,
    parts,
  }
}

/** To show what was given: its first digits say enough. */
function onlyDigits(text: string): string {
  return toAsciiDigits(text.slice(0, 4 * MAX_GIVEN_LENGTH))
    .replace(/\D/g, '')
    .slice(0, 40)
}

function refuse(digits: string, reason: 'no_number' | 'not_a_number' | 'digits_lost' | 'negative'): Repaired {
  return { ok: false, digits, reason }
}
