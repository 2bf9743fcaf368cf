/**
 * The right to dial. A worker holds a session lock in the database for as long as it lives, on a connection that is
 * used for nothing else. Whoever obtains that lock knows that its holder is gone: the lock survives a stopped process
 * (SIGSTOP) and falls within milliseconds of a killed one, which no lease that runs out can do.
 *
 * A worker that lost its lock never gets it back. It dials nothing more and a new worker takes its place.
 */
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

const retryMs = 500

export function createWorker(deps: {
  databaseUrl: string
  name: string
  log: Log
  onChange?: () => void
}): Worker {
  let workerId: number | null = null
  let connection: Sql | null = null
  let stopping = false
  let retry: NodeJS.Timeout | null = null

  async function register(): Promise<void> {
    const sql: Sql = connect(deps.databaseUrl, {
      max: 1,
      applicationName: 'trunkline worker',
      onClose: () => lost(sql),
    })
    connection = sql
    try {
      const [row] = await sql<{ id: number }[]>`insert into workers (name) values (${deps.name}) returning id`
      if (row === undefined) throw new Error('no worker id')
      // The keepalives of this one connection tell a dead host from a quiet one within seconds.
      await sql`select set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '5', false)`
      const [lock] = await sql<
        { held: boolean }[]
      >`select pg_try_advisory_lock(${workerLockClass}, ${row.id}) as held`
      if (lock?.held !== true || connection !== sql || stopping) throw new Error('worker lock not obtained')
      workerId = row.id
      deps.log.info({ worker: row.id }, 'worker ready')
      deps.onChange?.()
    } catch (error) {
      if (connection === sql) connection = null
      await sql.end({ timeout: 1 }).catch(() => {})
      throw error
    }
  }

  function lost(sql: Sql): void {
    if (connection !== sql || workerId === null) return
    deps.log.warn({ worker: workerId }, 'worker lock lost')
    workerId = null
    connection = null
    void sql.end({ timeout: 1 }).catch(() => {})
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
    current: () => workerId,
    start: register,
    async stop() {
      stopping = true
      if (retry) clearTimeout(retry)
      workerId = null
      const sql = connection
      connection = null
      await sql?.end({ timeout: 2 })
    },
  }
}
