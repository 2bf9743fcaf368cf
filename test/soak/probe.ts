/** Reads what an installation uses: of its processes from /proc, of PostgreSQL from its own books. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Sql } from '../../src/db/sql.ts'

export type Processes = { server: number; carrier: number; postmaster: number }

export type TableSize = { name: string; bytes: number; rows: number; dead: number; live: number }

/** Figures by their names, in the order of the curves. */
export type Figures = Record<string, number>

/** Processor ticks and pages are those of every Linux that Node runs on here. */
const ticksPerSecond = 100
const mib = 1024 * 1024

type Status = { pid: number; parent: number; cpuSeconds: number }

/** Every process of the machine that is still there when it is looked at. */
export function everyProcess(): Status[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        // Its own time, and that of its children that ended.
        const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
        const cpuSeconds = ticks / ticksPerSecond
        return [{ pid: Number(pid), parent: Number(fields[1]), cpuSeconds }]
      } catch {
        return [] // It ended meanwhile.
      }
    })
}

/** The children of this program that run `program`. */
export function childRunning(program: string): number {
  const found = everyProcess().find(
    ({ pid, parent }) => parent === process.pid && readText(`/proc/${pid}/cmdline`).includes(program),
  )
  if (found === undefined) throw new Error(`nothing runs ${program}`)
  return found.pid
}

export async function postmasterOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  const backend = everyProcess().find(({ pid }) => pid === row?.pid)
  if (backend === undefined) throw new Error('PostgreSQL runs elsewhere')
  return backend.parent
}

/** Memory in MiB, open files and processor seconds so far. */
export function readProcesses({ server, carrier, postmaster }: Processes): Figures {
  const all = everyProcess()
  const own = (parent: number): Status[] => all.filter((one) => one.pid === parent || one.parent === parent)
  const postgres = own(postmaster)
  return {
    'server RSS MiB': kib(`/proc/${server}/status`, 'VmRSS') / 1024,
    'PostgreSQL memory MiB': postgres.reduce((sum, { pid }) => sum + ownKib(pid), 0) / 1024,
    'carrier RSS MiB': kib(`/proc/${carrier}/status`, 'VmRSS') / 1024,
    'open files': openFiles(server).length,
    'open sockets': openFiles(server).filter((file) => file.startsWith('socket:')).length,
    'server CPU s': cpuOf(own(server)),
    'PostgreSQL CPU s': cpuOf(postgres),
    'carrier CPU s': cpuOf(own(carrier)),
  }
}

/** What the server says of itself. */
export async function readMetrics(url: string): Promise<Figures> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const value = (name: string): number =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return {
    'heap MiB': value('nodejs_heap_size_used_bytes') / mib,
    'external MiB': value('nodejs_external_memory_bytes') / mib,
    'event loop p99 ms': value('nodejs_eventloop_lag_p99_seconds') * 1_000,
    'event loop max ms': value('nodejs_eventloop_lag_max_seconds') * 1_000,
    'report backlog': value('trunkline_report_backlog'),
  }
}

export async function readConnections(sql: Sql): Promise<number> {
  const [row] = await sql<{ open: number }[]>`
    select count(*)::int as open from pg_stat_activity
     where datname = current_database() and application_name like 'trunkline%'`
  return row?.open ?? 0
}

/** Size with indexes and TOAST, rows by what was inserted and deleted, and rows that wait to be cleaned away. */
export async function readTables(sql: Sql): Promise<TableSize[]> {
  return sql<TableSize[]>`
    select relname as name, pg_total_relation_size(relid)::float8 as bytes,
           (n_tup_ins - n_tup_del)::float8 as rows, n_dead_tup::float8 as dead, n_live_tup::float8 as live
      from pg_stat_user_tables where schemaname = 'public' order by relname`
}

function cpuOf(some: readonly Status[]): number {
  return some.reduce((sum, one) => sum + one.cpuSeconds, 0)
}

function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return [] // Closed meanwhile.
    }
  })
}

/** What a process does not share, and its part of what it shares. */
function ownKib(pid: number): number {
  return kib(`/proc/${pid}/smaps_rollup`, 'Pss')
}

function kib(path: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readText(path))?.[1] ?? 0)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
