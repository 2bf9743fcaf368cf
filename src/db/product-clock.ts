import { performance } from 'node:perf_hooks'
import {
  betterReading,
  instantAt,
  laterOffset,
  readingOf,
  type ClockReading,
  type MovableClock,
  type OffsetReading,
} from '../clock.ts'
import { transaction, type Queryable, type Sql } from './sql.ts'

const channel = 'trunkline_clock'
const measureEveryMs = 1_000

export type ProductClock = MovableClock & {
  /** Measures once and then every second; `now()` and `wall()` throw before. */
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * The clock of an installation: measured against the database every second, and at once when another process
 * moved it. While the database is away it goes on from the last measurement.
 */
export function createClock(sql: Sql): ProductClock {
  let reading: ClockReading | null = null
  let known: OffsetReading = { offsetMs: 0, sinceMs: -Infinity }
  let timer: NodeJS.Timeout | null = null
  let measuring: Promise<void> | null = null
  let unlisten: (() => Promise<void>) | null = null

  const measureOnce = async (): Promise<void> => {
    const sentMs = performance.now()
    const row = await readClock(sql)
    reading = betterReading(
      reading,
      readingOf({ sentMs, receivedMs: performance.now(), databaseMs: row.databaseMs }),
    )
    known = laterOffset(known, { offsetMs: row.offsetMs, sinceMs: sentMs })
  }
  const measure = (): Promise<void> => {
    measuring ??= measureOnce().finally(() => (measuring = null))
    return measuring
  }
  // The next measurement is a second away, so a failed one is not worth telling.
  const measureQuietly = (): void => void measure().catch(() => {})
  const at = (offset: number): Date => {
    if (reading === null) throw new Error('The clock was asked before it was started')
    return instantAt(reading, offset, performance.now())
  }

  return {
    now: () => at(known.offsetMs),
    wall: () => at(0),
    async set(target) {
      await moveClock(sql, (databaseMs) => target.getTime() - databaseMs)
      await measureOnce()
    },
    async advance(ms) {
      await moveClock(sql, (_databaseMs, offset) => offset + ms)
      await measureOnce()
    },
    async start() {
      await measure()
      const listening = await sql.listen(channel, (payload) => {
        // The offset travels with the notice: a measurement already under way may have read the old one.
        known = { offsetMs: Number(payload), sinceMs: performance.now() }
        measureQuietly()
      })
      unlisten = listening.unlisten
      timer = setInterval(measureQuietly, measureEveryMs)
      timer.unref()
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
      timer = null
      await unlisten?.().catch(() => {})
      unlisten = null
      await measuring?.catch(() => {})
    },
  }
}

type ClockRow = { databaseMs: number; offsetMs: number }

async function readClock(sql: Queryable): Promise<ClockRow> {
  const [row] = await sql<ClockRow[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as "databaseMs", offset_ms as "offsetMs"
      from product_clock`
  if (!row) throw new Error('product_clock has no row')
  return row
}

async function moveClock(
  sql: Sql,
  toOffset: (databaseMs: number, offsetMs: number) => number,
): Promise<void> {
  await transaction(sql, async (tx) => {
    await tx`select from product_clock for update`
    const row = await readClock(tx)
    const offsetMs = Math.round(toOffset(row.databaseMs, row.offsetMs))
    await tx`update product_clock set offset_ms = ${offsetMs}`
    await tx`select pg_notify(${channel}, ${String(offsetMs)})`
  })
}
