/** What all rows of one run of the suite stand on: a PostgreSQL, a folder, the server's program, the seed. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts'
import { migrate } from '../../src/db/migrate.ts'
import { connect } from '../../src/db/sql.ts'
import { silentLog } from '../../src/log.ts'
import { withDatabase } from '../database-url.ts'

export type Ground = {
  seed: number
  /** The whole sizes; else those that fit into every change's check. */
  full: boolean
  /** A part of the whole sizes, 0 to 1: for a machine that is busy with other things. */
  scale: number
  /** The built server. */
  program: string
  /** The built simulated carrier. */
  carrier: string
  /** A database with the whole schema. Returns its address. */
  newDatabase(): Promise<string>
  /** One with nothing in it. */
  emptyDatabase(): Promise<string>
  newFolder(): string
  close(): Promise<void>
}

/** The same ground with another server on it. */
export function withProgram(ground: Ground, program: string): Ground {
  return { ...ground, program }
}

export async function openGround(
  options: Pick<Ground, 'seed' | 'full' | 'scale' | 'program' | 'carrier'>,
): Promise<Ground> {
  const base = mkdtempSync(join(tmpdir(), 'trunkline-faults-'))
  const endPostgres = (): void => endAtOnce(join(base, 'shared'))
  process.once('exit', endPostgres)
  // PostgreSQL refuses to run as root and is another user then.
  chmodSync(base, 0o711)
  const postgres = await startEmbeddedPostgres({
    dataDir: join(base, 'shared'),
    log: silentLog,
    // What a killed process has written is safe without flushing; only a power cut would lose it.
    settings: { max_connections: '300', ...(options.full ? {} : { fsync: 'off' }) },
  })
  const sql = connect(postgres.url, { max: 1 })
  let count = 0
  const create = async (template: string): Promise<string> => {
    const name = `faults_${(count += 1)}`
    await sql`create database ${sql(name)} template ${sql(template)}`
    return withDatabase(postgres.url, name)
  }
  await makeTemplate(await create('template1'))
  return {
    ...options,
    newDatabase: () => create('faults_1'),
    emptyDatabase: () => create('template1'),
    newFolder() {
      const folder = mkdtempSync(join(base, 'rig-'))
      chmodSync(folder, 0o711)
      return folder
    },
    async close() {
      await sql.end({ timeout: 1 })
      await postgres.stop()
      process.off('exit', endPostgres)
      rmSync(base, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** To make the schema takes as long as to use it: it is made once, and copied for each row. */
async function makeTemplate(url: string): Promise<void> {
  const sql = connect(url, { max: 1 })
  await migrate(sql)
  await sql.end({ timeout: 1 })
}

/** For a run that is broken off: its PostgreSQL would outlive it. */
function endAtOnce(dataDir: string): void {
  try {
    process.kill(Number(readFileSync(postmasterFile(dataDir), 'utf8').split('\n')[0]), 'SIGQUIT')
  } catch {
    // It had not started yet.
  }
}

/** Where the PostgreSQL of a data folder says who it is. */
export function postmasterFile(dataDir: string): string {
  return join(dataDir, 'postgres', 'cluster', 'postmaster.pid')
}

/**
 * How soon something must happen. Where every change is checked, the rows share two processors with each other, and a
 * promise of time says little: it is judged by hand on a machine that has nothing else to do, and fivefold there.
 */
export function within(ground: Ground, ms: number): number {
  return ground.full ? ms : 5 * ms
}

/** A number of the whole size, or the one that fits into every change's check. */
export function size(ground: Ground, quick: number, full: number): number {
  return ground.full ? Math.max(quick, Math.round(full * ground.scale)) : quick
}
