/** Reads a sound file of any usual kind, as it streams in, into telephone sound. */
import { AppError } from '../errors.ts'
import { Resampler, telephoneRate } from './telephone-sound.ts'
import { WavReader } from './wav-reader.ts'

/** Longer than anyone listens. */
const longestSeconds = 30 * 60
const sniffedBytes = 4_096
const sliceBytes = 32 * 1024

type Sound = { channelData: Float32Array[]; sampleRate: number }
type Decoder = { decode(bytes: Buffer): Promise<Sound>; end(): Promise<Sound | null>; free(): void }

/**
 * The sound of `stream` as mu-law, piece by piece. What kind of file it is, its content says, not its name. Throws
 * AppError: too_large `file_too_large`; invalid `not_audio`, `audio_too_long`, `audio_empty`.
 */
export async function* telephoneSound(
  stream: AsyncIterable<Buffer | string>,
  limits: { bytes: number; param: string },
): AsyncGenerator<Buffer> {
  const source = new Source(stream, limits)
  const head = await source.head()
  const decoder = await decoderFor(head)
  if (decoder === null) throw notAudio(limits.param)
  const output = new Output(limits.param)
  try {
    for await (const piece of source.pieces()) {
      for (let from = 0; from < piece.length; from += sliceBytes) {
        yield output.push(await decoder.decode(piece.subarray(from, from + sliceBytes)))
      }
    }
    const rest = await decoder.end()
    if (rest !== null) yield output.push(rest)
    yield output.end()
  } catch (error) {
    throw error instanceof AppError ? error : notAudio(limits.param, error)
  } finally {
    decoder.free()
  }
}

export function notAudio(param: string, cause?: unknown): AppError {
  const sentence = `${param} cannot be read as sound. Send an MP3, a WAV or an OGG file.`
  return new AppError('invalid', 'not_audio', sentence, { param, cause })
}

/** Whether the beginning of a file is that of a kind of sound. */
export function looksLikeSound(head: Buffer): boolean {
  return kindOf(head) !== null
}

type Kind = 'wav' | 'ogg' | 'mpeg'

function kindOf(head: Buffer): Kind | null {
  const mark = head.toString('latin1', 0, 4)
  if (mark === 'RIFF' && head.toString('latin1', 8, 12) === 'WAVE') return 'wav'
  if (mark === 'OggS') return 'ogg'
  return mark.startsWith('ID3') || isMpegFrame(head) ? 'mpeg' : null
}

/** What decodes is loaded when the first file of its kind comes: hardly any start of the server needs it. */
async function decoderFor(head: Buffer): Promise<Decoder | null> {
  switch (kindOf(head)) {
    case 'wav':
      return new WavReader()
    case 'ogg': {
      const ogg = head.includes('OpusHead')
        ? new (await import('ogg-opus-decoder')).OggOpusDecoder()
        : new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder()
      await ogg.ready
      return {
        decode: async (bytes) => ogg.decode(bytes),
        end: async () => ogg.flush(),
        free: () => ogg.free(),
      }
    }
    case 'mpeg': {
      const { MPEGDecoder } = await import('mpg123-decoder')
      const mpeg = new MPEGDecoder()
      await mpeg.ready
      return { decode: async (bytes) => mpeg.decode(bytes), end: async () => null, free: () => mpeg.free() }
    }
    case null:
      return null
  }
}

/** Eleven bits of sync, then a version, a layer and a bit rate that exist. */
function isMpegFrame(head: Buffer): boolean {
  if (head.length < 4) return false
  const bits = head.readUInt32BE(0)
  const [version, layer, rate, frequency] = [
    (bits >>> 19) & 3,
    (bits >>> 17) & 3,
    (bits >>> 12) & 15,
    (bits >>> 10) & 3,
  ]
  return bits >>> 21 === 0x7ff && version !== 1 && layer !== 0 && rate !== 0 && rate !== 15 && frequency !== 3
}

/** The bytes of a file, with a limit, and a look at its beginning. */
class Source {
  readonly #stream: AsyncIterator<Buffer | string>
  readonly #limits: { bytes: number; param: string }
  #head: Buffer = Buffer.alloc(0)
  #bytes = 0

  constructor(stream: AsyncIterable<Buffer | string>, limits: { bytes: number; param: string }) {
    this.#stream = stream[Symbol.asyncIterator]()
    this.#limits = limits
  }

  async head(): Promise<Buffer> {
    while (this.#head.length < sniffedBytes) {
      const piece = await this.#next()
      if (piece === null) break
      this.#head = Buffer.concat([this.#head, piece])
    }
    return this.#head
  }

  async *pieces(): AsyncGenerator<Buffer> {
    yield this.#head
    for (let piece = await this.#next(); piece !== null; piece = await this.#next()) yield piece
  }

  async #next(): Promise<Buffer | null> {
    const next = await this.#stream.next()
    if (next.done === true) return null
    const piece = typeof next.value === 'string' ? Buffer.from(next.value) : next.value
    this.#bytes += piece.length
    if (this.#bytes > this.#limits.bytes) throw tooLarge(this.#limits)
    return piece
  }
}

/** Mixes the channels to one, and brings them to the telephone's rate. */
class Output {
  readonly #param: string
  #resampler: Resampler | null = null
  #rate = 0
  #bytes = 0

  constructor(param: string) {
    this.#param = param
  }

  push(sound: Sound): Buffer {
    const { channelData, sampleRate } = sound
    const [first] = channelData
    if (first === undefined || first.length === 0) return Buffer.alloc(0)
    // A file that changes its rate in the middle goes on with a filter of its own.
    const before = this.#rate === sampleRate ? Buffer.alloc(0) : this.#rest()
    if (this.#rate !== sampleRate) this.#resampler = new Resampler(sampleRate)
    this.#rate = sampleRate
    return this.#counted(
      Buffer.concat([before, this.#resampler?.push(mixed(channelData)) ?? Buffer.alloc(0)]),
    )
  }

  end(): Buffer {
    const rest = this.#counted(this.#rest())
    if (this.#bytes === 0) {
      const sentence = `${this.#param} holds no sound that could be played.`
      throw new AppError('invalid', 'audio_empty', sentence, { param: this.#param })
    }
    return rest
  }

  #rest(): Buffer {
    return this.#resampler?.end() ?? Buffer.alloc(0)
  }

  #counted(bytes: Buffer): Buffer {
    this.#bytes += bytes.length
    if (this.#bytes <= longestSeconds * telephoneRate) return bytes
    const sentence = `${this.#param} lasts longer than ${longestSeconds / 60} minutes. Shorten it.`
    throw new AppError('invalid', 'audio_too_long', sentence, { param: this.#param })
  }
}

function mixed(channels: readonly Float32Array[]): Float32Array {
  const [first] = channels
  if (first === undefined || channels.length === 1) return first ?? new Float32Array(0)
  return first.map((_, index) => channels.reduce((sum, one) => sum + (one[index] ?? 0), 0) / channels.length)
}

function tooLarge(limits: { bytes: number; param: string }): AppError {
  const sentence = `${limits.param} is larger than ${Math.round(limits.bytes / 2 ** 20)} MiB. Shorten or pack it.`
  return new AppError('too_large', 'file_too_large', sentence, { param: limits.param })
}
