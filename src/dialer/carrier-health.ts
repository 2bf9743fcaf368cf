/**
 * How many requests a carrier may be trusted with. Pure state, no clock.
 *
 * Until a carrier gave one usable answer, only a few requests are under way, so that wrong credentials or a carrier
 * that is away cost a handful of refused requests and not a whole budget of them.
 */
import type { Placement, TextPlacement, Trouble } from '../carriers/carrier.ts'

export type CarrierHealth = {
  /** Usable answers come. */
  proven: boolean
  /** Consecutive answers that said it is away, busy or refuses us. */
  troubles: number
  /** Consecutive requests without a clear answer. */
  unclear: number
}

export const newHealth: CarrierHealth = { proven: false, troubles: 0, unclear: 0 }
/** So many unclear answers in a row come from a carrier that is down behind its front door. */
const mostUnclear = 5

/** Requests under way before the carrier proved itself: a few at first, one at a time after trouble. */
export function allowedInFlight(health: CarrierHealth, most: number): number {
  if (health.proven) return most
  return Math.min(most, health.troubles === 0 && health.unclear < mostUnclear ? 4 : 1)
}

/**
 * The health after one answer. A single answer that never came proves nothing; many in a row do. Trouble that is told
 * while nobody asks any more (`resting`) is the same trouble, told again by what was still under way.
 */
export function afterAnswer(
  health: CarrierHealth,
  placement: Placement | TextPlacement,
  resting = false,
): CarrierHealth {
  switch (placement.outcome) {
    case 'placed':
    case 'refused':
      return { proven: true, troubles: 0, unclear: 0 }
    case 'unknown': {
      const unclear = health.unclear + 1
      return { ...health, proven: health.proven && unclear < mostUnclear, unclear }
    }
    case 'unavailable': {
      const { trouble } = placement
      if (trouble === null) return health
      return {
        ...health,
        proven: trouble.kind === 'busy' && health.proven,
        troubles: health.troubles + (resting ? 0 : 1),
      }
    }
  }
}

/** How long nobody should ask after this answer, and why; null when there is no reason to wait. */
export function restAfter(
  health: CarrierHealth,
  placement: Placement | TextPlacement,
): { forMs: number; reason: string } | null {
  if (placement.outcome === 'unknown' && health.unclear >= mostUnclear)
    return { forMs: 1_000, reason: 'unclear' }
  if (placement.outcome !== 'unavailable' || placement.trouble === null) return null
  return { forMs: restMs(placement.trouble, health.troubles), reason: placement.trouble.kind }
}

function restMs(trouble: Trouble, troubles: number): number {
  switch (trouble.kind) {
    case 'busy':
      return trouble.retryAfterMs ?? 1_000
    case 'away':
      return 1_000
    case 'credentials':
      return Math.min(5_000 * 2 ** Math.max(0, troubles - 1), 60_000)
  }
}
