import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../log.ts'
import type { Home } from './embedded-home.ts'
import {
  disarmPostmasterFile,
  isPostmaster,
  lastLogLines,
  readPostmaster,
  socketFolder,
  spawnPostgres,
} from './embedded-process.ts'
import { codeOf, connect, isConnectionFailure } from './sql.ts'

/** A crashed PostgreSQL's children may hold its shared memory for a moment: that is waited out. */
const startPatienceMs = 20_000
/** Replaying the log after a crash takes as long as it takes, but not for ever. */
const recoveryPatienceMs = 600_000

const shutdownSteps = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 1_000],
] as const

/** Keeps one PostgreSQL running, whether it is our child or was left to us by a server that died. */
export class Supervisor {
  /** Stays the same over every restart. */
  readonly url: string
  readonly #home: Home
  readonly #log: Log
  readonly #settings: Readonly<Record<string, string>>
  readonly #ended = new AbortController()
  #pid = 0
  #startedIt = false
  #watching: Promise<void> = Promise.resolve()

  constructor(home: Home, options: { log: Log; settings?: Readonly<Record<string, string>> }) {
    this.#home = home
    this.#log = options.log
    this.#settings = options.settings ?? {}
    const address = `postgres://trunkline:${home.password}@localhost/trunkline`
    this.url = `${address}?host=${encodeURIComponent(socketFolder(home))}`
  }

  /** True when the PostgreSQL that `start` found was not there before. */
  get startedIt(): boolean {
    return this.#startedIt
  }

  async start(): Promise<void> {
    await this.#bringUp()
    this.#watching = this.#watch()
  }

  /** A fast shutdown ends the sessions and loses nothing; what does not obey is stopped harder, in 26 s at most. */
  async stop(): Promise<void> {
    this.abandon()
    await this.#watching
    for (const [signal, patienceMs] of shutdownSteps) {
      if (!this.#isVisible()) return
      process.kill(this.#pid, signal)
      if (await this.#isGoneWithin(patienceMs)) return
      this.#log.warn({ signal, postgresPid: this.#pid }, 'PostgreSQL did not stop in time')
    }
  }

  /** Leaves PostgreSQL running for whoever else uses it. */
  abandon(): void {
    this.#ended.abort()
  }

  async #watch(): Promise<void> {
    let failures = 0
    while (await this.#pause(failures === 0 ? 200 : Math.min(200 * 2 ** failures, 5_000))) {
      if (this.#isVisible() || (await this.#answers().catch(() => false))) continue
      this.#log.error({ lastLines: lastLogLines(this.#home) }, 'PostgreSQL died and is started again')
      try {
        await this.#bringUp()
        failures = 0
      } catch (error) {
        failures += 1
        this.#log.error({ err: error }, 'PostgreSQL could not be started again')
      }
    }
  }

  /** Returns once PostgreSQL answers: one that is there already, one that is coming up, or a new one. */
  async #bringUp(): Promise<void> {
    const began = performance.now()
    let nextReportMs = 10_000
    let child: ChildProcess | null = null
    while (!this.#ended.signal.aborted) {
      const found = readPostmaster(this.#home)
      if (found?.isReady && (await this.#answers())) {
        this.#pid = found.pid
        this.#startedIt ||= child?.pid === found.pid
        this.#log.info({ postgresPid: found.pid, adopted: child?.pid !== found.pid }, 'PostgreSQL is ready')
        return
      }
      const waitedMs = performance.now() - began
      const isComingUp = isRunning(child) || (found !== null && isPostmaster(found.pid, this.#home))
      if (waitedMs > (isComingUp ? recoveryPatienceMs : startPatienceMs)) throw this.#doesNotStart()
      if (waitedMs > nextReportMs) {
        this.#log.warn({ waitedMs: Math.round(waitedMs), isComingUp }, 'still waiting for PostgreSQL')
        nextReportMs += 10_000
      }
      if (isComingUp) {
        await delay(10)
        continue
      }
      if (child) await delay(Math.min(100 + waitedMs / 10, 1_000))
      if (found) disarmPostmasterFile(this.#home, found)
      child = spawnPostgres(this.#home, this.#settings)
      child.once('error', (error) => this.#log.error({ err: error }, 'PostgreSQL could not be run'))
    }
  }

  #doesNotStart(): Error {
    const { folder } = this.#home
    return new Error(
      `PostgreSQL in ${folder} does not start. Its log, postgres.log, ends:\n${lastLogLines(this.#home)}`,
    )
  }

  async #answers(): Promise<boolean> {
    try {
      await ask(this.url, 'select 1')
      return true
    } catch (error) {
      const code = codeOf(error)
      // Too many connections: whoever says that is up.
      if (code === '53300') return true
      if (isConnectionFailure(error)) return false
      if (code !== '3D000') throw error
      await this.#createDatabase()
      return false
    }
  }

  /** The first start makes the database, or the second when the first was killed before it came to that. */
  async #createDatabase(): Promise<void> {
    try {
      await ask(this.url.replace('/trunkline?', '/postgres?'), 'create database trunkline')
    } catch (error) {
      // Two first starts at once.
      if (!['42P04', '23505'].includes(codeOf(error))) throw error
    }
  }

  /** False also for one that runs where its process cannot be seen, as in another container. */
  #isVisible(): boolean {
    return isPostmaster(this.#pid, this.#home)
  }

  async #isGoneWithin(patienceMs: number): Promise<boolean> {
    const deadline = performance.now() + patienceMs
    while (this.#isVisible()) {
      if (performance.now() > deadline) return false
      await delay(10)
    }
    return true
  }

  /** False when there is no more to watch. The timer alone does not keep the process alive. */
  async #pause(pauseMs: number): Promise<boolean> {
    const { signal } = this.#ended
    await delay(pauseMs, undefined, { ref: false, signal }).catch(() => {})
    return !signal.aborted
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
