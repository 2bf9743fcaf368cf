/** Speaks by a service of the operator's: POST {text, voice, language} to its address, which answers with a sound file. */
import { request } from 'undici'
import { SpeechAway, findVoice, type Speech } from './speech.ts'
import { telephoneSound } from './sound-file.ts'

const answerWithinMs = 60_000
const mostBytes = 25 * 1024 * 1024

export function createHttpSpeech(address: string): Speech {
  return {
    async speak(text, voice) {
      try {
        const answer = await request(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'audio/wav, audio/mpeg, audio/ogg' },
          body: JSON.stringify({ text, voice, language: findVoice(voice)?.language ?? null }),
          headersTimeout: answerWithinMs,
          bodyTimeout: answerWithinMs,
        })
        if (answer.statusCode !== 200) {
          await answer.body.dump()
          throw new SpeechAway(`the speech service answered ${answer.statusCode}`)
        }
        const pieces: Buffer[] = []
        for await (const piece of telephoneSound(answer.body, { bytes: mostBytes, param: 'the answer' }))
          pieces.push(piece)
        return Buffer.concat(pieces)
      } catch (error) {
        if (error instanceof SpeechAway) throw error
        throw new SpeechAway('the speech service gave no usable answer', { cause: error })
      }
    },
    problem: () => null,
    async stop() {},
  }
}
