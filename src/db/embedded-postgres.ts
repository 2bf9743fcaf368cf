import { resolve } from 'node:path'
import type { Log } from '../log.ts'
import { openHome } from './embedded-home.ts'
import { Supervisor } from './embedded-supervisor.ts'
import { holdServerLock, type ServerLock } from './server-lock.ts'
import { codeOf } from './sql.ts'

export type EmbeddedPostgres = {
  /** Stays the same while PostgreSQL is restarted. */
  url: string
  /** Resolves only when another server has taken this data folder: this one has to stop. */
  lost: Promise<void>
  /** Shuts PostgreSQL down in order. Close the pools first. */
  stop(): Promise<void>
}

export type EmbeddedPostgresOptions = {
  dataDir: string
  log: Log
  /** Changes to the settings of PostgreSQL. Only tests have reason to. */
  settings?: Readonly<Record<string, string>>
}

/**
 * Runs PostgreSQL in `DATA_DIR/postgres` for the one server of that folder, and keeps it running: when it dies it
 * is started again. One that outlived an earlier server is taken over. Throws AppError conflict `server_running`
 * when another live server uses the folder; its PostgreSQL is not touched then.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  const supervisor = await supervise(options)
  let lock: ServerLock
  try {
    lock = await holdServerLock(supervisor.url, { subject: `the data folder ${dataDir}` })
  } catch (error) {
    supervisor.abandon()
    throw error
  }
  return { url: supervisor.url, lost: lock.lost, stop: () => lock.release(() => supervisor.stop()) }
}

/**
 * The PostgreSQL of a data folder for a command that may run beside the server: the server's when one is there,
 * else one of its own, which `stop` shuts down again unless a server has moved in meanwhile.
 */
export async function borrowEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<Omit<EmbeddedPostgres, 'lost'>> {
  const supervisor = await supervise(options)
  const stop = async (): Promise<void> => {
    if (!supervisor.startedIt) return supervisor.abandon()
    try {
      const lock = await holdServerLock(supervisor.url, { waitMs: 0 })
      await lock.release(() => supervisor.stop())
    } catch (error) {
      if (codeOf(error) !== 'server_running') throw error
      supervisor.abandon()
    }
  }
  return { url: supervisor.url, stop }
}

async function supervise(options: EmbeddedPostgresOptions): Promise<Supervisor> {
  const home = await openHome({
    dataDir: resolve(options.dataDir),
    sync: options.settings?.['fsync'] !== 'off',
  })
  const supervisor = new Supervisor(home, options)
  await supervisor.start()
  return supervisor
}
