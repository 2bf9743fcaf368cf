/** When a campaign pauses by itself: too many of its last calls or texts failed. Pure. */
import { wholeWithin } from '../accounts/settings-readers.ts'
import { isRecord } from '../http/coercion.ts'

export type Breaker = {
  failedPercent: number
  /** How many of the last that ended are looked at; before there are so many, nothing is decided. */
  ofLast: number
}

export type PauseReason = { code: string; message: string }

/** Null: it goes on. Who did not answer, was busy or hung up is no failure. */
export function decideBreaker(breaker: Breaker, last: { ended: number; failed: number }): PauseReason | null {
  const { ended, failed } = last
  if (ended < breaker.ofLast || failed * 100 < breaker.failedPercent * ended) return null
  const percent = Math.round((failed / ended) * 100)
  const message = `${failed} of the last ${ended} failed (${percent} %), and the campaign pauses at ${breaker.failedPercent} %. See why they failed, then resume or stop it.`
  return { code: 'breaker', message }
}

export const breakerAccepted =
  '{"failed_percent": 50, "of_last": 50} with 1 to 100 percent of the last 5 to 1000, or null'

const usualWindow = 50

/** Undefined when it is not accepted. */
export function readBreaker(value: unknown): Breaker | null | undefined {
  if (value === null) return null
  if (!isRecord(value)) return undefined
  const { failed_percent: percent, of_last: last, ...others } = value
  if (Object.keys(others).length > 0) return undefined
  const failedPercent = wholeWithin(percent, 1, 100)
  const ofLast = last === undefined ? usualWindow : wholeWithin(last, 5, 1_000)
  return failedPercent === undefined || ofLast === undefined ? undefined : { failedPercent, ofLast }
}

export function breakerToWire(breaker: Breaker | null): Record<string, number> | null {
  return breaker === null ? null : { failed_percent: breaker.failedPercent, of_last: breaker.ofLast }
}
