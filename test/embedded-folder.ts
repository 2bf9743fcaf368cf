import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach } from 'vitest'
import { giveTo } from '../src/db/embedded-binaries.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { connect } from '../src/db/sql.ts'
import { silentLog } from '../src/log.ts'

/** What a killed process has written is safe without flushing; only a power cut would lose it. */
export const killable = { fsync: 'off' }

/** PostgreSQL's user when the tests run as root. */
export const nobody = { uid: 65_534, gid: 65_534 }

export type ServerProcess = { process: ChildProcess; answer: Promise<{ url?: string; refused?: string }> }

const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }
const program = fileURLToPath(new URL('./embedded-server.ts', import.meta.url))
const checkout = fileURLToPath(new URL('..', import.meta.url))

/** An absent data folder for every test, with a space in its name, whose servers end with the test. */
export class DataFolder {
  base = ''
  path = ''
  #pristine = ''
  #cleanups: (() => Promise<unknown> | void)[] = []

  constructor() {
    beforeEach(() => {
      this.base = mkdtempSync(join(tmpdir(), 'embedded '))
      chmodSync(this.base, 0o711)
      this.path = join(this.base, 'data folder')
    })
    afterEach(async () => {
      for (const cleanUp of this.#cleanups.splice(0).reverse()) await cleanUp()
      const pid = this.postmasterPid()
      if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGKILL')
      await until(() => pid === null || !isAlive(pid))
      rmSync(this.base, removal)
    })
    afterAll(() => {
      if (this.#pristine) rmSync(this.#pristine, removal)
    })
  }

  /** Puts a data folder there that has been started once; copying is quicker than initdb. */
  async prepare(): Promise<void> {
    if (!this.#pristine) {
      this.#pristine = mkdtempSync(join(tmpdir(), 'pristine '))
      const postgres = await startEmbeddedPostgres({
        dataDir: this.#pristine,
        log: silentLog,
        settings: killable,
      })
      await postgres.stop()
    }
    cpSync(this.#pristine, this.path, { recursive: true })
    if (process.getuid?.() === 0) giveTo(join(this.path, 'postgres'), nobody)
  }

  /** Runs when the test ends; the last one added runs first. */
  cleanUp(work: () => Promise<unknown> | void): void {
    this.#cleanups.push(work)
  }

  postmasterPid(): number | null {
    const path = join(this.path, 'postgres', 'cluster', 'postmaster.pid')
    return existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[0]) : null
  }

  /** In this process. Stopping twice is harmless. */
  async start(settings: Record<string, string> = killable): Promise<EmbeddedPostgres> {
    const postgres = await startEmbeddedPostgres({ dataDir: this.path, log: silentLog, settings })
    this.cleanUp(() => postgres.stop())
    return postgres
  }

  /** In a process of its own, which can be killed. */
  startProcess(user: { uid: number; gid: number } | null = null): ServerProcess {
    const child = spawn(process.execPath, ['--import', 'tsx', program, this.path], {
      ...user,
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.cleanUp(() => kill({ process: child }))
    const answer = Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'close')])
    return { process: child, answer: answer.then(([first]) => JSON.parse(String(first))) }
  }
}

/** False for a checkout below /root, whose programs another user cannot run. */
export function isReachableByNobody(): boolean {
  const how = { ...nobody, cwd: '/', stdio: 'ignore' } as const
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', checkout], how).status === 0
}

/** kill -9, and gone when this returns. */
export async function kill(server: Pick<ServerProcess, 'process'>): Promise<void> {
  const child = server.process
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Polls a condition; fails when it has not come true in time. */
export async function until(isTrue: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`Not true within ${withinMs} ms: ${isTrue.toString()}`)
    await delay(5)
  }
}

export async function query(url: string, statement: string): Promise<unknown[]> {
  const sql = connect(url, { max: 1 })
  try {
    return [...(await sql.unsafe(statement))]
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
