import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { connect, type Sql } from '../src/db/sql.ts'
import { withDatabase } from './database-url.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run's PostgreSQL is, as a user that may create databases. */
    databaseServerUrl: string
    /** The database with every migration applied, which the others are copies of. */
    templateDatabase: string
  }
}

export type TestDatabase = { url: string; sql: Sql; drop(): Promise<void> }

/** A database of its own with every migration applied. Call `drop` when done, in afterAll or afterEach. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = connect(inject('databaseServerUrl'), { max: 1 })
  const template = inject('templateDatabase')
  const name = `${template}_${randomBytes(6).toString('hex')}`
  // Copying the files is three times faster here than writing them to the log.
  await server`create database ${server(name)} template ${server(template)} strategy file_copy`

  const url = withDatabase(inject('databaseServerUrl'), name)
  const sql = connect(url, { max: 10 })
  return {
    url,
    sql,
    drop: async () => {
      await sql.end({ timeout: 1 })
      await server`drop database if exists ${server(name)} with (force)`
      await server.end({ timeout: 1 })
    },
  }
}
