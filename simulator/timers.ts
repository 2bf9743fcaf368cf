/** What time it is for the carrier. A rehearsal in virtual time brings its own. */
export interface Clock {
  now(): Date
}

/** Does something later. Returns the way to prevent it. A rehearsal in virtual time brings its own. */
export interface Timers {
  after(delayMs: number, action: () => void): () => void
}

export const systemClock: Clock = { now: () => new Date() }

/** The longest delay Node's timers can hold; longer ones would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** Node's own timers. `clear` drops all that are left, and takes no new ones: the carrier has stopped. */
export function createTimers(): Timers & { clear(): void } {
  const running = new Set<NodeJS.Timeout>()
  let cleared = false
  return {
    after(delayMs, action) {
      if (cleared) return () => undefined
      const timer = setTimeout(
        () => {
          running.delete(timer)
          action()
        },
        Math.min(MAX_DELAY_MS, Math.max(0, delayMs)),
      )
      running.add(timer)
      return () => {
        running.delete(timer)
        clearTimeout(timer)
      }
    },
    clear() {
      cleared = true
      for (const timer of running) clearTimeout(timer)
      running.clear()
    },
  }
}
