import type { Carrier } from './carrier.ts'

export type CallerIds = {
  owned: string[]
  verified: string[]
  /** Shown when nothing else was chosen; null when there is none. */
  chosen: string | null
}

const freshForMs = 30_000

/**
 * The numbers that calls may show, asked of the carrier at most twice a minute. Rejects with CarrierAway when it cannot
 * be asked and nothing is known yet.
 * @param configured the installation's own choice (CALLER_ID), else the first number owned is taken
 */
export function createCallerIds(carrier: Carrier, configured: string | null): () => Promise<CallerIds> {
  let known: { ids: CallerIds; atMs: number } | null = null
  return async () => {
    if (known && performance.now() - known.atMs < freshForMs) return known.ids
    try {
      const { owned, verified } = await carrier.callerIds()
      known = { ids: { owned, verified, chosen: configured ?? owned[0] ?? null }, atMs: performance.now() }
    } catch (error) {
      // What is known, or what the installation chose itself, is good enough while the carrier is away.
      if (known) return known.ids
      if (configured === null) throw error
      return { owned: [], verified: [configured], chosen: configured }
    }
    return known.ids
  }
}
