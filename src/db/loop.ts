/** A loop over rows: takes one turn after another until it is stopped, and bears the absence of the database. */
import type { Log } from '../log.ts'
import { isConnectionFailure } from './sql.ts'

export type Loop = {
  start(): void
  /** Resolves after the turn under way. */
  stop(): Promise<void>
  /** There may be something to do: the next turn is taken at once. */
  wake(): void
}

/** `turn` returns the milliseconds until the next one. A turn that throws is logged, and followed after a pause. */
export function createLoop({
  name,
  log,
  turn,
  errorPauseMs = 500,
}: {
  /** What it does, for the log: `dialing`. */
  name: string
  log: Log
  turn: () => Promise<number>
  errorPauseMs?: number
}): Loop {
  let stopping = false
  let isWoken = false
  let endPause: (() => void) | null = null
  let isDatabaseAway = false
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    while (!stopping) await pause(await turnSafely())
  }

  async function turnSafely(): Promise<number> {
    try {
      const pauseMs = await turn()
      isDatabaseAway = false
      return pauseMs
    } catch (error) {
      if (!isConnectionFailure(error)) log.error({ err: error, loop: name }, 'a turn failed')
      else if (!isDatabaseAway) {
        isDatabaseAway = true
        log.warn({ code: 'database_away', loop: name }, 'waits for the database')
      }
      return errorPauseMs
    }
  }

  function pause(ms: number): Promise<void> {
    if (isWoken || stopping || ms <= 0) {
      isWoken = false
      return new Promise((next) => setImmediate(next))
    }
    return new Promise((next) => {
      const done = () => {
        clearTimeout(timer)
        endPause = null
        isWoken = false
        next()
      }
      const timer = setTimeout(done, ms)
      endPause = done
    })
  }

  return {
    start: () => void (running ??= run()),
    async stop() {
      stopping = true
      endPause?.()
      await running
    },
    wake() {
      isWoken = true
      endPause?.()
    },
  }
}
