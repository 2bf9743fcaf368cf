/** When a delivery is tried again, and what an answer makes of it. Pure. */

/** Seconds until the second try, the third, …; the last one is used again until the time is over. */
const waits = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200] as const
/** What came of one attempt: an answer, or why there was none. */
export type Attempt = { status: number | null; answer: string | null; problem: string | null; ms: number }

export type Outcome =
  { state: 'delivered' } | { state: 'failed'; gone: boolean } | { state: 'waiting'; dueAt: Date }

/** `attempts` counts this one. Tried no more after `giveUpAt`, or when the endpoint says that it is gone for good. */
export function outcomeOf(
  attempt: Attempt,
  { attempts, giveUpAt }: { attempts: number; giveUpAt: Date },
  now: Date,
): Outcome {
  if (attempt.problem === null) return { state: 'delivered' }
  if (attempt.status === 410) return { state: 'failed', gone: true }
  const seconds = waits[Math.min(attempts, waits.length) - 1] ?? waits[0]
  const end = giveUpAt.getTime()
  if (now.getTime() >= end) return { state: 'failed', gone: false }
  return { state: 'waiting', dueAt: new Date(Math.min(now.getTime() + seconds * 1_000, end)) }
}
