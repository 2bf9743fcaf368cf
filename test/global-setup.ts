import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { migrate } from '../src/db/migrate.ts'
import { connect, type Sql } from '../src/db/sql.ts'
import { silentLog } from '../src/log.ts'
import { withDatabase } from './database-url.ts'

const folderPrefix = 'trunkline-test-'

/**
 * One PostgreSQL for the whole run: a throwaway embedded one, or the server at TEST_DATABASE_URL (a user that
 * may create databases). Migrations are applied once, to the template that every test's database copies.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await openServer()
  const template = `trunkline_test_${process.pid}_${Date.now().toString(36)}`
  const admin = connect(server.url, { max: 1 })
  const tearDown = async (): Promise<void> => {
    if (!server.isThrowaway) await dropDatabases(admin, template)
    await admin.end({ timeout: 1 })
    await server.stop()
  }
  try {
    await admin`create database ${admin(template)}`
    const sql = connect(withDatabase(server.url, template), { max: 1 })
    await migrate(sql).finally(() => sql.end())
  } catch (error) {
    await tearDown()
    throw error
  }
  project.provide('databaseServerUrl', server.url)
  project.provide('templateDatabase', template)
  return tearDown
}

/** The template, and every copy that a test did not drop. */
async function dropDatabases(admin: Sql, template: string): Promise<void> {
  const left = await admin<{ name: string }[]>`
    select datname as name from pg_database where datname like ${`${template}%`} limit 10000`
  for (const { name } of left) await admin`drop database if exists ${admin(name)} with (force)`
}

async function openServer(): Promise<{ url: string; isThrowaway: boolean; stop(): Promise<void> }> {
  const url = process.env['TEST_DATABASE_URL']
  if (url) return { url, isThrowaway: false, stop: async () => {} }

  await removeLeftovers()
  const dataDir = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`))
  const postgres = await startEmbeddedPostgres({
    dataDir,
    log: silentLog,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '600' },
  })
  return {
    url: postgres.url,
    isThrowaway: true,
    stop: async () => {
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    },
  }
}

/** A run that was killed leaves its PostgreSQL and folder behind; the next run takes both away. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue
    const pid = Number.parseInt(name.slice(folderPrefix.length), 10)
    if (isAlive(pid)) continue
    const dataDir = join(tmpdir(), name)
    try {
      const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog })
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true })
    } catch {
      // Somebody else's run; theirs to clean.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
