/** When a code may be sent. Pure: counts in, a refusal or null out. */

export const liveMs = 5 * 60_000
export const mostTries = 5
export const perNumber = { most: 5, windowMs: 10 * 60_000 }
export const betweenSendsMs = 30_000
export const perPrefix = { most: 10, windowMs: 60 * 60_000 }
/** Of the last fifty codes of a prefix that are decided, this share must have been verified. */
export const breaker = { codes: 50, leastShare: 0.2, windowMs: 24 * 60 * 60_000, restMs: 60 * 60_000 }

export type Counted = {
  now: Date
  /** Sends to the number within its window, oldest first. */
  toNumber: readonly Date[]
  /** Sends to the prefix within its window, oldest first; none when they are not counted. */
  toPrefix: readonly Date[]
  /** Of the last codes of the prefix; null while the workspace verifies none at all, which says nothing about anybody. */
  conversion: { codes: number; verified: number } | null
  /** Sends of the local day, this one included, and when the day ends. */
  today: { sends: number; most: number | null; endsAt: Date }
}

export type Refusal = { code: string; sentence: string; retryAfterMs: number }

export function refusalOf(counted: Counted): Refusal | null {
  const { now, toNumber, toPrefix, conversion, today } = counted
  const until = (at: Date | undefined, ms: number) =>
    Math.max(1_000, (at?.getTime() ?? 0) + ms - now.getTime())
  const last = toNumber.at(-1)
  if (last !== undefined && now.getTime() - last.getTime() < betweenSendsMs)
    return refuse('A code was sent to this number just now.', until(last, betweenSendsMs))
  if (toNumber.length >= perNumber.most) {
    const sentence = `This number was sent ${perNumber.most} codes in ten minutes.`
    return refuse(sentence, until(toNumber.at(-perNumber.most), perNumber.windowMs))
  }
  if (toPrefix.length >= perPrefix.most) {
    const sentence = `Numbers that begin like this one were sent ${perPrefix.most} codes in an hour.`
    return refuse(sentence, until(toPrefix.at(-perPrefix.most), perPrefix.windowMs))
  }
  if (today.most !== null && today.sends > today.most) {
    const sentence = `The workspace sends ${today.most} codes a day (otp_per_day).`
    return refuse(sentence, until(today.endsAt, 0))
  }
  if (conversion && conversion.codes >= breaker.codes) {
    const share = conversion.verified / conversion.codes
    const sentence = 'Hardly any code sent to numbers that begin like this one was verified.'
    if (share < breaker.leastShare) return { ...refuse(sentence, breaker.restMs), code: 'otp_breaker' }
  }
  return null
}

function refuse(sentence: string, retryAfterMs: number): Refusal {
  return { code: 'too_many_requests', sentence, retryAfterMs }
}
