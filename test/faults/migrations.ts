/** Servers that die, or throw, while they make the schema. */
import { connect } from '../../src/db/sql.ts'
import { failpointNames, type FailpointName } from '../../src/failpoint.ts'
import type { Ground } from './ground.ts'
import { isAlive, kill, startNode, until } from './processes.ts'
import type { Outcome, Row } from './row.ts'

export const migrationRows: Row[] = [{ name: 'crash: at every step of a migration', run: migrations }]

/** Places that only a server which makes the schema comes to. */
const ofMigrations = (name: FailpointName): boolean => name.startsWith('migration.')

/** Servers that die while they make the schema leave whole steps only, and the next one goes on. */
async function migrations(ground: Ground): Promise<Outcome> {
  const startedMs = performance.now()
  const findings: string[] = []
  const cases = failpointNames
    .filter(ofMigrations)
    .flatMap((point) =>
      ground.full
        ? [1, 3, 5].flatMap((hit) => (['kill', 'throw'] as const).map((action) => ({ point, hit, action })))
        : [{ point, hit: 2, action: 'kill' as const }],
    )
  const reference = await schemaAfter(ground, [])
  for (const { point, hit, action } of cases) {
    const schema = await schemaAfter(ground, [`${point}@${hit}=${action}`])
    if (schema !== reference) findings.push(`another schema after ${point}@${hit}=${action}`)
  }
  return {
    figures: { cases: cases.length, seconds: Math.round((performance.now() - startedMs) / 1_000) },
    findings,
  }
}

/** The schema of a new database after servers that were to fail so, and a last one that was not. */
async function schemaAfter(ground: Ground, failures: readonly string[]): Promise<string> {
  const url = await ground.emptyDatabase()
  const folder = ground.newFolder()
  for (const failpoints of [...failures, null]) {
    const { child } = startNode([ground.program, 'start'], `${folder}/server.log`, {
      DATABASE_URL: url,
      DATA_DIR: folder,
      SECRET_KEY: 'k'.repeat(40),
      PORT: '0',
      ...(failpoints === null ? {} : { FAILPOINTS: failpoints }),
    })
    await until('the schema is made, or the server has died of it', 180_000, async () => {
      return !isAlive(child) || (failpoints === null && (await isReady(url)))
    })
    await kill(child)
  }
  const sql = connect(url, { max: 1 })
  try {
    const columns = await sql`
      select table_name, column_name, data_type from information_schema.columns
       where table_schema = 'public' order by 1, 2`
    const applied = await sql`select number, name, checksum from schema_migrations order by number`
    return JSON.stringify([columns, applied])
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** A worker is the last thing a starting server makes. */
async function isReady(url: string): Promise<boolean> {
  const sql = connect(url, { max: 1 })
  try {
    return (await sql`select from workers where settled_at is null limit 1`).length > 0
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 1 })
  }
}
