import type { Config } from '../config.ts'
import { borrowEmbeddedPostgres } from '../db/embedded-postgres.ts'
import { migrate } from '../db/migrate.ts'
import { connect, type Sql } from '../db/sql.ts'
import { silentLog } from '../log.ts'

/** Runs `work` on the installation's database, whether its server runs or not. */
export async function withDatabase<T>(config: Config, work: (sql: Sql) => Promise<T>): Promise<T> {
  const postgres =
    config.databaseUrl === null
      ? await borrowEmbeddedPostgres({ dataDir: config.dataDir, log: silentLog })
      : null
  const sql = connect(postgres?.url ?? config.databaseUrl ?? '', {
    max: 4,
    applicationName: 'trunkline command',
  })
  try {
    await migrate(sql)
    return await work(sql)
  } finally {
    await sql.end({ timeout: 2 })
    await postgres?.stop()
  }
}
