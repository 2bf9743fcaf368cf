import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Sql } from './sql.ts'
import { isConnectionFailure } from './sql.ts'
import { dropOldEvents, makePartitions } from './upkeep.ts'

export type UpkeepLoop = { start(): Promise<void>; stop(): Promise<void> }

const everyMs = 10 * 60 * 1000

/** Runs the chores at start and every ten minutes. Only the rooms for new events are waited for: the rest may take long. */
export function createUpkeepLoop(deps: {
  sql: Sql
  clock: Clock
  log: Log
  /** What other domains want done as often. */
  chores: readonly (() => Promise<unknown>)[]
}): UpkeepLoop {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let stopped = false

  async function tried(upkeep: () => Promise<void>): Promise<void> {
    try {
      await upkeep()
    } catch (error) {
      if (!isConnectionFailure(error)) deps.log.error({ err: error }, 'upkeep failed')
    }
  }
  const makeRoom = () => tried(() => makePartitions(deps.sql, deps.clock.now()))
  const doChores = () =>
    tried(async () => {
      while (!stopped && (await dropOldEvents(deps.sql, deps.clock.now())) > 0);
      for (const chore of deps.chores) if (!stopped) await chore()
    })
  return {
    async start() {
      await makeRoom()
      running = doChores()
      timer = setInterval(() => void (running = makeRoom().then(doChores)), everyMs)
      timer.unref()
    },
    async stop() {
      stopped = true
      if (timer) clearInterval(timer)
      await running
    },
  }
}
