import { describe, expect, it } from 'vitest'
import { audioSeconds } from './audio-length.ts'
import { ledgerCalls } from './ledger-calls.ts'
import { speechSeconds } from './speech-length.ts'
import { allEnded, openWorld } from './test-world.ts'
import { parseTwiml } from './twiml.ts'

/** One second of silence as a WAV file: 8,000 samples of mu-law. */
function wav(seconds: number): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(7, 20)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(8000, 28)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(8000 * seconds, 40)
  return Buffer.concat([header, Buffer.alloc(8000 * seconds, 0xff)])
}

describe('instructions', () => {
  it('are read in order, with entities, loops and what is not known', () => {
    const read = parseTwiml(
      '<?xml version="1.0"?><Response><!-- a --><Say loop="2">Tom &amp; Zo&#235;</Say><Pause/><Enqueue>1</Enqueue><Hangup/></Response>',
    )
    expect(read).toEqual({
      ok: true,
      verbs: [
        { verb: 'Say', text: 'Tom & Zoë', loop: 2 },
        { verb: 'Pause', seconds: 1 },
        { verb: 'Unknown', name: 'Enqueue' },
        { verb: 'Hangup' },
      ],
    })
  })

  it.each(['', 'hello', '<Response><Say></Response>', '<Other/>'])(
    'that are %j are refused with a reason',
    (text) => {
      expect(parseTwiml(text)).toMatchObject({ ok: false })
    },
  )

  it('are fetched, signed by the fallback when the first address fails, and followed where they lead', async () => {
    const world = await openWorld()
    world.reply = ({ path }) => {
      if (path === '/first') return { statusCode: 500 }
      if (path === '/second') {
        return {
          statusCode: 200,
          body: '<Response><Play>sound.wav</Play><Redirect>third</Redirect></Response>',
        }
      }
      if (path === '/sound.wav') return { statusCode: 200, body: wav(2) }
      return { statusCode: 200, body: '<Response><Enqueue/><Say>The end.</Say></Response>' }
    }
    const Url = `${world.server}/first#rc=0`
    await world.call('+13125550142', { Twiml: '', Url, FallbackUrl: `${world.server}/second` })
    await allEnded(world)
    const [call] = await ledgerCalls(world.ledgerPath)
    expect(call?.heard).toMatchObject([
      { text: null, url: `${world.server}/sound.wav`, seconds: 2, complete: true },
      { text: 'The end.', url: null, seconds: 1, complete: true },
    ])
    const second = world.received.find((entry) => entry.path === '/second')
    expect(second?.form).toMatchObject({ CallStatus: 'in-progress', ErrorCode: '11200', To: '+13125550142' })
    await world.close()
  })

  it('that cannot be had end the call, and the ledger says that nothing was heard', async () => {
    const world = await openWorld()
    await world.call('+13125550142', { Twiml: '', Url: `${world.server}/nothing#rc=0` })
    await allEnded(world)
    const [call] = await ledgerCalls(world.ledgerPath)
    expect(call).toMatchObject({ status: 'completed', heard: [] })
    expect(call?.reason).toContain('no usable instructions')
    await world.close()
  })
})

describe('the length of what is heard', () => {
  it('is a second for fifteen characters of speech, and never less than one', () => {
    expect(speechSeconds('')).toBe(1)
    expect(speechSeconds('Yes.')).toBe(1)
    expect(speechSeconds('a'.repeat(150))).toBe(10)
    expect(speechSeconds(`  ${'a'.repeat(75)}\n\n `)).toBe(5)
    expect(speechSeconds('नमस्ते '.repeat(15).trim())).toBe(7)
  })

  it('is that of a WAV file, also when the file states a size it does not have', () => {
    expect(audioSeconds(wav(3))).toBe(3)
    const streamed = wav(2)
    streamed.writeUInt32LE(0xffffffff, 40)
    expect(audioSeconds(streamed)).toBe(2)
  })

  it('is that of an MP3 file by its bit rate, behind its tags', () => {
    const tag = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 10, ...Buffer.alloc(10)])
    const frames = Buffer.alloc(16_000)
    frames.writeUInt32BE(0xfffb5000, 0)
    expect(audioSeconds(Buffer.concat([tag, frames]))).toBeCloseTo(2, 5)
    expect(audioSeconds(Buffer.from('neither'))).toBeNull()
  })
})
