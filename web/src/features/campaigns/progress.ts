/**
 * How far a campaign is. Pure: the counts of its numbers by status become segments of a bar, and samples of those
 * counts over time become a rate and an estimate.
 */

/** What is settled, in the order in which a bar shows it. */
const settledStatuses = ['completed', 'hungup', 'unanswered', 'failed', 'terminated', 'skipped'] as const

const numberStatuses = [...settledStatuses, 'calling', 'queued', 'not_started', 'invalid'] as const

export type NumberStatus = (typeof numberStatuses)[number]

/** Counts by status; one that is missing counts nothing. */
export type NumberCounts = Partial<Record<NumberStatus, number>>

export interface Progress {
  /** Numbers that can be called at all. */
  total: number
  /** Those that need no further call in this run. */
  done: number
  calling: number
  /** Those that wait. */
  left: number
  /** Never called: no possible numbers. */
  invalid: number
  /**
   * For the bar. Those that wait are one segment, `waiting`: whether a run has already taken them up makes no
   * difference to anybody, and the routes and the stream count them differently.
   */
  segments: { status: NumberStatus | 'waiting'; count: number }[]
}

export function progressOf(counts: NumberCounts): Progress {
  const count = (status: NumberStatus) => counts[status] ?? 0
  const calling = count('calling')
  const left = count('queued') + count('not_started')
  const done = settledStatuses.reduce((sum, status) => sum + count(status), 0)
  const segments = [
    ...settledStatuses.map((status) => ({ status, count: count(status) })),
    { status: 'calling' as const, count: calling },
    { status: 'waiting' as const, count: left },
  ].filter((segment) => segment.count > 0)
  return { total: done + calling + left, done, calling, left, invalid: count('invalid'), segments }
}

/** Counts as any route writes them ("not started", "not_started"), under one spelling. */
export function toNumberCounts(given: Readonly<Record<string, unknown>> | null | undefined): NumberCounts {
  const counts: NumberCounts = {}
  for (const [word, count] of Object.entries(given ?? {})) {
    const status = toNumberStatus(word)
    if (status !== null && typeof count === 'number') counts[status] = count
  }
  return counts
}

function toNumberStatus(word: string): NumberStatus | null {
  const spelled = word.trim().toLowerCase().replace(/[ -]/g, '_')
  return numberStatuses.find((status) => status === spelled) ?? null
}

/** How many were done at a moment (milliseconds of any one clock). */
export interface Sample {
  at: number
  done: number
}

export interface Pace {
  perMinute: number
  /** Until everything is done, if it goes on like this; null when nothing moves. */
  secondsLeft: number | null
}

const windowMs = 60_000
const leastMs = 3_000
/** When nothing at all was done for this long, it is a standstill and not a slow start. */
const standstillMs = 20_000

/** Adds a sample and forgets those that are out of the window. A count that fell belongs to a new run: start over. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.done < last.done) return [sample]
  return [...samples.filter((old) => sample.at - old.at <= windowMs), sample]
}

/** The pace of the last minute; null while there is too little to judge by. */
export function paceOf(samples: readonly Sample[], remaining: number): Pace | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.at - first.at < leastMs) return null
  if (last.done === first.done && last.at - first.at < standstillMs) return null
  const perMinute = ((last.done - first.done) * 60_000) / (last.at - first.at)
  return { perMinute, secondsLeft: perMinute > 0 ? (remaining * 60) / perMinute : null }
}
