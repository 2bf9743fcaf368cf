import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { migrate } from './migrate.ts'
import { connect } from './sql.ts'

let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await createTestDatabase()
  await database.sql`drop table schema_migrations`
  folder = mkdtempSync(join(tmpdir(), 'migrations '))
  write('0001_people.sql', 'create table people (id integer primary key);\ninsert into people values (1);')
  write('0002_names.sql', "alter table people add column name text not null default '';")
})

afterEach(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

describe('migrate', () => {
  it('applies every pending migration once, in order', async () => {
    expect(await migrate(database.sql, { folder })).toEqual(['0001_people', '0002_names'])
    expect(await migrate(database.sql, { folder })).toEqual([])
    write('0003_more.sql', 'insert into people values (2)')
    expect(await migrate(database.sql, { folder })).toEqual(['0003_more'])
    expect(await database.sql`select id, name from people order by id`).toEqual([
      { id: 1, name: '' },
      { id: 2, name: '' },
    ])
  })

  it('servers that start at the same moment apply each migration once', async () => {
    const pools = Array.from({ length: 4 }, () => connect(database.url, { max: 2 }))
    const applied = await Promise.all(pools.map((pool) => migrate(pool, { folder })))
    await Promise.all(pools.map((pool) => pool.end()))
    expect(applied.flat().sort()).toEqual(['0001_people', '0002_names'])
  })

  it('a migration that fails leaves nothing of itself', async () => {
    write('0003_broken.sql', 'create table half (id integer); select nonsense;')
    await expect(migrate(database.sql, { folder })).rejects.toThrow(/nonsense/)
    const [row] = await database.sql`select to_regclass('half') as half, count(*) from schema_migrations`
    expect(row).toEqual({ half: null, count: 2 })
  })

  it('refuses a migration that changed after it was applied, but not its line ends', async () => {
    await migrate(database.sql, { folder })
    write(
      '0001_people.sql',
      'create table people (id integer primary key);\r\ninsert into people values (1);',
    )
    expect(await migrate(database.sql, { folder })).toEqual([])
    write('0001_people.sql', 'create table people (id bigint primary key);')
    await expect(migrate(database.sql, { folder })).rejects.toMatchObject({
      code: 'migration_changed',
      message: expect.stringContaining('0001_people'),
    })
  })

  it('refuses a database that a newer version wrote', async () => {
    await migrate(database.sql, { folder })
    rmSync(join(folder, '0002_names.sql'))
    await expect(migrate(database.sql, { folder })).rejects.toMatchObject({ code: 'database_newer' })
  })

  it('refuses a migration numbered below one that was applied', async () => {
    rmSync(join(folder, '0001_people.sql'))
    write('0002_names.sql', 'select 1')
    await migrate(database.sql, { folder })
    write('0001_people.sql', 'select 1')
    await expect(migrate(database.sql, { folder })).rejects.toMatchObject({ code: 'migration_out_of_order' })
  })

  it('refuses two files with one number and a file with another name', async () => {
    write('0002_other.sql', 'select 1')
    await expect(migrate(database.sql, { folder })).rejects.toThrow(/two migrations/)
    rmSync(join(folder, '0002_other.sql'))
    write('2_other.sql', 'select 1')
    await expect(migrate(database.sql, { folder })).rejects.toThrow(/NNNN_name\.sql/)
  })
})
