/** Speaks the texts that somebody wants, ahead of the calls that need them. */
import { isConnectionFailure, transaction, type Sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import { failSpoken, saveSpoken, speechChannel, takeWanted, type WantedText } from './audio-store.ts'
import { SpeechAway, type Speech } from './speech.ts'

const textsAtOnce = 8
/** A process that took texts and died is waited for so long. */
const leaseSeconds = 15
const mostTries = 3
const idleMs = 1_000

export class SpeechLoop {
  readonly #deps: { sql: Sql; log: Log; speech: Speech; spoken: () => Promise<void> }
  #running: Promise<void> = Promise.resolve()
  #wake: () => void = () => {}
  #unlisten: (() => Promise<void>) | null = null
  #stopping = false

  /** `spoken` is called after texts became sound: calls that waited for them may go on. */
  constructor(deps: { sql: Sql; log: Log; speech: Speech; spoken: () => Promise<void> }) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    this.#stopping = false
    const listening = await this.#deps.sql.listen(speechChannel, () => this.#wake())
    this.#unlisten = listening.unlisten
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake()
    await this.#running
    await this.#unlisten?.()
    this.#unlisten = null
  }

  /** Speaks some of the wanted texts. False when there was none. */
  async runOnce(): Promise<boolean> {
    const { sql, speech, spoken } = this.#deps
    if (speech.problem() !== null) return false
    const texts = await takeWanted(sql, { limit: textsAtOnce, leaseSeconds })
    for (const text of texts) {
      if (this.#stopping) break
      await this.#speak(text)
    }
    if (texts.length > 0) await spoken()
    return texts.length > 0
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        if (await this.runOnce()) continue
      } catch (error) {
        if (!isConnectionFailure(error)) this.#deps.log.error({ err: error }, 'speech loop')
      }
      if (!this.#stopping) await this.#idle()
    }
  }

  async #speak(wanted: WantedText): Promise<void> {
    const { sql, log, speech } = this.#deps
    try {
      const sound = await speech.speak(wanted.text, wanted.voice)
      await transaction(sql, (tx) => saveSpoken(tx, wanted, sound))
    } catch (error) {
      if (!(error instanceof SpeechAway)) throw error
      log.warn({ err: error, audioId: wanted.id }, 'a text could not be spoken')
      if (wanted.tries >= mostTries) await failSpoken(sql, wanted, error.message.slice(0, 200))
    }
  }

  async #idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, idleMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
