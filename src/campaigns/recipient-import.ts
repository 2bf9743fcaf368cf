/** What a list of recipients says: which column holds the number, what the others are called, who is on it. Pure. */
import { zoneListOfNumber } from '../numbers/number-zone.ts'
import { readPhoneNumber, type ReadNumber } from '../numbers/phone-number.ts'
import type { Delimiter } from './csv-reader.ts'

/** How to read the rows of one file. */
export type FileLayout = {
  delimiter: Delimiter
  hasHeader: boolean
  numberColumn: number
  /** What each column is called in the file. */
  columns: string[]
  /** The tag of each column; null for the number itself and for columns beyond the limit. */
  tags: (string | null)[]
  /** Records after the header, blank ones too. */
  rows: number
}

export type Recipient = {
  given: string
  digits: string
  e164: string | null
  grade: ReadNumber['grade']
  reason: string | null
  timeZone: string | null
  tags: Record<string, string>
}

/** A header wider than this is no list of people. */
export const maxColumns = 500

/**
 * Finds the number column in the first records: by its name, else by its content. Null when no column is one.
 */
export function detectLayout(
  sample: readonly string[][],
  region: string,
): Omit<FileLayout, 'delimiter' | 'rows'> | null {
  const first = sample[0]
  if (!first) return null
  const named = columnsNamedNumber(first.slice(0, maxColumns))
  if (named.length > 0) {
    const numberColumn = mostReadable(named, sample.slice(1), region).column
    return {
      hasHeader: true,
      numberColumn,
      columns: columnNames(first, Math.min(maxColumns, first.length)),
      tags: tagNames(first, Math.min(maxColumns, first.length), numberColumn),
    }
  }
  const width = Math.min(maxColumns, Math.max(...sample.map((record) => record.length)))
  const columns = Array.from({ length: width }, (_, column) => column)
  const found = mostReadable(columns, sample, region)
  if (found.share < 0.5) return null
  const hasHeader = readPhoneNumber(first[found.column] ?? '', region).grade === 'invalid'
  const header = hasHeader ? first : []
  const columnCount = hasHeader ? Math.min(maxColumns, first.length) : width
  return {
    hasHeader,
    numberColumn: found.column,
    columns: columnNames(header, columnCount),
    tags: tagNames(header, columnCount, found.column),
  }
}

/** The same file with its numbers in another column than the one that was found. */
export function withNumberColumn(layout: FileLayout, numberColumn: number | null): FileLayout {
  if (numberColumn === null || numberColumn === layout.numberColumn) return layout
  return { ...layout, numberColumn, tags: tagNames(layout.columns, layout.columns.length, numberColumn) }
}

/**
 * The place of a column that somebody names: by what it is called in the file, else by its place, counted from 0. Null
 * when there is none.
 */
export function columnCalled(layout: FileLayout, name: string): number | null {
  const word = wordOf(name)
  const called = layout.columns.findIndex((column) => column === name.trim() || wordOf(column) === word)
  if (called >= 0) return called
  const place = /^\d{1,3}$/.test(name.trim()) ? Number(name) : layout.columns.length
  return place < layout.columns.length ? place : null
}

/** The name of a column as a tag. */
export function tagName(header: string): string {
  const word = wordOf(header)
  return word.startsWith('tags_') ? word : `tags_${word}`
}

/** Reads one record. Null for a blank one. Cells beyond the header are left out. */
export function recipientOf(record: readonly string[], layout: FileLayout, region: string): Recipient | null {
  const given = (record[layout.numberColumn] ?? '').trim()
  const tags: Record<string, string> = {}
  let isBlank = given === ''
  for (let column = 0; column < record.length && column < layout.tags.length; column++) {
    const tag = layout.tags[column]
    const value = (record[column] ?? '').trim()
    if (!tag || value === '') continue
    tags[tag] = value
    isBlank = false
  }
  return isBlank ? null : readRecipient(given, region, tags)
}

/** A recipient from a number alone. */
export function readRecipient(given: string, region: string, tags: Record<string, string> = {}): Recipient {
  const read = readPhoneNumber(given, region)
  return {
    given: given.slice(0, 250),
    digits: read.digits.slice(0, 250),
    e164: read.e164,
    grade: read.grade,
    reason: read.grade === 'invalid' ? read.reason : null,
    timeZone: read.e164 === null ? null : zoneListOfNumber(read.e164),
    tags,
  }
}

/**
 * Merges the recipients that have the same number: the first one stays and takes over the tags it lacks. Those
 * without a readable number are all kept, so that each can be mended.
 */
export function mergeDuplicates(recipients: readonly Recipient[]): Recipient[] {
  const byNumber = new Map<string, Recipient>()
  const merged: Recipient[] = []
  for (const recipient of recipients) {
    const known = recipient.e164 === null ? undefined : byNumber.get(recipient.e164)
    if (known) {
      known.tags = { ...recipient.tags, ...known.tags }
      continue
    }
    const own = { ...recipient }
    if (own.e164 !== null) byNumber.set(own.e164, own)
    merged.push(own)
  }
  return merged
}

const numberNames = new Set(
  `number numbers phone phones phone_number phone_numbers phone_no phoneno phonenumber mobile mobiles mobile_number
   mobile_no mobile_phone mobilenumber contact contacts contact_number contact_no contact_phone cell cell_phone
   cellphone cell_number tel telephone telephone_number telephone_no msisdn whatsapp recipient recipients to
   send_to_number individual_number e164 फोन मोबाइल नम्बर सम्पर्क_नम्बर`.split(/\s+/),
)
const numberWord = /(?:^|_)(?:phone|mobile|msisdn|cell|telephone|tel)(?:_|$)/

function columnsNamedNumber(header: readonly string[]): number[] {
  const words = header.map(wordOf)
  const all = words.map((_, column) => column)
  const exact = all.filter((column) => numberNames.has(words[column] ?? ''))
  return exact.length > 0 ? exact : all.filter((column) => numberWord.test(words[column] ?? ''))
}

/** The column with the largest share of readable cells; the leftmost of several. */
function mostReadable(columns: readonly number[], records: readonly string[][], region: string) {
  let best = { column: columns[0] ?? 0, share: 0 }
  for (const column of columns) {
    const cells = records.map((record) => (record[column] ?? '').trim()).filter((cell) => cell !== '')
    const readable = cells.filter((cell) => readPhoneNumber(cell, region).grade !== 'invalid').length
    const share = cells.length === 0 ? 0 : readable / cells.length
    if (share > best.share) best = { column, share }
  }
  return best
}

function columnNames(header: readonly string[], width: number): string[] {
  return Array.from({ length: width }, (_, column) => {
    const name = (header[column] ?? '').trim().slice(0, 200)
    return name === '' ? `column_${column + 1}` : name
  })
}

function tagNames(header: readonly string[], width: number, numberColumn: number): (string | null)[] {
  const used = new Set<string>()
  return Array.from({ length: width }, (_, column) => {
    if (column === numberColumn) return null
    const word = wordOf(header[column] ?? '')
    const name = tagName(word === '' ? `column_${column + 1}` : word)
    let unique = name
    for (let copy = 2; used.has(unique); copy++) unique = `${name}_${copy}`
    used.add(unique)
    return unique
  })
}

function wordOf(header: string): string {
  return header
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '')
}
