import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmbeddedSpeech } from './embedded-speech.ts'
import type { Speech } from './speech.ts'

const sentence = 'Good morning, the offer is open until the end of this week. '

let folder: string
let speech: Speech
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-speech-'))
})
afterEach(async () => {
  await speech.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The program that speaks, which writes down first that it was started. */
function speakingProgram(): string {
  const program = join(folder, 'speaks.mjs')
  const real = pathToFileURL(resolve('bin/speech-child.mjs')).href
  writeFileSync(
    program,
    `import { appendFileSync } from 'node:fs'
     appendFileSync(${JSON.stringify(join(folder, 'pids'))}, process.pid + '\\n')
     await import(${JSON.stringify(real)})`,
  )
  return program
}

const pids = (): number[] => readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number)

test('a program that has work is not ended for having been idle', async () => {
  speech = createEmbeddedSpeech({ idleMs: 150, program: speakingProgram() })
  await Promise.all(['One.', 'Two.', 'Three.'].map((text) => speech.speak(text, 'en_emma')))
  // Long enough that every timer of before would have gone off in between.
  const sound = await speech.speak(sentence.repeat(6), 'en_emma')
  expect(sound.length / 8_000).toBeGreaterThan(10)
  expect(pids()).toHaveLength(1)
})

test('a text whose program ends in the middle is spoken by the next one', async () => {
  speech = createEmbeddedSpeech({ program: speakingProgram() })
  await speech.speak('One.', 'en_emma')
  const spoken = speech.speak(sentence.repeat(6), 'en_emma')
  await new Promise((soon) => setImmediate(soon))
  process.kill(pids()[0] ?? 0, 'SIGKILL')
  expect((await spoken).length / 8_000).toBeGreaterThan(10)
  expect(pids()).toHaveLength(2)
})

test('texts that mean nothing are spoken as far as possible, and end nothing', async () => {
  speech = createEmbeddedSpeech({ program: speakingProgram() })
  const odd = [
    '\u0000',
    '\uD800',
    '<break time="9s"/>',
    '[[h@l@U',
    '\u{1F600}'.repeat(9),
    '&#0;',
    '\u202e\u0301',
  ]
  for (const text of odd) await speech.speak(text, 'np_rija')
  expect(pids()).toHaveLength(1)
})
