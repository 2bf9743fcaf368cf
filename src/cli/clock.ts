import { Command } from 'commander'
import { readConfig, type Config } from '../config.ts'
import { parseInstant } from '../config-values.ts'
import { createClock, type ProductClock } from '../db/product-clock.ts'
import { AppError } from '../errors.ts'
import { withDatabase } from './open-database.ts'

const unitsMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Moves product time, for rehearsals and tests. A live carrier runs on real time only. */
export function clockCommand(): Command {
  const command = new Command('clock').description('show or move product time (simulated carrier only)')
  command
    .command('show', { isDefault: true })
    .description('print product time')
    .action(() => withClock(readConfig(process.env), async () => {}))
  command
    .command('set')
    .argument('<instant>', 'an instant like 2026-11-20T08:00:00Z')
    .description('continue from this instant, in every running server')
    .action((text: string) =>
      moveClock(async (clock) => {
        const at = parseInstant(text)
        if (at === null)
          throw new AppError(
            'invalid',
            'invalid_instant',
            `"${text}" is no instant; write one like 2026-11-20T08:00:00Z.`,
          )
        await clock.set(at)
      }),
    )
  command
    .command('advance')
    .argument('<duration>', 'like 90s, 15m, 24h, 7d')
    .description('move ahead by this much, in every running server')
    .action((text: string) => moveClock((clock) => clock.advance(durationMs(text))))
  return command
}

function moveClock(move: (clock: ProductClock) => Promise<void>): Promise<void> {
  const config = readConfig(process.env)
  if (config.carrier.live) {
    throw new AppError(
      'conflict',
      'live_carrier',
      'The clock cannot be moved with a live carrier: CARRIER is twilio.',
    )
  }
  return withClock(config, move)
}

async function withClock(config: Config, work: (clock: ProductClock) => Promise<void>): Promise<void> {
  await withDatabase(config, async (sql) => {
    const clock = createClock(sql)
    await clock.start()
    await work(clock)
    process.stdout.write(`${clock.now().toISOString()}\n`)
    await clock.stop()
  })
}

function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text.trim())
  const unit = unitsMs[match?.[2] ?? '']
  if (!match || unit === undefined) {
    throw new AppError(
      'invalid',
      'invalid_duration',
      `"${text}" is no duration; write one like 90s, 15m, 24h or 7d.`,
    )
  }
  return Number(match[1]) * unit
}
