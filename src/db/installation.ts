/**
 * Notices that a database was restored from a backup. Two traces tell: PostgreSQL's own ids of the cluster and the
 * database, which a dump does not carry along, and a count that grows while a server runs, of which the data folder keeps
 * a copy: a database that is behind its folder was put back. A copy of both together, as of a whole machine, leaves none.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import { createLoop, type Loop } from './loop.ts'
import { codeOf, transaction, type Queryable, type Sql } from './sql.ts'

export type Hold = {
  since: Date
  /** The last moment that the backup knows of; null when it knows none. */
  from: Date | null
  sweptAt: Date | null
  unknownCalls: number
  setAside: number
}

const beatMs = 10_000

/** Looks whether the database is the one that ran here before, and puts it on hold when it is not. */
export async function noticeRestore(sql: Sql, dataDir: string): Promise<boolean> {
  const here = await placeOf(sql)
  const kept = readKept(dataDir)
  return transaction(sql, async (tx) => {
    const [row] = await tx<{ place: string | null; beat: number }[]>`
      select place, beat from installation limit 1 for update`
    if (row === undefined) throw new Error('the installation has no row')
    const wasElsewhere = row.place !== null && row.place !== here
    const isBehind = kept?.place === here && kept.beat > row.beat
    if (wasElsewhere || isBehind)
      await tx`
        update installation
           set held_since = clock_timestamp(), held_from = beat_at, swept_at = null, unknown_calls = 0, set_aside = 0`
    await tx`
      update installation set place = ${here}, beat = greatest(beat, ${kept?.place === here ? kept.beat : 0}) + 1`
    return wasElsewhere || isBehind
  })
}

/** Counts on every ten seconds. The folder is written after the commit, so it is never ahead of its database. */
export function createBeat(deps: { sql: Sql; dataDir: string; log: Log }): Loop {
  return createLoop({
    name: 'beat',
    log: deps.log,
    async turn() {
      const [row] = await deps.sql<Kept[]>`
        update installation set beat = beat + 1, beat_at = clock_timestamp() returning place, beat`
      if (row !== undefined) writeKept(deps.dataDir, row)
      return beatMs
    },
    errorPauseMs: beatMs,
  })
}

/** Null when dialing is not on hold. */
export async function findHold(sql: Queryable): Promise<Hold | null> {
  const [row] = await sql<Hold[]>`
    select held_since as since, held_from as from, swept_at as "sweptAt", unknown_calls as "unknownCalls",
           set_aside as "setAside"
      from installation where held_since is not null limit 1`
  return row ?? null
}

type Kept = { place: string; beat: number }

async function placeOf(sql: Sql): Promise<string> {
  const [database] = await sql<{ oid: string }[]>`
    select oid::text from pg_database where datname = current_database() limit 1`
  return `${await clusterOf(sql)} ${database?.oid ?? ''}`
}

/** Some hosts let nobody ask. Then only the database's own id tells. */
async function clusterOf(sql: Sql): Promise<string> {
  try {
    const [row] = await sql<
      { id: string }[]
    >`select system_identifier::text as id from pg_control_system() limit 1`
    return row?.id ?? ''
  } catch (error) {
    if (codeOf(error) === '42501') return ''
    throw error
  }
}

const fileIn = (dataDir: string): string => join(dataDir, 'installation.json')

function readKept(dataDir: string): Kept | null {
  try {
    const kept: unknown = JSON.parse(readFileSync(fileIn(dataDir), 'utf8'))
    return isKept(kept) ? kept : null
  } catch (error) {
    // Not there yet, or cut short by a power cut: the other trace remains.
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return null
    throw error
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false
  return (
    'place' in value && typeof value.place === 'string' && 'beat' in value && typeof value.beat === 'number'
  )
}

function writeKept(dataDir: string, kept: Kept): void {
  mkdirSync(dataDir, { recursive: true })
  const unfinished = `${fileIn(dataDir)}.${process.pid}`
  writeFileSync(unfinished, JSON.stringify(kept))
  renameSync(unfinished, fileIn(dataDir))
}
