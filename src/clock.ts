/**
 * Product time is what every rule works with: database time plus the installation's offset. Both are compared
 * with the process's monotonic time once, so that asking for the time costs nothing and a jump of the machine's
 * wall clock changes nothing between two measurements. Pure: see db/product-clock.ts for the one that measures.
 */
export type Clock = {
  /** Product time. Inside a domain it is a parameter, never asked for. */
  now(): Date
  /** Database time without the offset: for what the outside world measures too, such as carriers and tokens. */
  wall(): Date
}

/** A clock that can be moved. Callers refuse on a live carrier before they touch it. */
export type MovableClock = Clock & {
  /** Makes `now()` continue from `at`, in every process. */
  set(at: Date): Promise<void>
  /** Moves `now()` by `ms` milliseconds, in every process. */
  advance(ms: number): Promise<void>
}

/** What one measurement says. Milliseconds. */
export type ClockReading = {
  /** Database time minus monotonic time. */
  differenceMs: number
  /** Half the round trip: the difference is wrong by this much at most. */
  uncertaintyMs: number
  /** The monotonic time at which it was taken. */
  takenAtMs: number
}

/** Crystals of two machines drift apart by far less than this: milliseconds per millisecond. */
const driftPerMs = 0.0002

/** Reads a measurement: the database said `databaseMs` at some moment between the two monotonic times. */
export function readingOf(sample: { sentMs: number; receivedMs: number; databaseMs: number }): ClockReading {
  const middleMs = (sample.sentMs + sample.receivedMs) / 2
  return {
    differenceMs: sample.databaseMs - middleMs,
    uncertaintyMs: (sample.receivedMs - sample.sentMs) / 2,
    takenAtMs: sample.receivedMs,
  }
}

/**
 * Which of two measurements to go on with. A measurement taken through a busy moment is vague; the older one is
 * kept when it is still the sharper one and they do not contradict each other. A contradiction means that the
 * database's clock was set, and the new one wins.
 */
export function betterReading(known: ClockReading | null, fresh: ClockReading): ClockReading {
  if (known === null) return fresh
  const aged = known.uncertaintyMs + (fresh.takenAtMs - known.takenAtMs) * driftPerMs
  const apart = Math.abs(known.differenceMs - fresh.differenceMs)
  if (apart > aged + fresh.uncertaintyMs) return fresh
  return aged < fresh.uncertaintyMs ? known : fresh
}

/** What somebody said the offset is, and the monotonic time at which they were asked or said it unasked. */
export type OffsetReading = { offsetMs: number; sinceMs: number }

/** An answer that was under way while the clock was moved does not undo the move. */
export function laterOffset(known: OffsetReading, fresh: OffsetReading): OffsetReading {
  return fresh.sinceMs < known.sinceMs ? known : fresh
}

/** The instant at the monotonic time `monotonicMs`. */
export function instantAt(reading: ClockReading, offsetMs: number, monotonicMs: number): Date {
  return new Date(Math.round(monotonicMs + reading.differenceMs + offsetMs))
}
