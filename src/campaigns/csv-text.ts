/** Text that is CSV as the standard (RFC 4180) has it, record by record. Pure. */

/** `unfinished`: the record does not end in this text. `odd`: it is not as the standard has it. Then `at` stays. */
export type CsvRecord = string[] | 'unfinished' | 'odd'

/** `isLast`: nothing comes behind the text, so its end ends a record, too. */
type Reading = { delimiter: string; isLast: boolean }

export class CsvText {
  readonly #text: string
  readonly #delimiter: string
  readonly #isLast: boolean
  /** The next quote and the next carriage return at or behind `at`; below 0: none. */
  #quote: number
  #return: number
  #at = 0
  #lines = 0

  constructor(text: string, { delimiter, isLast }: Reading) {
    this.#text = text
    this.#delimiter = delimiter
    this.#isLast = isLast
    this.#quote = text.indexOf('"')
    this.#return = text.indexOf('\r')
  }

  /** Where the next record begins. */
  get at(): number {
    return this.#at
  }

  get isOver(): boolean {
    return this.#at >= this.#text.length
  }

  /** Characters that were not read. */
  get left(): number {
    return this.#text.length - this.#at
  }

  /** Lines that were read. */
  get lines(): number {
    return this.#lines
  }

  from(at: number): string {
    return this.#text.slice(at)
  }

  next(): CsvRecord {
    const text = this.#text
    if (this.#quote >= 0 && this.#quote < this.#at) this.#quote = text.indexOf('"', this.#at)
    if (this.#return >= 0 && this.#return < this.#at) this.#return = text.indexOf('\r', this.#at)
    const feed = text.indexOf('\n', this.#at)
    const stop = this.#return >= 0 && (feed < 0 || this.#return < feed) ? this.#return : feed
    if (this.#quote >= 0 && (stop < 0 || this.#quote < stop)) return this.#quotedRecord()
    if (stop < 0 && !this.#isLast) return 'unfinished'
    const end = stop < 0 ? text.length : stop
    return this.#ending(end, 0, () => text.slice(this.#at, end).split(this.#delimiter))
  }

  #quotedRecord(): CsvRecord {
    const fields: string[] = []
    let within = 0
    for (let at = this.#at; ; at += this.#delimiter.length) {
      const field = this.#text[at] === '"' ? this.#quotedField(at) : this.#bareField(at)
      if (typeof field === 'string') return field
      fields.push(field.value)
      within += field.lines
      at = field.end
      if (this.#text[at] !== this.#delimiter) return this.#ending(at, within, () => fields)
    }
  }

  /** Ends the record at `end`, if it can end there. `within`: line ends inside of it. */
  #ending(end: number, within: number, fields: () => string[]): CsvRecord {
    const next = this.#afterLineEnd(end)
    if (typeof next === 'string') return next
    const record = fields()
    this.#at = next
    this.#lines += within + 1
    return record
  }

  #afterLineEnd(end: number): number | 'unfinished' | 'odd' {
    const text = this.#text
    if (text[end] === '\n') return end + 1
    if (end === text.length) return this.#isLast ? end : 'unfinished'
    if (text[end] !== '\r') return 'odd'
    // Whether a line feed belongs to it, the next piece tells.
    if (end + 1 === text.length && !this.#isLast) return 'unfinished'
    return text[end + 1] === '\n' ? end + 2 : end + 1
  }

  #quotedField(open: number): Field | 'unfinished' {
    const text = this.#text
    let value = ''
    for (let from = open + 1; ;) {
      const quote = text.indexOf('"', from)
      if (quote < 0) return 'unfinished'
      if (text[quote + 1] !== '"') {
        value += text.slice(from, quote)
        return { value, end: quote + 1, lines: value.split(/\r\n|\n|\r/).length - 1 }
      }
      value += text.slice(from, quote + 1)
      from = quote + 2
    }
  }

  #bareField(from: number): Field | 'odd' {
    const text = this.#text
    let end = from
    for (; end < text.length; end++) {
      const character = text[end]
      if (character === '"') return 'odd'
      if (character === this.#delimiter || character === '\n' || character === '\r') break
    }
    return { value: text.slice(from, end), end, lines: 0 }
  }
}

type Field = { value: string; end: number; lines: number }
