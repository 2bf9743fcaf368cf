/** What one step of an import will write. Pure. */
import type { JobProblem } from '../jobs/job-store.ts'
import {
  maxColumns,
  mergeDuplicates,
  recipientOf,
  type FileLayout,
  type Recipient,
} from './recipient-import.ts'

export type NumberedRecord = { record: string[]; row: number }

export type ImportBatch = {
  /** Records of the file, blank ones too. */
  records: number
  /** Recipients whose number was not seen before, and all that have none. */
  fresh: Recipient[]
  /** Those that only bring their tags to a number seen before; each number once. */
  repeated: Recipient[]
  duplicates: number
  problems: JobProblem[]
}

/** What is kept of a cell in a row that was wrong. Characters. */
const longestCell = 2_000

/** Reads records into a batch. Their numbers are added to `seen`. */
export function readBatch(
  records: readonly NumberedRecord[],
  file: { layout: FileLayout; region: string },
  seen: NumberSet,
): ImportBatch {
  const fresh: Recipient[] = []
  const repeated: Recipient[] = []
  const problems: JobProblem[] = []
  for (const { record, row } of records) {
    const recipient = recipientOf(record, file.layout, file.region)
    if (recipient === null) continue
    if (recipient.reason !== null) {
      const cells = record.slice(0, maxColumns).map((cell) => cell.slice(0, longestCell))
      problems.push({ row, given: recipient.given, error: recipient.reason, cells })
    }
    if (recipient.e164 === null || seen.add(recipient.e164)) fresh.push(recipient)
    else repeated.push(recipient)
  }
  const duplicates = repeated.length
  return { records: records.length, fresh, repeated: mergeDuplicates(repeated), duplicates, problems }
}

/** Two batches as one, in their order. Their numbers were added to the same set. */
export function joined(one: ImportBatch, other: ImportBatch): ImportBatch {
  return {
    records: one.records + other.records,
    fresh: [...one.fresh, ...other.fresh],
    repeated: mergeDuplicates([...one.repeated, ...other.repeated]),
    duplicates: one.duplicates + other.duplicates,
    problems: [...one.problems, ...other.problems],
  }
}

/**
 * A set of E.164 numbers, exact, at 16 to 32 bytes a number: a Set of strings would take some hundred. E.164 has at
 * most 15 digits, which a double holds exactly.
 */
export class NumberSet {
  #slots: Float64Array
  #size = 0

  /** Grows beyond `expected` as well, but has to move all of its numbers then. */
  constructor(expected = 0) {
    this.#slots = new Float64Array(2 ** Math.max(16, Math.ceil(Math.log2(expected * 2 + 1))))
  }

  get size(): number {
    return this.#size
  }

  /** False when the number was in the set already. */
  add(e164: string): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow()
    const number = Number(e164.slice(1))
    const slot = this.#slotOf(number)
    if (this.#slots[slot] === number) return false
    this.#slots[slot] = number
    this.#size += 1
    return true
  }

  /** Where the number is, or the empty slot where it belongs. No number is zero. */
  #slotOf(number: number): number {
    const mask = this.#slots.length - 1
    let hash = Math.imul((number % 4_294_967_296) ^ Math.imul(number / 4_294_967_296, 0x9e3779b1), 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = Math.imul(hash, 0xc2b2ae35) & mask
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== number) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Float64Array(old.length * 2)
    for (const number of old) if (number !== 0) this.#slots[this.#slotOf(number)] = number
  }
}
