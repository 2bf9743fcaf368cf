/** Speaks offline, by a child process that is started when it is first needed and that speaks one text after the other. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SpeechAway, type Speech } from './speech.ts'
import { Resampler } from './telephone-sound.ts'

/** How the speaker calls our voices, and how they differ: pitch from 0 to 99, rate in words a minute. */
const speakers: Readonly<Record<string, { voice: string; pitch: number; rate: number }>> = {
  np_rija: { voice: 'ne+f3', pitch: 55, rate: 150 },
  np_prasanna: { voice: 'ne+m3', pitch: 45, rate: 150 },
  np_binod: { voice: 'ne+m7', pitch: 35, rate: 140 },
  en_emma: { voice: 'en-us+f2', pitch: 55, rate: 160 },
  en_james: { voice: 'en-us+m3', pitch: 45, rate: 160 },
}

const startWithinMs = 60_000
const speakWithinMs = 60_000
const usualIdleMs = 60_000

export type EmbeddedSpeechOptions = {
  /** After so long without a text the program is ended, and its memory is free. */
  idleMs?: number
  /** The program that speaks; the one that comes along unless said. */
  program?: string
}

export function createEmbeddedSpeech({ idleMs = usualIdleMs, program }: EmbeddedSpeechOptions = {}): Speech {
  const missing = findProblem()
  let child: SpeakingChild | null = null
  let queue: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let isStopping = false
  let idle: NodeJS.Timeout | null = null

  /** One that ended for reasons of its own says nothing about the text: another gets it once more. */
  async function speakNow(text: string, voice: string, isLastTry = false): Promise<Buffer> {
    const speaker = speakers[voice]
    if (speaker === undefined) throw new SpeechAway(`there is no voice ${voice}`)
    if (isStopping) throw new SpeechAway('the server is stopping')
    if (child === null || child.hasEnded) child = new SpeakingChild(program ?? findProgram())
    const speaking = child
    try {
      return await speaking.speak({ text, ...speaker })
    } catch (error) {
      if (speaking.hasEnded && !speaking.wasToldTo && !isLastTry) return speakNow(text, voice, true)
      // Whatever state it is in, the next text begins with a new one.
      speaking.end()
      throw error
    }
  }

  function rest(): void {
    idle = setTimeout(() => child?.end(), idleMs)
    idle.unref()
  }

  return {
    async speak(text, voice) {
      if (missing !== null) throw new SpeechAway(missing)
      if (idle !== null) clearTimeout(idle)
      waiting += 1
      const spoken = queue.then(() => speakNow(text, voice))
      queue = spoken.catch(() => {})
      try {
        return await spoken
      } finally {
        waiting -= 1
        if (waiting === 0) rest()
      }
    },
    problem: () => missing,
    async stop() {
      isStopping = true
      if (idle !== null) clearTimeout(idle)
      child?.end()
      await queue
    },
  }
}

function findProblem(): string | null {
  try {
    createRequire(import.meta.url).resolve('@echogarden/espeak-ng-emscripten')
    return null
  } catch {
    return 'the package that speaks is not installed (npm install @echogarden/espeak-ng-emscripten)'
  }
}

/** The program lies beside the server's, wherever that was built to. */
function findProgram(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const program = join(folder, 'bin', 'speech-child.mjs')
    if (existsSync(program)) return program
    if (folder === dirname(folder)) throw new SpeechAway('the program that speaks is missing')
  }
}

type Request = { text: string; voice: string; pitch: number; rate: number }
type Answer = { ready?: boolean; id?: number; rate?: number; bytes?: number; error?: string }

class SpeakingChild {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #output: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  #isReady = false
  #id = 0
  hasEnded = false
  wasToldTo = false

  constructor(program: string) {
    // Nothing of our environment is any of its business.
    this.#process = spawn(process.execPath, [program], { env: {}, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process.stderr.resume()
    this.#process.stdin.on('error', () => {})
    this.#process.once('exit', () => (this.hasEnded = true))
    this.#process.once('error', () => (this.hasEnded = true))
    this.#output = this.#process.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  async speak(request: Request): Promise<Buffer> {
    if (!this.#isReady) {
      await within(this.#line(), startWithinMs)
      this.#isReady = true
    }
    const id = (this.#id += 1)
    this.#process.stdin.write(`${JSON.stringify({ id, ...request })}\n`)
    const answer = await within(this.#line(), speakWithinMs)
    if (answer.id !== id || answer.bytes === undefined || answer.rate === undefined)
      throw new SpeechAway(answer.error ?? 'the program that speaks gave another answer than was asked for')
    const samples = await within(this.#take(answer.bytes), speakWithinMs)
    return toTelephone(samples, answer.rate)
  }

  end(): void {
    this.hasEnded = true
    this.wasToldTo = true
    this.#process.kill('SIGKILL')
  }

  async #line(): Promise<Answer> {
    for (;;) {
      const end = this.#held.indexOf(10)
      if (end >= 0) {
        const line = this.#held.toString('utf8', 0, end)
        this.#held = this.#held.subarray(end + 1)
        return JSON.parse(line) as Answer
      }
      await this.#more()
    }
  }

  async #take(bytes: number): Promise<Buffer> {
    const pieces = [this.#held]
    let held = this.#held.length
    while (held < bytes) {
      this.#held = Buffer.alloc(0)
      await this.#more()
      pieces.push(this.#held)
      held += this.#held.length
    }
    const all = Buffer.concat(pieces)
    this.#held = all.subarray(bytes)
    return all.subarray(0, bytes)
  }

  async #more(): Promise<void> {
    const next = await this.#output.next()
    if (next.done === true) {
      this.hasEnded = true
      throw new SpeechAway('the program that speaks has ended')
    }
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value])
  }
}

async function within<Value>(work: Promise<Value>, milliseconds: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SpeechAway('the program that speaks did not answer in time')),
      milliseconds,
    )
  })
  work.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function toTelephone(bytes: Buffer, rate: number): Buffer {
  const samples = Float32Array.from(
    { length: Math.floor(bytes.length / 2) },
    (_, index) => bytes.readInt16LE(index * 2) / 32_768,
  )
  const resampler = new Resampler(rate)
  return Buffer.concat([resampler.push(samples), resampler.end()])
}
