import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Sql } from './sql.ts'
import { isConnectionFailure } from './sql.ts'
import { dropOldEvents, makePartitions } from './upkeep.ts'

export type UpkeepLoop = { start(): Promise<void>; stop(): Promise<void> }

const everyMs = 10 * 60 * 1000

/** Runs the chores at start and every ten minutes. */
export function createUpkeepLoop(deps: {
  sql: Sql
  clock: Clock
  log: Log
  /** What other domains want done as often. */
  chores: readonly (() => Promise<unknown>)[]
}): UpkeepLoop {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()

  async function runOnce(): Promise<void> {
    try {
      await makePartitions(deps.sql, deps.clock.now())
      while ((await dropOldEvents(deps.sql, deps.clock.now())) > 0);
      for (const chore of deps.chores) await chore()
    } catch (error) {
      if (!isConnectionFailure(error)) deps.log.error({ err: error }, 'upkeep failed')
    }
  }
  return {
    async start() {
      await runOnce()
      timer = setInterval(() => void (running = runOnce()), everyMs)
      timer.unref()
    },
    async stop() {
      if (timer) clearInterval(timer)
      await running
    },
  }
}
