import type { Workshop } from './workshop.ts'

export type AudioLength = { ok: true; seconds: number } | { ok: false; reason: string }

const MAX_AUDIO_BYTES = 25 * 1024 * 1024

/** Fetches an audio file, as the carrier must before it can play it, and finds out how long it lasts. */
export function fetchAudioSeconds(
  shop: Workshop,
  url: string | null,
  done: (found: AudioLength) => void,
): void {
  if (url === null) return done({ ok: false, reason: 'the address is not absolute' })
  const request = { address: url, method: 'GET', form: {}, token: '', maxBytes: MAX_AUDIO_BYTES } as const
  shop.sender.send(request, (answer) => {
    if (!answer.ok) return done({ ok: false, reason: answer.message })
    if (answer.statusCode !== 200) return done({ ok: false, reason: `HTTP ${answer.statusCode}` })
    const seconds = audioSeconds(answer.body)
    done(seconds === null ? { ok: false, reason: 'neither WAV nor MP3' } : { ok: true, seconds })
  })
}

/** The length of a WAV or an MP3 file with a constant bit rate, in seconds; null for anything else. */
export function audioSeconds(bytes: Buffer): number | null {
  return wavSeconds(bytes) ?? mp3Seconds(bytes)
}

function wavSeconds(bytes: Buffer): number | null {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF') return null
  let bytesPerSecond = 0
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    if (name === 'fmt ' && at + 20 <= bytes.length) bytesPerSecond = bytes.readUInt32LE(at + 16)
    // A streamed file states a size that it does not have: what is there counts.
    if (name === 'data') {
      return bytesPerSecond > 0 ? Math.min(size, bytes.length - at - 8) / bytesPerSecond : null
    }
    at += 8 + size + (size % 2)
  }
  return null
}

const LAYER_3_KBITS = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}

function mp3Seconds(bytes: Buffer): number | null {
  const start = afterId3(bytes)
  for (let at = start; at + 4 <= bytes.length && at < start + 4096; at += 1) {
    const header = bytes.readUInt32BE(at)
    // Eleven bits of sync, then version (3 is MPEG-1) and layer (1 is layer 3).
    if (header >>> 21 !== 0x7ff || ((header >>> 17) & 3) !== 1) continue
    const table = ((header >>> 19) & 3) === 3 ? LAYER_3_KBITS.mpeg1 : LAYER_3_KBITS.mpeg2
    const kbits = table[(header >>> 12) & 15]
    if (kbits) return ((bytes.length - at) * 8) / (kbits * 1000)
  }
  return null
}

function afterId3(bytes: Buffer): number {
  if (bytes.length < 10 || bytes.toString('latin1', 0, 3) !== 'ID3') return 0
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (bytes[at] ?? 0), 0)
  return size + 10
}
