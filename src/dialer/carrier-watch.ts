/** What the answers of the carrier say about it, for everything in this process that asks it to call or to text. */
import { failpoint } from '../failpoint.ts'
import type { Log } from '../log.ts'
import type { Sql } from '../db/sql.ts'
import type { Placement, TextPlacement } from '../carriers/carrier.ts'
import { blockAccount, unblockAccount } from './account-store.ts'
import { afterAnswer, allowedInFlight, newHealth, restAfter } from './carrier-health.ts'

export type CarrierWatch = {
  /** Requests that may be under way, of `most`. */
  allowed(most: number): number
  /** Usable answers come. */
  isProven(): boolean
  /** Milliseconds for which nothing may be asked; 0: ask. */
  restMs(): number
  /** A rest begins here at once, and for other processes when it is written. */
  learn(placement: Placement | TextPlacement): Promise<void>
}

export function createCarrierWatch(deps: { sql: Sql; carrierAccountId: number; log: Log }): CarrierWatch {
  let health = newHealth
  let restUntilMs = 0 // monotonic
  const restMs = () => Math.max(0, restUntilMs - performance.now())
  return {
    allowed: (most) => allowedInFlight(health, most),
    isProven: () => health.proven,
    restMs,
    async learn(placement) {
      const was = health
      health = afterAnswer(health, placement, restMs() > 0)
      const rest = restAfter(health, placement)
      if (rest) {
        restUntilMs = Math.max(restUntilMs, performance.now() + rest.forMs)
        deps.log.warn({ trouble: rest.reason, forMs: rest.forMs }, 'carrier in trouble')
        failpoint('account.blocking')
        await blockAccount(deps.sql, deps.carrierAccountId, rest).catch(() => {})
      } else if (health.proven && !was.proven) {
        await unblockAccount(deps.sql, deps.carrierAccountId).catch(() => {})
      }
    },
  }
}
