import postgres from 'postgres'
import { AppError } from '../errors.ts'
import { pacedSockets } from './paced-socket.ts'

type Types = { bigint: number; calendarDate: string; instant: Date }

/** A pool of connections. `sql\`select …\`` runs a statement on any of them; `sql.begin` opens a transaction. */
export type Sql = postgres.Sql<Types>

/** One open transaction. A function that takes a Tx relies on its caller to commit. */
export type Tx = postgres.TransactionSql<Types>

/** For functions that are right on their own and inside a transaction. */
export type Queryable = Sql | Tx

export type ConnectOptions = {
  /** Connections at most; 10 when unset. */
  max?: number
  /** Shown in pg_stat_activity. */
  applicationName?: string
  /** Statements that run longer are canceled by the server; no limit when unset. */
  statementTimeoutMs?: number
  /** Settings of every session, by their PostgreSQL names. */
  session?: Readonly<Record<string, string>>
  /** Called whenever a connection has closed, for whatever reason. */
  onClose?: () => void
}

const mostIdleInTransactionMs = 10_000

/**
 * Connects lazily to `url`: `postgres://user:password@host:port/database`, or with `?host=/folder` through the
 * unix socket in that folder. Connections never expire by age or idleness, because session locks live on them.
 *
 * bigint arrives as a number (a value beyond 2^53 is an error), timestamptz as a Date, date and timestamp as the
 * text PostgreSQL wrote, numeric as text. Passing undefined is an error: null is the only absent value.
 */
export function connect(url: string, options: ConnectOptions = {}): Sql {
  const { address, socketFolder } = withoutSocketFolder(url)
  const max = options.max ?? 10
  const sockets = pacedSockets(max * 2 + 5)
  const driverOptions = {
    ...(socketFolder === null ? {} : { host: socketFolder }),
    max,
    socket: sockets.open,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: 10,
    keep_alive: 5,
    // The driver's own back-off reaches 20 s, which would outlast every restart of the database.
    backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 1),
    onnotice: () => {},
    ...(options.onClose ? { onclose: options.onClose } : {}),
    connection: {
      application_name: options.applicationName ?? 'trunkline',
      // A process that stands still in the middle of a transaction would otherwise stop everybody who needs its locks.
      idle_in_transaction_session_timeout: mostIdleInTransactionMs,
      ...options.session,
      ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
    },
    types: {
      bigint: { to: 20, from: [20], serialize: String, parse: toSafeNumber },
      calendarDate: {
        to: 1082,
        from: [1082, 1114],
        serialize: (text: string) => text,
        parse: (text: string) => text,
      },
      instant: {
        to: 1184,
        from: [1184],
        serialize: (at: Date | string) => (at instanceof Date ? at.toISOString() : at),
        parse: (text: string) => new Date(text),
      },
    },
  }
  const sql = postgres(address, driverOptions)
  const end = sql.end.bind(sql)
  return Object.assign(sql, {
    end: (how?: { timeout?: number }) => {
      sockets.close()
      return end(how)
    },
  })
}

/**
 * For connections that only ever look rows up by key, in batches: the planner has no figures about tables that were
 * empty a minute ago, and one plan that reads a whole table would be kept for every batch to come.
 */
export const byKeyOnly = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' } as const

const retriedStates = new Set(['40001', '40P01'])

/**
 * Runs `work` in a transaction and commits. A serialization failure or a deadlock runs it again, five times in
 * all, so `work` must not act on anything but `tx`.
 */
export async function transaction<T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const box = await sql.begin(async (tx) => ({ value: await work(tx) }))
      return box.value
    } catch (error) {
      if (attempt === 5 || !retriedStates.has(codeOf(error))) throw error
    }
  }
}

const driverFailures = ['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT']
const networkFailures =
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN'.split(' ')
/** Shut down by the administrator, crashed, starting up, and too many connections. */
const serverFailures = ['57P01', '57P02', '57P03', '53300']
const connectionFailures = new Set([...driverFailures, ...networkFailures, ...serverFailures])

/** True when the database could not be reached or went away: the same request may succeed later. */
export function isConnectionFailure(error: unknown): boolean {
  const code = codeOf(error)
  if (connectionFailures.has(code) || /^08...$/.test(code)) return true
  // A socket file that is not there; any other missing file is a bug of ours.
  return code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'connect'
}

/** What a caller is told while the database is away. */
export function databaseUnavailable(cause: unknown): AppError {
  return new AppError(
    'unavailable',
    'database_unavailable',
    'The database is not reachable right now. Try again.',
    {
      retryAfterSeconds: 2,
      cause,
    },
  )
}

/** The SQLSTATE of a PostgreSQL error, the code of a network error, or an empty string. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function withoutSocketFolder(url: string): { address: string; socketFolder: string | null } {
  const parsed = new URL(url)
  const socketFolder = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  return { address: parsed.href, socketFolder }
}

function toSafeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`The bigint ${text} does not fit into a number`)
  return value
}

/** What an array parameter may hold. */
export type Member = string | number | boolean | Date | null

/**
 * An array parameter, as PostgreSQL writes arrays: `${arrayOf(ids)}::bigint[]`. The driver itself takes the type of the
 * first member for that of all, and quotes each of them at a price that batches of a thousand rows feel.
 */
export function arrayOf(values: readonly Member[]): string {
  return column(values, (value) => value)
}

/** One column of many rows as an array parameter: `${column(calls, (call) => call.id)}::uuid[]`. */
export function column<Row>(rows: readonly Row[], pick: (row: Row) => Member): string {
  let text = ''
  for (const row of rows) text += `,${written(pick(row))}`
  return `{${text.slice(1)}}`
}

/** What may stand in an array unquoted; the word NULL and the empty text may not. */
const plain = /^[\w:.+-]+$/

function written(value: Member): string {
  if (value === null) return 'NULL'
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') throw new TypeError(`An array cannot hold ${typeof value}`)
  if (plain.test(value) && !/^null$/i.test(value)) return value
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
