import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresEnvironment } from './embedded-binaries.ts'
import { isAlive, isPrivateFolder, type Home } from './embedded-home.ts'

/** The main process of PostgreSQL, as it names itself in `postmaster.pid`. */
export type Postmaster = { pid: number; isReady: boolean }

/**
 * A modest machine, one writer that must never lose a commit, and queue tables whose rows die fast: they are
 * vacuumed after 2 % instead of 20 % so that a claim does not wade through dead rows.
 */
const settings: Record<string, string> = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  // Three servers of at most 25 each (their pools, listeners, locks), commands beside them, and a person.
  max_connections: '100',
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  min_wal_size: '160MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  autovacuum_naptime: '10s',
  autovacuum_vacuum_scale_factor: '0.02',
  autovacuum_vacuum_insert_scale_factor: '0.1',
  autovacuum_analyze_scale_factor: '0.02',
  autovacuum_vacuum_cost_limit: '1000',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
}

/** After a crash every file is flushed before the log is replayed: one call for all, where there is one. */
if (process.platform === 'linux') settings['recovery_init_sync_method'] = 'syncfs'

const keptLogBytes = 10 * 1024 * 1024

/** The last part of a socket's path; PostgreSQL names it after the port. */
const socketName = '.s.PGSQL.5432'

/** Starts PostgreSQL in a process group of its own: Ctrl-C reaches us, and we shut it down in order. */
export function spawnPostgres(home: Home, extraSettings: Readonly<Record<string, string>>): ChildProcess {
  const logFile = join(home.folder, 'postgres.log')
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > keptLogBytes)
    renameSync(logFile, `${logFile}.old`)
  const log = openSync(logFile, 'a', 0o600)
  if (home.owner) chownSync(logFile, home.owner.uid, home.owner.gid)
  const all = { ...settings, ...extraSettings, unix_socket_directories: `"${socketFolder(home)}"` }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  try {
    const child = spawn(join(home.binaries, 'bin', 'postgres'), ['-D', home.cluster, ...flags], {
      ...home.owner,
      cwd: home.folder,
      env: postgresEnvironment,
      stdio: ['ignore', log, log],
      detached: true,
    })
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/**
 * A socket's path may not exceed 107 bytes (103 on macOS), and PostgreSQL takes a list of folders: a data folder
 * that is too deep or has a comma or quote in its name keeps its socket in the folder for temporary files.
 */
export function socketFolder(home: Home): string {
  const uid = home.owner?.uid ?? process.getuid?.() ?? 0
  const inside = join(home.folder, 'socket')
  const fits = Buffer.byteLength(join(inside, socketName)) <= 103 && !/[",]/.test(inside)
  const outside = join(
    tmpdir(),
    `trunkline-${createHash('sha256').update(home.folder).digest('hex').slice(0, 16)}`,
  )
  const folder = fits ? inside : outside
  if (!lstatSync(folder, { throwIfNoEntry: false })) {
    mkdirSync(folder, { mode: 0o700 })
    if (home.owner) chownSync(folder, home.owner.uid, home.owner.gid)
  }
  if (!isPrivateFolder(folder, uid))
    throw new Error(`${folder} has to be a folder that only user ${uid} can open`)
  return folder
}

/** Null when PostgreSQL is not running, or has not written its own line yet. */
export function readPostmaster(home: Home): Postmaster | null {
  try {
    const lines = readFileSync(join(home.cluster, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number(lines[0])
    return Number.isInteger(pid) && pid > 0 ? { pid, isReady: lines[7]?.trim() === 'ready' } : null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * True when `pid` is a live PostgreSQL on this cluster. A bare "is alive" is not enough: after a restart of a
 * container or the machine the number belongs to somebody else, and a process that died but was not reaped
 * still counts as alive.
 */
export function isPostmaster(pid: number, home: Home): boolean {
  if (!isAlive(pid)) return false
  try {
    if (process.platform === 'linux') return isInFolder(pid, home.cluster)
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return command.includes(home.cluster)
  } catch {
    return false
  }
}

function isInFolder(pid: number, cluster: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) return false
    // In a container, root may not look into processes of others, but anybody may read how they were called.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster)
  }
}

/**
 * Makes a pid file harmless that names a live process which is not PostgreSQL, without giving up PostgreSQL's
 * second guard. It refuses to start while the named process is alive unless that is its own parent, so the file
 * is made to name us; it then still checks that no backend of the old server is attached to the shared memory.
 */
export function disarmPostmasterFile(home: Home, stale: Postmaster): void {
  if (!isAlive(stale.pid) || readPostmaster(home)?.pid !== stale.pid) return
  const path = join(home.cluster, 'postmaster.pid')
  const [, ...rest] = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, [String(process.pid), ...rest].join('\n'))
}

/** The last lines PostgreSQL logged, for an error message. */
export function lastLogLines(home: Home): string {
  try {
    return readFileSync(join(home.folder, 'postgres.log'), 'utf8').trimEnd().split('\n').slice(-5).join('\n')
  } catch {
    return ''
  }
}
