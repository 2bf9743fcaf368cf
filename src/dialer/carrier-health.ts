/**
 * How many requests a carrier may be trusted with. Pure state, no clock.
 *
 * Until a carrier gave one usable answer, only a few requests are under way, so that wrong credentials or a carrier
 * that is away cost a handful of refused requests and not a whole budget of them.
 */
import type { Placement, Trouble } from '../carriers/carrier.ts'

export type CarrierHealth = {
  /** Usable answers come. */
  proven: boolean
  /** Consecutive answers that said it is away, busy or refuses us. */
  troubles: number
}

export const newHealth: CarrierHealth = { proven: false, troubles: 0 }

/** Requests under way before the carrier proved itself: a few at first, one at a time after trouble. */
export function allowedInFlight(health: CarrierHealth, most: number): number {
  if (health.proven) return most
  return Math.min(most, health.troubles === 0 ? 4 : 1)
}

export function troubleOf(placement: Placement): Trouble | null {
  return placement.outcome === 'unavailable' ? placement.trouble : null
}

/** The health after one answer. An answer that never came (`unknown`) proves nothing. */
export function afterAnswer(health: CarrierHealth, placement: Placement): CarrierHealth {
  if (placement.outcome === 'placed' || placement.outcome === 'refused') return { proven: true, troubles: 0 }
  const trouble = troubleOf(placement)
  if (trouble === null) return health
  return { proven: trouble.kind === 'busy' && health.proven, troubles: health.troubles + 1 }
}

/** How long nobody should ask, after this much trouble in a row. Milliseconds. */
export function pauseMs(trouble: Trouble, troubles: number): number {
  switch (trouble.kind) {
    case 'busy':
      return trouble.retryAfterMs ?? 1_000
    case 'away':
      return 1_000
    case 'credentials':
      return Math.min(5_000 * 2 ** Math.max(0, troubles - 1), 60_000)
  }
}
