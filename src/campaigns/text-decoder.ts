/** Turns the bytes of a file of unknown encoding into UTF-8, piece by piece, holding no more than a piece. */
import { isAscii, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

/**
 * A stream of bytes as UTF-8 without a byte order mark. UTF-16 is known by its mark or by its zeros. Text that is
 * not UTF-8 is taken for Windows-1252 (which holds Latin-1), unless it was mostly UTF-8: then single broken bytes
 * become U+FFFD.
 */
export class Utf8Converter {
  #encoding: Encoding | null = null
  #decoder: TextDecoder | null = null
  #tail: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  #sawMultibyte = false

  /** Null until the first bytes were seen. */
  get encoding(): Encoding | null {
    return this.#encoding
  }

  /** `bytes` should be at least 4 bytes the first time. */
  push(bytes: Buffer): Buffer {
    if (this.#encoding === null) {
      this.#encoding = sniffEncoding(bytes)
      if (this.#encoding !== 'utf-8') this.#decoder = new TextDecoder(this.#encoding)
      else if (bytes.indexOf(utf8Mark) === 0) return this.#pushUtf8(bytes.subarray(utf8Mark.length))
    }
    if (this.#decoder) return Buffer.from(this.#decoder.decode(bytes, { stream: true }))
    return this.#pushUtf8(bytes)
  }

  end(): Buffer {
    if (this.#decoder) return Buffer.from(this.#decoder.decode())
    const rest = this.#tail
    this.#tail = Buffer.alloc(0)
    return rest.length === 0 ? rest : this.#repair(rest)
  }

  #pushUtf8(bytes: Buffer): Buffer {
    const all = this.#tail.length === 0 ? bytes : Buffer.concat([this.#tail, bytes])
    const cut = completeLength(all)
    // A copy: the buffer belongs to the stream that gave it.
    this.#tail = Buffer.from(all.subarray(cut))
    const whole = all.subarray(0, cut)
    if (isUtf8(whole)) {
      this.#sawMultibyte ||= !isAscii(whole)
      return whole
    }
    return this.#repair(whole)
  }

  #repair(bytes: Buffer): Buffer {
    if (this.#decoder) return Buffer.from(this.#decoder.decode(bytes, { stream: true }))
    const lenient = new TextDecoder('utf-8').decode(bytes)
    const broken = lenient.split('\ufffd').length - 1
    const multibyte = lenient.match(/[^\p{ASCII}\ufffd]/gu)?.length ?? 0
    if (this.#sawMultibyte || multibyte > broken) return Buffer.from(lenient)
    this.#encoding = 'windows-1252'
    this.#decoder = new TextDecoder('windows-1252')
    const text = this.#decoder.decode(Buffer.concat([bytes, this.#tail]), { stream: true })
    this.#tail = Buffer.alloc(0)
    return Buffer.from(text)
  }
}

const utf8Mark = Buffer.from([0xef, 0xbb, 0xbf])

function sniffEncoding(bytes: Buffer): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const sample = bytes.subarray(0, 4_096)
  const zeros = [0, 0]
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  // Text of any script still has spaces, digits and line ends, whose upper byte is zero.
  const enough = sample.length / 8
  if (odd > enough && even === 0) return 'utf-16le'
  if (even > enough && odd === 0) return 'utf-16be'
  return 'utf-8'
}

/** How many bytes are left when a character that is cut off at the end is taken away. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return needed > back ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}
