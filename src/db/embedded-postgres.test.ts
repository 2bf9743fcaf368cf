import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataFolder, isReachableByNobody, nobody, query } from '../../test/embedded-folder.ts'
import { silentLog } from '../log.ts'
import { installedPackage, usableBinaries } from './embedded-binaries.ts'
import { borrowEmbeddedPostgres } from './embedded-postgres.ts'

const isRoot = process.getuid?.() === 0
const runsAsNobody = isRoot && isReachableByNobody()
const folder = new DataFolder()

describe('startEmbeddedPostgres', () => {
  it('starts fresh and warm in a folder with spaces, keeps what was written, and commits durably', async () => {
    const began = performance.now()
    const first = await folder.start({})
    const freshMs = Math.round(performance.now() - began)
    await query(first.url, 'create table kept as select 1 as id')
    await first.stop()
    expect(folder.postmasterPid()).toBe(null)

    const again = performance.now()
    const second = await folder.start({})
    console.info(`embedded PostgreSQL: fresh ${freshMs} ms, warm ${Math.round(performance.now() - again)} ms`)
    expect(second.url).toBe(first.url)
    expect(await query(second.url, 'select id from kept')).toEqual([{ id: 1 }])
    const names = [
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'data_checksums',
      'TimeZone',
      'server_encoding',
    ]
    const settings = await query(
      second.url,
      `select name, setting from pg_settings where name in (${names.map((name) => `'${name}'`).join()}) limit 10`,
    )
    expect(Object.fromEntries(settings.map((row) => Object.values(row as object)))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      TimeZone: 'UTC',
      server_encoding: 'UTF8',
    })
  })

  it('is reached through a private socket only', async () => {
    await folder.prepare()
    const postgres = await folder.start()
    expect(await query(postgres.url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
    const home = join(folder.path, 'postgres')
    expect(statSync(home).mode & 0o777).toBe(0o700)
    expect(statSync(join(home, 'socket')).mode & 0o777).toBe(0o700)
    expect(statSync(join(home, 'password')).mode & 0o777).toBe(0o600)
    const stranger = new URL(postgres.url)
    stranger.password = 'wrong'
    await expect(query(stranger.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('a path too long for a socket works', async () => {
    folder.path = join(folder.base, 'a'.repeat(60), 'b'.repeat(60))
    await folder.prepare()
    const postgres = await folder.start()
    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
    folder.cleanUp(() => rmSync(new URL(postgres.url).searchParams.get('host') ?? '', { recursive: true }))
    await postgres.stop()
  })

  it('a pid file that names a living stranger does not keep the server out', async () => {
    await folder.prepare()
    const postgres = await folder.start()
    const path = join(folder.path, 'postgres', 'cluster', 'postmaster.pid')
    const lines = readFileSync(path, 'utf8').split('\n')
    await postgres.stop()
    const stranger = spawn('sleep', ['60'], isRoot ? nobody : {})
    folder.cleanUp(() => void stranger.kill())
    writeFileSync(path, [String(stranger.pid), ...lines.slice(1)].join('\n'))
    const again = await folder.start()
    expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('says which version wrote a folder that it cannot read', async () => {
    await folder.prepare()
    await (await folder.start()).stop()
    writeFileSync(join(folder.path, 'postgres', 'cluster', 'PG_VERSION'), '17\n')
    await expect(folder.start()).rejects.toThrow(
      /was written by PostgreSQL 17, but this version brings PostgreSQL 18/,
    )
  })
})

describe('borrowEmbeddedPostgres', () => {
  it('uses the PostgreSQL of a running server and leaves it running', async () => {
    await folder.prepare()
    const server = await folder.start()
    const command = await borrowEmbeddedPostgres({ dataDir: folder.path, log: silentLog })
    expect(command.url).toBe(server.url)
    await command.stop()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('without a server, starts PostgreSQL and stops it again', async () => {
    await folder.prepare()
    const command = await borrowEmbeddedPostgres({ dataDir: folder.path, log: silentLog })
    expect(await query(command.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await command.stop()
    expect(folder.postmasterPid()).toBe(null)
  })

  it('leaves PostgreSQL to a server that moved in meanwhile', async () => {
    await folder.prepare()
    const command = await borrowEmbeddedPostgres({ dataDir: folder.path, log: silentLog })
    const server = await folder.start()
    await command.stop()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('users and folders', { timeout: 60_000 }, () => {
  it.runIf(runsAsNobody)('a plain user runs it directly, and root goes on as that user', async () => {
    mkdirSync(folder.path)
    chownSync(folder.path, nobody.uid, nobody.gid)
    const server = folder.startProcess(nobody)
    const { url = '' } = await server.answer
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
    server.process.kill('SIGTERM')
    await once(server.process, 'exit')
    expect(folder.postmasterPid()).toBe(null)
    expect((await folder.start()).url).toBe(url)
  })

  it.runIf(runsAsNobody)('a plain user is told whose folder it is', async () => {
    await folder.prepare()
    await (await folder.start()).stop()
    const home = realpathSync(join(folder.path, 'postgres'))
    chownSync(home, 12_345, 12_345)
    expect((await folder.startProcess(nobody).answer).refused).toContain(`${home} belongs to user 12345`)
  })

  it.runIf(isRoot)(
    'a data folder that only root can reach keeps its database in /var/lib/trunkline',
    async () => {
      chmodSync(folder.base, 0o700)
      const postgres = await folder.start()
      const place = join(folder.path, 'postgres')
      const elsewhere = realpathSync(place)
      folder.cleanUp(async () => {
        await postgres.stop()
        rmSync(elsewhere, { recursive: true })
      })
      expect(lstatSync(place).isSymbolicLink()).toBe(true)
      expect(elsewhere).toMatch(/^\/var\/lib\/trunkline\//)
      await query(postgres.url, 'create table kept as select 1 as id')
      await postgres.stop()
      expect(await query((await folder.start()).url, 'select id from kept')).toEqual([{ id: 1 }])
    },
  )

  it('binaries that cannot be run where they are, or lack their links, are run from a copy', () => {
    const { folder: native, version } = installedPackage()
    const incomplete = join(folder.base, 'package', 'native')
    cpSync(native, incomplete, { recursive: true, filter: isKept })
    // Root writes anywhere, so for root the package is out of reach of PostgreSQL's user instead.
    if (isRoot) chmodSync(join(folder.base, 'package'), 0o700)
    else chmodSync(join(incomplete, 'lib'), 0o500)
    folder.cleanUp(() => chmodSync(join(incomplete, 'lib'), 0o700))
    const binaries = usableBinaries(isRoot ? nobody : null, ['/dev/null/absent', folder.base], {
      folder: incomplete,
      version,
    })
    expect(binaries).toBe(join(folder.base, `binaries-${version}`, 'native'))
  })
})

function isKept(path: string): boolean {
  return !lstatSync(path).isSymbolicLink() && !path.endsWith('.a')
}
