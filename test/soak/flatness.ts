/** Whether a figure that was looked at again and again stays where it is. Pure. */

export type Point = { atSeconds: number; value: number }

export type Trend = {
  /** The median of the values that count. */
  level: number
  /** How much it changes in an hour, in its own unit. */
  perHour: number
  /** How much it changed from the first value that counts to the last, by the line through them. */
  change: number
}

/** What may change: a part of the level in an hour, and in any case as much as is noise. */
export type Allowance = { perHour: number; noise: number }

const hourSeconds = 3_600

/** The line through the last two thirds, by the median of all slopes: single peaks do not turn it. */
export function trendOf(points: readonly Point[]): Trend {
  const from = (points.at(-1)?.atSeconds ?? 0) / 3
  const kept = points.filter(({ atSeconds }) => atSeconds >= from)
  const first = kept[0]
  const last = kept.at(-1)
  if (first === undefined || last === undefined) return { level: 0, perHour: 0, change: 0 }
  const slopes = kept.flatMap((a, index) =>
    kept.slice(index + 1).map((b) => (b.value - a.value) / (b.atSeconds - a.atSeconds)),
  )
  const slope = median(slopes)
  return {
    level: median(kept.map(({ value }) => value)),
    perHour: slope * hourSeconds,
    change: slope * (last.atSeconds - first.atSeconds),
  }
}

/** Growth only: what becomes less is no trouble. */
export function grows(trend: Trend, { perHour, noise }: Allowance): boolean {
  return trend.perHour > trend.level * perHour && trend.change > noise
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
