import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { silentLog } from '../log.ts'
import { createBeat, findHold, noticeRestore } from './installation.ts'

let database: TestDatabase
let dataDir: string
beforeEach(async () => {
  database = await createTestDatabase()
  dataDir = mkdtempSync(join(tmpdir(), 'trunkline-installation-'))
})
afterEach(async () => {
  await database.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

/** A server that ran for a moment: it counted on, and its folder knows how far. */
async function runForAMoment(): Promise<void> {
  const before = keptBeat()
  const beat = createBeat({ sql: database.sql, dataDir, log: silentLog })
  beat.start()
  while (keptBeat() === before) await new Promise((soon) => setTimeout(soon, 5))
  await beat.stop()
}

function keptBeat(): number {
  try {
    return (JSON.parse(readFileSync(join(dataDir, 'installation.json'), 'utf8')) as { beat: number }).beat
  } catch {
    return 0
  }
}

test('a new database, and one that is started again, dial at once', async () => {
  expect(await noticeRestore(database.sql, dataDir)).toBe(false)
  await runForAMoment()
  expect(await noticeRestore(database.sql, dataDir)).toBe(false)
  expect(await noticeRestore(database.sql, join(dataDir, 'of another server'))).toBe(false)
  expect(await findHold(database.sql)).toBeNull()
})

test('a database that came from elsewhere is on hold, since when its backup was made', async () => {
  await noticeRestore(database.sql, dataDir)
  await runForAMoment()
  const at = new Date('2026-11-20T08:00:00Z')
  await database.sql`update installation set place = '7000000000000000001 16384', beat_at = ${at}`
  expect(await noticeRestore(database.sql, dataDir)).toBe(true)
  expect(await findHold(database.sql)).toMatchObject({
    from: at,
    sweptAt: null,
    unknownCalls: 0,
    setAside: 0,
  })
  // The hold stays until it is let go, however often a server starts.
  expect(await noticeRestore(database.sql, dataDir)).toBe(false)
  expect(await findHold(database.sql)).not.toBeNull()
})

test('a database that is behind its data folder was put back, and is on hold', async () => {
  await noticeRestore(database.sql, dataDir)
  await runForAMoment()
  await database.sql`update installation set beat = beat - 1`
  expect(await noticeRestore(database.sql, dataDir)).toBe(true)
  expect(await noticeRestore(database.sql, dataDir)).toBe(false)
})

test('a folder whose note is of another database, or was cut short, proves nothing', async () => {
  await noticeRestore(database.sql, dataDir)
  writeFileSync(join(dataDir, 'installation.json'), '{"place":"elsewhere 1","beat":9999}')
  expect(await noticeRestore(database.sql, dataDir)).toBe(false)
  writeFileSync(join(dataDir, 'installation.json'), '{"place":"else')
  expect(await noticeRestore(database.sql, dataDir)).toBe(false)
})
