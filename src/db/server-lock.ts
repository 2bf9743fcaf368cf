import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { connect, isConnectionFailure, type Sql } from './sql.ts'

/** Two keys, so that no lock over a bigint can ever meet this one. */
const lockSpace = 730_832
const lockKey = 1

export type ServerLock = {
  /** Settles, and then resolves, only when another server holds the lock: this one has to stop. */
  lost: Promise<void>
  /** Gives the lock up when `lastWork` is done; a connection that breaks meanwhile is expected. */
  release(lastWork?: () => Promise<void>): Promise<void>
}

export type ServerLockOptions = {
  /** How long to wait for a holder that is about to die. */
  waitMs?: number
  /** What is taken, for the refusal: `the data folder /srv/trunkline`. */
  subject?: string
}

/**
 * Takes the advisory lock that marks the one live server of a database, and keeps it: when the connection breaks
 * (the database restarted) it is taken again. A session lock frees the moment its process dies, and is still
 * held by one that is only paused; a pid file gets both wrong.
 *
 * Throws AppError conflict `server_running` when another server holds it for longer than `waitMs` (5 s).
 */
export async function holdServerLock(url: string, options: ServerLockOptions = {}): Promise<ServerLock> {
  const waitMs = options.waitMs ?? 5_000
  const lock: { state: 'taking' | 'held' | 'ended' } = { state: 'taking' }
  let reportLost: (() => void) | undefined
  const lost = new Promise<void>((resolve) => {
    reportLost = resolve
  })
  const isEnded = (): boolean => lock.state === 'ended'
  const sql = connect(url, {
    max: 1,
    applicationName: 'trunkline server lock',
    onClose: () => void takeAgain(),
  })

  async function takeAgain(): Promise<void> {
    if (lock.state !== 'held') return
    lock.state = 'taking'
    if (await take(sql, waitMs, isEnded)) return hold()
    if (!isEnded()) reportLost?.()
    await end()
  }

  function hold(): void {
    if (lock.state === 'taking') lock.state = 'held'
  }

  async function end(): Promise<void> {
    lock.state = 'ended'
    await sql.end({ timeout: 0 })
  }

  try {
    if (!(await take(sql, waitMs, isEnded))) throw refusal(options.subject ?? 'this database')
  } catch (error) {
    await end()
    throw error
  }
  hold()
  const release = async (lastWork?: () => Promise<void>): Promise<void> => {
    lock.state = 'ended'
    await lastWork?.()
    await end()
  }
  return { lost, release }
}

function refusal(subject: string): AppError {
  return new AppError(
    'conflict',
    'server_running',
    `Another Trunkline server is running on ${subject}. Stop that one first.`,
  )
}

/** Tries until the lock is ours, or until somebody else has been seen with it for `waitMs`. */
async function take(sql: Sql, waitMs: number, isEnded: () => boolean): Promise<boolean> {
  let refusedSince: number | null = null
  while (!isEnded()) {
    try {
      const [row] = await sql<{ taken: boolean }[]>`
        select pg_try_advisory_lock(${lockSpace}::integer, ${lockKey}::integer) as taken`
      if (row?.taken) return true
      refusedSince ??= performance.now()
      if (performance.now() - refusedSince >= waitMs) return false
    } catch (error) {
      if (!isConnectionFailure(error)) throw error
    }
    await delay(100)
  }
  return false
}
