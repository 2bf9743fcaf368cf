/** Sound as telephones carry it: one channel, 8,000 samples a second, mu-law (G.711). Pure. */

export const telephoneRate = 8_000

const bias = 0x84
const clip = 32_635

/** One sample from -1 to 1 as a byte. */
export function muLaw(sample: number): number {
  const whole = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767)
  const sign = whole < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(whole), clip) + bias
  const exponent = 24 - Math.clz32(magnitude)
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

/** A byte as a sample from -1 to 1. */
export function fromMuLaw(byte: number): number {
  const bits = ~byte & 0xff
  const exponent = (bits >> 4) & 7
  const magnitude = ((((bits & 0x0f) << 3) + bias) << exponent) - bias
  return (bits & 0x80 ? -magnitude : magnitude) / 32_768
}

/** The head of a WAV file that holds `bytes` of mu-law. */
export function wavHead(bytes: number): Buffer {
  const head = Buffer.alloc(58)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(50 + bytes + (bytes % 2), 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(18, 16)
  head.writeUInt16LE(7, 20) // mu-law
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(telephoneRate, 24)
  head.writeUInt32LE(telephoneRate, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('fact', 38, 'latin1')
  head.writeUInt32LE(4, 42)
  head.writeUInt32LE(bytes, 46)
  head.write('data', 50, 'latin1')
  head.writeUInt32LE(bytes, 54)
  return head
}

/** The place where the samples of a WAV file by `wavHead` begin. */
export const wavHeadBytes = 58

/** Milliseconds that so many bytes of mu-law last. */
export function durationOf(bytes: number): number {
  return Math.round((bytes * 1_000) / telephoneRate)
}

/** How far a filter looks to either side, in samples of the slower of the two rates. */
const reach = 16

/**
 * Brings sound of any rate to the telephone's, piece by piece: what lies above half of the new rate is filtered out
 * (a windowed sinc), so that it does not come back as a false tone.
 */
export class Resampler {
  readonly #step: number
  readonly #scale: number
  readonly #halfWidth: number
  #samples = new Float32Array(0)
  /** Where the next sample to give lies among those held. */
  #position: number

  constructor(rate: number) {
    this.#step = rate / telephoneRate
    this.#scale = Math.min(1, telephoneRate / rate)
    this.#halfWidth = Math.ceil(reach / this.#scale)
    this.#samples = new Float32Array(this.#halfWidth)
    this.#position = this.#halfWidth
  }

  push(samples: Float32Array): Buffer {
    // Sound that has the rate already is left as it is.
    if (this.#step === 1) return encoded(samples)
    const held = new Float32Array(this.#samples.length + samples.length)
    held.set(this.#samples)
    held.set(samples, this.#samples.length)
    const last = held.length - this.#halfWidth - 1
    const count = Math.max(0, Math.floor((last - this.#position) / this.#step) + 1)
    const bytes = Buffer.alloc(count)
    for (let index = 0; index < count; index++) {
      bytes[index] = muLaw(this.#at(held, this.#position))
      this.#position += this.#step
    }
    const drop = Math.max(0, Math.floor(this.#position) - this.#halfWidth)
    this.#samples = held.slice(drop)
    this.#position -= drop
    return bytes
  }

  end(): Buffer {
    return this.#step === 1 ? Buffer.alloc(0) : this.push(new Float32Array(this.#halfWidth))
  }

  #at(samples: Float32Array, position: number): number {
    const from = Math.ceil(position - this.#halfWidth)
    const to = Math.floor(position + this.#halfWidth)
    let sum = 0
    let weights = 0
    for (let index = Math.max(0, from); index <= to && index < samples.length; index++) {
      const weight = kernel((index - position) * this.#scale)
      sum += (samples[index] ?? 0) * weight
      weights += weight
    }
    return weights === 0 ? 0 : sum / weights
  }
}

function encoded(samples: Float32Array): Buffer {
  const bytes = Buffer.alloc(samples.length)
  for (let index = 0; index < samples.length; index++) bytes[index] = muLaw(samples[index] ?? 0)
  return bytes
}

const stepsPerSample = 512
const kernelTable = Float64Array.from({ length: reach * stepsPerSample + 2 }, (_, index) => {
  const at = index / stepsPerSample
  if (at === 0) return 1
  if (at >= reach) return 0
  // Cut a little below the limit: no filter of this length falls off at once.
  const cut = 0.94
  const sinc = Math.sin(Math.PI * at * cut) / (Math.PI * at * cut)
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * at) / reach))
})

function kernel(distance: number): number {
  return kernelTable[Math.round(Math.abs(distance) * stepsPerSample)] ?? 0
}
