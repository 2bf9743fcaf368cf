/** Reads a WAV file as it streams in: PCM of 8 to 32 bits, floating point, mu-law and A-law. */
import { fromMuLaw } from './telephone-sound.ts'

type Sound = { channelData: Float32Array[]; sampleRate: number }
type Format = { kind: number; channels: number; rate: number; bits: number; frameBytes: number }

const nothing: Sound = { channelData: [], sampleRate: 0 }
const mostHeadBytes = 1024 * 1024

export class WavReader {
  #waiting: Buffer = Buffer.alloc(0)
  #format: Format | null = null
  #inData = false
  #left = 0

  /** Throws when this is not a WAV file, or one of a kind that is not read. */
  async decode(bytes: Buffer): Promise<Sound> {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes])
    if (!this.#inData && !this.#readHead()) {
      if (this.#waiting.length > mostHeadBytes) throw new Error('a WAV file without data')
      return nothing
    }
    return this.#takeFrames()
  }

  async end(): Promise<Sound | null> {
    if (!this.#inData) throw new Error('a WAV file without data')
    return null
  }

  free(): void {}

  /** Goes to the data, over every other chunk. False when more bytes are needed. */
  #readHead(): boolean {
    let at = 12
    while (this.#waiting.length >= at + 8) {
      const name = this.#waiting.toString('latin1', at, at + 4)
      const size = this.#waiting.readUInt32LE(at + 4)
      if (name === 'data') {
        if (this.#format === null) throw new Error('a WAV file without format')
        // A file that was streamed states no size, or one that it does not have: what is there counts.
        this.#left = size === 0 || size >= 0xffff_0000 ? Infinity : size
        this.#waiting = this.#waiting.subarray(at + 8)
        this.#inData = true
        return true
      }
      if (name === 'fmt ') {
        if (this.#waiting.length < at + 8 + Math.min(size, 40)) return false
        this.#format = readFormat(this.#waiting.subarray(at + 8, at + 8 + size))
      }
      at += 8 + size + (size % 2)
    }
    return false
  }

  #takeFrames(): Sound {
    const format = this.#format
    if (format === null || this.#left <= 0) {
      this.#waiting = Buffer.alloc(0)
      return nothing
    }
    const frames = Math.floor(Math.min(this.#waiting.length, this.#left) / format.frameBytes)
    const bytes = this.#waiting.subarray(0, frames * format.frameBytes)
    this.#waiting = Buffer.from(this.#waiting.subarray(bytes.length))
    this.#left -= bytes.length
    if (this.#left < format.frameBytes) this.#left = 0
    const width = format.bits / 8
    const channelData = Array.from({ length: format.channels }, (_, channel) => {
      const samples = new Float32Array(frames)
      for (let frame = 0; frame < frames; frame++)
        samples[frame] = sampleAt(bytes, frame * format.frameBytes + channel * width, format)
      return samples
    })
    return { channelData, sampleRate: format.rate }
  }
}

const pcm = 1
const floatingPoint = 3
const aLaw = 6
const muLawKind = 7
const extensible = 0xfffe

function readFormat(chunk: Buffer): Format {
  const named = chunk.readUInt16LE(0)
  const kind = named === extensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : named
  const channels = chunk.readUInt16LE(2)
  const rate = chunk.readUInt32LE(4)
  const bits = chunk.readUInt16LE(14)
  const isKnown =
    (kind === pcm && [8, 16, 24, 32].includes(bits)) ||
    (kind === floatingPoint && (bits === 32 || bits === 64)) ||
    ((kind === aLaw || kind === muLawKind) && bits === 8)
  if (!isKnown || channels < 1 || channels > 8 || rate < 4_000 || rate > 384_000)
    throw new Error('a WAV file of a kind that is not read')
  return { kind, channels, rate, bits, frameBytes: (channels * bits) / 8 }
}

function sampleAt(bytes: Buffer, at: number, { kind, bits }: Format): number {
  if (kind === muLawKind) return fromMuLaw(bytes[at] ?? 0)
  if (kind === aLaw) return fromALaw(bytes[at] ?? 0)
  if (kind === floatingPoint) return bits === 32 ? bytes.readFloatLE(at) : bytes.readDoubleLE(at)
  if (bits === 8) return ((bytes[at] ?? 128) - 128) / 128
  return bytes.readIntLE(at, bits / 8) / 2 ** (bits - 1)
}

function fromALaw(byte: number): number {
  const bits = byte ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = ((bits & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return (bits & 0x80 ? magnitude : -magnitude) / 32_768
}
