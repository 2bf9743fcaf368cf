import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failpoint } from '../failpoint.ts'
import { AppError } from '../errors.ts'
import type { Sql, Tx } from './sql.ts'

/** One numbered file: `0002_calls.sql` is number 2, name `calls`. */
type Migration = { number: number; name: string; checksum: string; text: string }

const oldestSupportedVersion = 150_000
const migrationLock = 7_308_327_101

/**
 * Brings the database to the newest schema and returns the names of the migrations it applied. Each runs in a
 * transaction of its own together with its row in schema_migrations, so a crash leaves whole steps only. Servers
 * that start at the same moment take turns.
 *
 * Refuses, with the way out in the message: PostgreSQL before 15, a migration that changed after it was applied,
 * one numbered below what was applied, and a database written by a newer version.
 */
export async function migrate(sql: Sql, options: { folder?: string } = {}): Promise<string[]> {
  const migrations = readMigrations(options.folder ?? findMigrationsFolder())
  const applied: string[] = []
  for (;;) {
    const name = await sql.begin((tx) => applyNext(tx, migrations))
    if (name === null) return applied
    applied.push(name)
  }
}

/** The lock is taken per step and ends with its transaction, so no session can leave it behind. */
async function applyNext(tx: Tx, migrations: readonly Migration[]): Promise<string | null> {
  await tx`set local statement_timeout = 0`
  await tx`select pg_advisory_xact_lock(${migrationLock})`
  await requireSupportedVersion(tx)
  await tx`
    create table if not exists schema_migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`
  const rows = await tx<{ number: number; name: string; checksum: string }[]>`
    select number, name, checksum from schema_migrations order by number`
  for (const row of rows) requireUnchanged(row, migrations)

  const newest = rows.at(-1)?.number ?? 0
  const done = new Set(rows.map((row) => row.number))
  const next = migrations.find((migration) => !done.has(migration.number))
  if (!next) return null
  if (next.number < newest) {
    throw new AppError(
      'conflict',
      'migration_out_of_order',
      `Migration ${label(next)} is numbered below ${newest}, which was applied already. Give it the next free number.`,
    )
  }
  await tx.unsafe(next.text)
  failpoint('migration.applied')
  await tx`
    insert into schema_migrations (number, name, checksum)
    values (${next.number}, ${next.name}, ${next.checksum})`
  failpoint('migration.recorded')
  return label(next)
}

async function requireSupportedVersion(tx: Tx): Promise<void> {
  const [row] = await tx<{ version: number; text: string }[]>`
    select current_setting('server_version_num')::integer as version, current_setting('server_version') as text`
  if (row && row.version >= oldestSupportedVersion) return
  throw new AppError(
    'conflict',
    'database_too_old',
    `This database is PostgreSQL ${row?.text}. Trunkline needs PostgreSQL 15 or newer.`,
  )
}

function requireUnchanged(
  row: { number: number; name: string; checksum: string },
  migrations: readonly Migration[],
): void {
  const known = migrations.find((migration) => migration.number === row.number)
  if (!known) {
    throw new AppError(
      'conflict',
      'database_newer',
      `This database has migration ${label(row)}, which this version does not know. Run the newer version that wrote it.`,
    )
  }
  if (known.checksum !== row.checksum) {
    throw new AppError(
      'conflict',
      'migration_changed',
      `Migration ${label(known)} was changed after this database applied it as ${label(row)}. ` +
        'Restore the file and put the change into a new migration.',
    )
  }
}

function label(migration: { number: number; name: string }): string {
  return `${String(migration.number).padStart(4, '0')}_${migration.name}`
}

function readMigrations(folder: string): Migration[] {
  const migrations: Migration[] = []
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.sql')) continue
    const [, digits, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? []
    if (!digits || !name) throw new Error(`${join(folder, file)} is not named NNNN_name.sql`)
    // A checkout may turn line ends into CRLF; that is not a change.
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')
    const checksum = createHash('sha256').update(text).digest('hex')
    migrations.push({ number: Number(digits), name, checksum, text })
  }
  const repeated = migrations.find((each, index) => migrations[index - 1]?.number === each.number)
  if (repeated) throw new Error(`${folder} has two migrations with the number of ${label(repeated)}`)
  return migrations
}

/** This code runs from src/db and from the bundle in dist/server; the folder hangs off the package root. */
function findMigrationsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'src', 'db', 'migrations')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder))
      throw new Error('The folder src/db/migrations is missing from this installation')
  }
}
