import type { ChildProcess } from 'node:child_process'
import { resolve as absolutePath } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { openHome, type Home } from './embedded-home.ts'
import {
  disarmPostmasterFile,
  isPostmaster,
  lastLogLines,
  readPostmaster,
  socketFolder,
  spawnPostgres,
} from './embedded-process.ts'
import { holdServerLock, type ServerLock } from './server-lock.ts'
import { codeOf, connect, isConnectionFailure } from './sql.ts'

export type EmbeddedPostgres = {
  url: string
  /** Resolves only when another server has taken this data folder: this one has to stop. */
  lost: Promise<void>
  /** Shuts PostgreSQL down in order; takes 25 s at most. */
  stop(): Promise<void>
}

export type EmbeddedPostgresOptions = {
  dataDir: string
  log: Log
  /** False for commands that may run beside a server: they use its PostgreSQL and leave it running. */
  exclusive?: boolean
  /** Changes to the settings of PostgreSQL. Only tests have reason to. */
  settings?: Readonly<Record<string, string>>
}

/** A crashed PostgreSQL's children may hold its shared memory for a moment: that is waited out. */
const startPatienceMs = 30_000
/** Replaying the log after a crash takes as long as it takes, but not for ever. */
const recoveryPatienceMs = 600_000

/**
 * Runs PostgreSQL in `DATA_DIR/postgres` and keeps it running: if it dies, it is started again at the same
 * `url`. One that outlived an earlier server is taken over. Throws AppError conflict `server_running` when
 * another live server uses the folder; its PostgreSQL is not touched then.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = absolutePath(options.dataDir)
  const home = await openHome(dataDir)
  const server = new Supervisor(home, options)
  await server.start()
  if (options.exclusive === false)
    return { url: server.url, lost: new Promise(() => {}), stop: () => server.leave() }

  let lock: ServerLock
  try {
    lock = await holdServerLock(server.url, { subject: `the data folder ${dataDir}` })
  } catch (error) {
    server.abandon()
    throw error
  }
  return {
    url: server.url,
    lost: lock.lost,
    stop: () => lock.release(() => server.stop()),
  }
}

/** Owns one running PostgreSQL, whether it is our child or was left to us. */
class Supervisor {
  readonly url: string
  readonly #home: Home
  readonly #log: Log
  readonly #settings: Readonly<Record<string, string>>
  #pid: number | null = null
  #started = false
  #stopping = false
  #watching: Promise<void> = Promise.resolve()

  constructor(home: Home, options: EmbeddedPostgresOptions) {
    this.#home = home
    this.#log = options.log
    this.#settings = options.settings ?? {}
    const address = `postgres://trunkline:${home.password}@localhost/trunkline`
    this.url = `${address}?host=${encodeURIComponent(socketFolder(home))}`
  }

  async start(): Promise<void> {
    await this.#bringUp()
    this.#watching = this.#watch()
  }

  /** Fast shutdown: sessions end, nothing is lost. Then harder, because a stuck database must not hold us. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#watching
    for (const [signal, patienceMs] of [
      ['SIGINT', 20_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 1_000],
    ] as const) {
      if (!this.#signal(signal)) return
      if (await this.#isGoneWithin(patienceMs)) return
      this.#log.warn({ signal }, 'PostgreSQL did not stop in time')
    }
  }

  /** Ends a command's use: what it started goes, unless a server has moved in meanwhile. */
  async leave(): Promise<void> {
    if (!this.#started) return this.abandon()
    try {
      const lock = await holdServerLock(this.url, { waitMs: 0 })
      await lock.release(() => this.stop())
    } catch (error) {
      if (codeOf(error) !== 'server_running') throw error
      this.abandon()
    }
  }

  /** Leaves PostgreSQL running for whoever holds the server lock. */
  abandon(): void {
    this.#stopping = true
  }

  async #watch(): Promise<void> {
    let pauseMs = 100
    while (!this.#stopping) {
      await delay(200, undefined, { ref: false })
      if (this.#stopping || (this.#pid !== null && isPostmaster(this.#pid, this.#home))) continue
      this.#log.error({ lastLines: lastLogLines(this.#home) }, 'PostgreSQL died and is started again')
      try {
        await this.#bringUp()
        pauseMs = 100
      } catch (error) {
        this.#log.error({ err: error, pauseMs }, 'PostgreSQL could not be started again')
        await delay(pauseMs, undefined, { ref: false })
        pauseMs = Math.min(pauseMs * 2, 5_000)
      }
    }
  }

  /** Returns once PostgreSQL answers: one that is there already, one that is coming up, or a new one. */
  async #bringUp(): Promise<void> {
    const began = performance.now()
    let child: ChildProcess | null = null
    while (!this.#stopping) {
      const found = readPostmaster(this.#home)
      if (found && (await this.#answers())) {
        this.#pid = found.pid
        this.#started ||= child?.pid === found.pid
        this.#log.info({ pid: found.pid, adopted: child?.pid !== found.pid }, 'PostgreSQL is ready')
        return
      }
      const waitedMs = performance.now() - began
      const isComingUp = isRunning(child) || (found !== null && isPostmaster(found.pid, this.#home))
      if (waitedMs > (isComingUp ? recoveryPatienceMs : startPatienceMs)) {
        throw new Error(
          `PostgreSQL in ${this.#home.folder} does not start. It said:\n${lastLogLines(this.#home)}`,
        )
      }
      if (isComingUp) {
        await delay(10)
        continue
      }
      if (child) await delay(Math.min(100 + waitedMs / 10, 1_000))
      if (found) disarmPostmasterFile(this.#home)
      child = spawnPostgres(this.#home, this.#settings)
      child.once('error', (error) => this.#log.error({ err: error }, 'PostgreSQL could not be run'))
    }
  }

  async #answers(): Promise<boolean> {
    try {
      await ask(this.url, 'select 1')
      return true
    } catch (error) {
      if (isConnectionFailure(error)) return false
      if (codeOf(error) === '3D000') {
        await ask(this.url.replace('/trunkline?', '/postgres?'), 'create database trunkline')
        return true
      }
      throw error
    }
  }

  /** False when there is nothing left to signal. */
  #signal(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): boolean {
    if (this.#pid === null || !isPostmaster(this.#pid, this.#home)) return false
    process.kill(this.#pid, signal)
    return true
  }

  async #isGoneWithin(patienceMs: number): Promise<boolean> {
    const deadline = performance.now() + patienceMs
    while (performance.now() < deadline) {
      if (this.#pid === null || !isPostmaster(this.#pid, this.#home)) return true
      await delay(10)
    }
    return false
  }
}

async function ask(url: string, statement: string): Promise<void> {
  const sql = connect(url, { max: 1, applicationName: 'trunkline start' })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function isRunning(child: ChildProcess | null): boolean {
  return child !== null && child.pid !== undefined && child.exitCode === null && child.signalCode === null
}
