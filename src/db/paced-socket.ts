import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What the driver knows of the server when it asks for a socket. */
type Target = { host: readonly string[]; port: readonly number[]; path: string | false }

export type PacedSockets = {
  open(target: Target): Promise<Socket>
  /** Whoever still waits for a turn is refused. */
  close(): void
}

const windowMs = 1_000

/**
 * Sockets for the driver, at most `perSecond` of them a second. While a database replays its log it answers every
 * connection with a refusal, and the driver, when a query was cut off before, dials again at once: hundreds of
 * times a second for each connection of the pool, which takes from the database the time it needs to come back.
 */
export function pacedSockets(perSecond: number): PacedSockets {
  const closing = new AbortController()
  let turns: number[] = []
  return {
    close: () => closing.abort(),
    open: async (target) => {
      const now = performance.now()
      const earliest = (turns.at(-perSecond) ?? -windowMs) + windowMs
      const turn = Math.max(now, earliest)
      turns = [...turns.slice(1 - perSecond), turn]
      if (turn > now) await delay(turn - now, undefined, { signal: closing.signal })

      const socket = new Socket()
      const [host = 'localhost'] = target.host
      const [port = 5432] = target.port
      if (target.path) return socket.connect(target.path)
      // The driver reads the name here when it starts TLS.
      return Object.assign(socket.connect(port, host), { host })
    },
  }
}
