import { createMp3Encoder, createOggEncoder } from 'wasm-media-encoders'
import { expect, test } from 'vitest'
import { isPublicAddress } from '../http/public-address.ts'
import { telephoneSound } from './sound-file.ts'
import { fromMuLaw, muLaw, Resampler, telephoneRate, wavHead } from './telephone-sound.ts'

function tone(hertz: number, seconds: number, rate: number): Float32Array {
  return Float32Array.from(
    { length: Math.round(seconds * rate) },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / rate),
  )
}

/** How loud a tone is in mu-law: 0 to 1, by correlation with it. */
function loudness(sound: Buffer, hertz: number): number {
  let [sine, cosine] = [0, 0]
  for (const [index, byte] of sound.entries()) {
    const angle = (2 * Math.PI * hertz * index) / telephoneRate
    sine += fromMuLaw(byte) * Math.sin(angle)
    cosine += fromMuLaw(byte) * Math.cos(angle)
  }
  return (2 * Math.hypot(sine, cosine)) / sound.length
}

function wav(samples: Float32Array, rate: number, channels = 1): Buffer {
  const data = Buffer.alloc(samples.length * 2 * channels)
  for (const [index, sample] of samples.entries())
    for (let channel = 0; channel < channels; channel++)
      data.writeInt16LE(Math.round(sample * 32_767), (index * channels + channel) * 2)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2 * channels, 28)
  head.writeUInt16LE(2 * channels, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

async function* inPieces(bytes: Buffer, size = 1_000): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function read(bytes: Buffer, limit = 25 * 2 ** 20): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of telephoneSound(inPieces(bytes), { bytes: limit, param: 'file' }))
    pieces.push(piece)
  return Buffer.concat(pieces)
}

test('every mu-law byte comes back from the sample it stands for', () => {
  // All but one of the two zeros.
  const bytes = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x7f)
  expect(bytes.map((byte) => muLaw(fromMuLaw(byte)))).toEqual(bytes)
})

test.each([8_000, 11_025, 22_050, 44_100, 48_000])('a tone at %d samples a second stays itself', (rate) => {
  const resampler = new Resampler(rate)
  const samples = tone(1_000, 2, rate)
  const pieces: Buffer[] = []
  for (let from = 0; from < samples.length; from += 777)
    pieces.push(resampler.push(samples.subarray(from, from + 777)))
  const sound = Buffer.concat([...pieces, resampler.end()])
  expect(Math.abs(sound.length - 16_000)).toBeLessThan(40)
  expect(loudness(sound.subarray(800, 15_200), 1_000)).toBeGreaterThan(0.48)
})

test('what a telephone cannot carry does not come back as another tone', () => {
  const resampler = new Resampler(44_100)
  const sound = Buffer.concat([resampler.push(tone(6_000, 1, 44_100)), resampler.end()])
  expect(loudness(sound.subarray(800, 7_200), 2_000)).toBeLessThan(0.01)
})

test.each<[string, () => Buffer | Promise<Buffer>]>([
  ['a WAV of CD quality', () => wav(tone(700, 1.5, 44_100), 44_100, 2)],
  ['a WAV of our own', () => ourOwn()],
  ['an MP3', () => encoded(createMp3Encoder)],
  ['an OGG', () => encoded(createOggEncoder)],
])('%s becomes telephone sound of the same length', async (_name, file) => {
  const sound = await read(await file())
  expect(Math.abs(sound.length / telephoneRate - 1.5)).toBeLessThan(0.12)
  expect(loudness(sound.subarray(2_000, 10_000), 700)).toBeGreaterThan(0.4)
})

function ourOwn(): Buffer {
  const bytes = Buffer.from(Array.from(tone(700, 1.5, telephoneRate), muLaw))
  return Buffer.concat([wavHead(bytes.length), bytes])
}

async function encoded(create: typeof createMp3Encoder | typeof createOggEncoder): Promise<Buffer> {
  const encoder = await create()
  encoder.configure({ sampleRate: 44_100, channels: 1 })
  const first = Buffer.from(encoder.encode([tone(700, 1.5, 44_100)]))
  return Buffer.concat([first, Buffer.from(encoder.finalize())])
}

test('what is no sound is refused, whatever it is called', async () => {
  const long = wav(tone(100, 60, 8_000), 8_000)
  await expect(read(Buffer.from('MZ this is a program'))).rejects.toMatchObject({ code: 'not_audio' })
  await expect(read(Buffer.from('RIFF0000WAVEjunk'))).rejects.toMatchObject({ code: 'not_audio' })
  await expect(read(Buffer.alloc(0))).rejects.toMatchObject({ code: 'not_audio' })
  await expect(read(wav(new Float32Array(0), 8_000))).rejects.toMatchObject({ code: 'audio_empty' })
  await expect(read(long, 100_000)).rejects.toMatchObject({ code: 'file_too_large', kind: 'too_large' })
  const bytes = 1_801 * telephoneRate
  const hour = Buffer.concat([wavHead(bytes), Buffer.alloc(bytes, 0xff)])
  await expect(read(hour)).rejects.toMatchObject({ code: 'audio_too_long' })
})

test('only addresses of the internet at large are public', () => {
  const inside = `127.0.0.1 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1
    255.255.255.255 ::1 :: fe80::1 fc00::1 fd12::1 ::ffff:10.0.0.1 2001:db8::1 2002:a00:1::1 64:ff9b::a00:1 ff02::1`
  for (const address of inside.split(/\s+/))
    expect([address, isPublicAddress(address)]).toEqual([address, false])
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111'])
    expect(isPublicAddress(address)).toBe(true)
})
