/**
 * The right to dial. A worker holds a session lock in the database for as long as it lives, on a connection that is
 * used for nothing else. Whoever obtains that lock knows that its holder is gone: the lock survives a stopped process
 * (SIGSTOP) and falls within milliseconds of a killed one, which no lease that runs out can do.
 *
 * The worker asks over that connection every second whether it is still the holder, and is in force only while the
 * last answer is recent. The database gives a silent holder up much later, so a worker that is cut off has stopped
 * dialing before anybody can take its place. One that lost its lock never gets it back: a new worker takes its place.
 */
import { failpoint } from '../failpoint.ts'
import type { Log } from '../log.ts'
import { connect, type Sql } from '../db/sql.ts'

/** First key of the advisory locks of workers; the second is the worker's id. */
export const workerLockClass = 0x7472_6b6c

export type Worker = {
  /** The worker in force, or null while there is none (the database is away, or stopping). */
  current(): number | null
  start(): Promise<void>
  stop(): Promise<void>
}

export type WorkerTimes = {
  /** Between two questions whether the lock is still held. */
  askEveryMs: number
  /** A worker is in force for this long after it asked; an answer that takes longer means that it is cut off. */
  inForceMs: number
}

const retryMs = 500
const usualTimes: WorkerTimes = { askEveryMs: 1_000, inForceMs: 5_000 }
/** The database notices a dead host after 5 s and this many unanswered probes of 5 s: later than the worker itself. */
const unansweredProbes = '3'

type Held = { sql: Sql; id: number; backend: number; confirmedMs: number }

export function createWorker(deps: {
  databaseUrl: string
  name: string
  log: Log
  onChange?: () => void
  times?: WorkerTimes
}): Worker {
  const times = deps.times ?? usualTimes
  let held: Held | null = null
  let stopping = false
  let retry: NodeJS.Timeout | null = null

  async function register(): Promise<void> {
    let mine: Held | null = null
    let closed = false
    const sql: Sql = connect(deps.databaseUrl, {
      max: 1,
      applicationName: 'trunkline worker',
      onClose: () => {
        closed = true
        if (mine) lost(mine)
      },
    })
    try {
      const askedMs = performance.now()
      const { id, backend } = await obtain(sql, deps.name)
      if (closed || stopping) throw new Error('worker lock not obtained')
      mine = { sql, id, backend, confirmedMs: askedMs }
      held = mine
      deps.log.info({ worker: id }, 'worker ready')
      void keepAsking(mine)
      deps.onChange?.()
    } catch (error) {
      await sql.end({ timeout: 1 }).catch(() => {})
      throw error
    }
  }

  async function keepAsking(mine: Held): Promise<void> {
    for (;;) {
      await new Promise((next) => setTimeout(next, times.askEveryMs).unref())
      if (held !== mine) return
      const askedMs = performance.now()
      if (!(await within(times.inForceMs, holds(mine)))) return lost(mine)
      mine.confirmedMs = askedMs
    }
  }

  function lost(mine: Held): void {
    if (held !== mine) return
    deps.log.warn({ worker: mine.id }, 'worker lock lost')
    held = null
    void mine.sql.end({ timeout: 1 }).catch(() => {})
    if (!stopping) retryLater()
  }

  function retryLater(): void {
    retry = setTimeout(() => {
      register().catch(() => {
        if (!stopping) retryLater()
      })
    }, retryMs)
  }

  return {
    current: () => (held && performance.now() - held.confirmedMs < times.inForceMs ? held.id : null),
    start: register,
    async stop() {
      stopping = true
      if (retry) clearTimeout(retry)
      const mine = held
      held = null
      await mine?.sql.end({ timeout: 2 })
    },
  }
}

/**
 * Writes the worker's row and takes its lock. The row becomes visible after the lock is held: whoever sees a worker
 * whose lock is free sees one that is gone.
 */
async function obtain(sql: Sql, name: string): Promise<{ id: number; backend: number }> {
  // The keepalives of this one connection tell a dead host from a quiet one within seconds.
  await sql`
    select set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', ${unansweredProbes}, false)`
  return sql.begin(async (tx) => {
    const [row] = await tx<{ id: number }[]>`insert into workers (name) values (${name}) returning id`
    if (row === undefined) throw new Error('no worker id')
    const [lock] = await tx<{ held: boolean; backend: number }[]>`
      select pg_try_advisory_lock(${workerLockClass}, ${row.id}) as held, pg_backend_pid() as backend`
    if (lock?.held !== true) throw new Error('worker lock not obtained')
    failpoint('worker.locked')
    return { id: row.id, backend: lock.backend }
  })
}

/** The same session still answers, and nobody took the worker for gone. */
async function holds({ sql, id, backend }: Held): Promise<boolean> {
  const [row] = await sql<{ backend: number; settled: boolean }[]>`
    select pg_backend_pid() as backend, settled_at is not null as settled from workers where id = ${id}`
  return row !== undefined && row.backend === backend && !row.settled
}

/** False when the answer is no, an error, or not there in time. */
async function within(ms: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((decide) => {
    // A process that was stopped finds the answer waiting: it is read before the turn after the timer's.
    timer = setTimeout(() => setImmediate(() => setImmediate(decide, false)), ms)
  })
  try {
    return await Promise.race([answer.catch(() => false), late])
  } finally {
    clearTimeout(timer)
  }
}
