/** What a soak's samples say: which figures grow that should not. */
import { rounded } from './curves.ts'
import { grows, median, trendOf, type Allowance, type Point } from './flatness.ts'
import type { Figures, TableSize } from './probe.ts'

export type Sample = { atSeconds: number; figures: Figures; tables: readonly TableSize[] }

/** Tables that keep what happened, and so have more rows with every call, text, lead or run. */
const histories =
  /^(calls|call_events_.*|texts|text_events_.*|events|campaigns|campaign_numbers|runs|leads|lead_changes|dialer_intake|uploads|upload_chunks|jobs|sessions|credit_entries)$/

const kib = 1024
const mib = 1024 * kib
const judged: Readonly<Record<string, Allowance>> = {
  'server RSS MiB': { perHour: 0.05, noise: 6 },
  'heap MiB': { perHour: 0.05, noise: 6 },
  'PostgreSQL memory MiB': { perHour: 0.05, noise: 8 },
  connections: { perHour: 0, noise: 1 },
  'open files': { perHour: 0.02, noise: 3 },
  'event loop p99 ms': { perHour: 0.2, noise: 10 },
  'report backlog': { perHour: 0.2, noise: 20 },
}
const bytesPerRow: Allowance = { perHour: 0.05, noise: 16 }
const bytesOfHot: Allowance = { perHour: 0.05, noise: 512 * kib }
/** Of the rows of a large table, those that wait to be cleaned away. */
const mostDead = 0.25
const largeBytes = 8 * mib

export type Told = { name: string; level: number; perHour: number; judged: 'flat' | 'grows' | 'shown' }

export function tellAll(samples: readonly Sample[]): Told[] {
  const figures = Object.keys(samples[0]?.figures ?? {}).filter((name) => !name.endsWith('CPU s'))
  const tables = samples.at(-1)?.tables.map(({ name }) => name) ?? []
  return [
    ...figures.map((name) => tell(name, figurePoints(samples, name), judged[name])),
    ...tables.flatMap((name) => tellTable(samples, name)),
  ]
}

export function figurePoints(samples: readonly Sample[], name: string): Point[] {
  return samples.map(({ atSeconds, figures }) => ({ atSeconds, value: figures[name] ?? 0 }))
}

export function tablePoints(
  samples: readonly Sample[],
  name: string,
  value: (table: TableSize) => number,
): Point[] {
  return samples.flatMap(({ atSeconds, tables }) => {
    const table = tables.find((one) => one.name === name)
    return table === undefined ? [] : [{ atSeconds, value: value(table) }]
  })
}

function tellTable(samples: readonly Sample[], name: string): Told[] {
  const last = samples.at(-1)?.tables.find((table) => table.name === name)
  if (last === undefined || (last.rows === 0 && last.dead === 0)) return []
  const isHistory = histories.test(name)
  const size = isHistory
    ? tell(
        `${name}: bytes per row`,
        tablePoints(samples, name, ({ bytes, rows }) => bytes / Math.max(rows, 1)),
        // A table of a few pages takes a whole one at a time.
        last.bytes < largeBytes ? undefined : bytesPerRow,
      )
    : tell(
        `${name}: KiB`,
        tablePoints(samples, name, ({ bytes }) => bytes / kib),
        { ...bytesOfHot, noise: bytesOfHot.noise / kib },
      )
  if (last.bytes < largeBytes) return [size]
  const shares = tablePoints(samples, name, ({ dead, live }) => dead / Math.max(live + dead, 1))
  const level = median(shares.map(({ value }) => value))
  return [
    size,
    {
      name: `${name}: dead rows`,
      level,
      perHour: trendOf(shares).perHour,
      judged: level > mostDead ? 'grows' : 'flat',
    },
  ]
}

function tell(name: string, points: readonly Point[], allowance: Allowance | undefined): Told {
  const trend = trendOf(points)
  const verdict = allowance === undefined ? 'shown' : grows(trend, allowance) ? 'grows' : 'flat'
  return { name, level: trend.level, perHour: trend.perHour, judged: verdict }
}

export function toldAsMarkdown(told: readonly Told[]): string {
  const rows = told.map(
    ({ name, level, perHour, judged: verdict }) =>
      `| ${name} | ${rounded(level)} | ${perHour > 0 ? '+' : ''}${rounded(perHour)} | ${verdict} |`,
  )
  return `| figure | level | an hour | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}
