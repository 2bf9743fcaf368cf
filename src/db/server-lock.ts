import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { connect, isConnectionFailure, type Sql } from './sql.ts'

/** Two keys, so that no lock over a bigint can ever meet this one. */
const lockSpace = 730_832
const lockKey = 1

/** At the start, a database that stays away for this long is an error. */
const firstOutageMs = 30_000

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
    if (await take(sql, { waitMs, isEnded, outageMs: Number.POSITIVE_INFINITY })) return hold()
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
    const isTaken = await take(sql, { waitMs, isEnded, outageMs: firstOutageMs })
    if (!isTaken) throw refusal(options.subject ?? 'this database')
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

type Patience = {
  /** How long somebody else may be seen with the lock. */
  waitMs: number
  /** How long the database may be away. */
  outageMs: number
  isEnded: () => boolean
}

/** False when somebody else has the lock and keeps it. */
async function take(sql: Sql, patience: Patience): Promise<boolean> {
  const began = performance.now()
  let refusedSince: number | null = null
  while (!patience.isEnded()) {
    try {
      const [row] = await sql<{ taken: boolean }[]>`
        select pg_try_advisory_lock(${lockSpace}::integer, ${lockKey}::integer) as taken`
      if (row?.taken) return true
      refusedSince ??= performance.now()
      if (performance.now() - refusedSince >= patience.waitMs) return false
    } catch (error) {
      const isOutage = isConnectionFailure(error) && performance.now() - began < patience.outageMs
      // Once held, the lock is wanted back however the database answers meanwhile.
      if (!isOutage && patience.outageMs !== Number.POSITIVE_INFINITY) throw error
    }
    await delay(100)
  }
  return false
}

function refusal(subject: string): AppError {
  return new AppError(
    'conflict',
    'server_running',
    `Another Trunkline server is running on ${subject}. Stop that one first.`,
  )
}
