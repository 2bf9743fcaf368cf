// Speaks texts for the server: a process of its own, because what speaks in it is under another licence than the
// server (see NOTICE.md). Requests are lines of JSON on stdin: {"id", "text", "voice", "rate", "pitch"}. Answers on stdout:
// a line of JSON {"id", "rate", "bytes"} and so many bytes of 16-bit samples, or {"id", "error"}.
import { createInterface } from 'node:readline'

const { default: createModule } = await import('@echogarden/espeak-ng-emscripten')
const module = await createModule()
const speaker = await new module.eSpeakNGWorker()
const sampleRate = speaker.get_samplerate()
process.stdout.write(`${JSON.stringify({ ready: true })}\n`)

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  try {
    const sound = speak(request)
    process.stdout.write(`${JSON.stringify({ id: request.id, rate: sampleRate, bytes: sound.length })}\n`)
    process.stdout.write(sound)
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ id: request.id, error: String(error) })}\n`)
  }
}

function speak({ text, voice, rate, pitch }) {
  if (speaker.set_voice(voice) !== 0) throw new Error(`no such voice: ${voice}`)
  speaker.set_rate(rate)
  speaker.set_pitch(pitch)
  const pieces = []
  speaker.synthesize(text, (samples) => {
    if (samples && samples.byteLength > 0) {
      pieces.push(
        Buffer.from(samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength)),
      )
    }
    return 0
  })
  return Buffer.concat(pieces)
}
