import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DataFolder, kill, query, until } from '../../test/embedded-folder.ts'
import { silentLog } from '../log.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { connect, isConnectionFailure } from './sql.ts'

const folder = new DataFolder()

describe('a killed PostgreSQL', { timeout: 60_000 }, () => {
  it('comes back at the same address with everything committed, for the same pool', async () => {
    await folder.prepare()
    const postgres = await folder.start()
    const sql = connect(postgres.url, { max: 2 })
    folder.cleanUp(() => sql.end({ timeout: 1 }))
    await sql`create table kept (id integer)`
    for (let round = 1; round <= 3; round += 1) {
      await sql`insert into kept values (${round})`
      const killed = Number(folder.postmasterPid())
      process.kill(killed, 'SIGKILL')
      const began = performance.now()
      await until(async () => {
        try {
          await sql`select 1`
          return folder.postmasterPid() !== killed
        } catch (error) {
          if (isConnectionFailure(error)) return false
          throw error
        }
      })
      console.info(`embedded PostgreSQL: back ${Math.round(performance.now() - began)} ms after kill -9`)
      expect(await sql`select count(*) from kept`).toEqual([{ count: round }])
    }
  })
})

describe('a killed server', { timeout: 60_000 }, () => {
  it('leaves its PostgreSQL to the next one', async () => {
    await folder.prepare()
    const server = folder.startProcess()
    const { url = '' } = await server.answer
    await query(url, 'create table kept as select 1 as id')
    const pid = folder.postmasterPid()
    await kill(server)
    const next = await folder.start()
    expect(folder.postmasterPid()).toBe(pid)
    expect(await query(next.url, 'select id from kept')).toEqual([{ id: 1 }])
  })

  it('killed together with its PostgreSQL, it starts again with everything committed', async () => {
    await folder.prepare()
    const server = folder.startProcess()
    const { url = '' } = await server.answer
    await query(url, 'create table kept as select 1 as id')
    const killed = Number(folder.postmasterPid())
    process.kill(killed, 'SIGKILL')
    server.process.kill('SIGKILL')
    const next = await folder.start()
    expect(folder.postmasterPid()).not.toBe(killed)
    expect(await query(next.url, 'select id from kept')).toEqual([{ id: 1 }])
  })

  it('killed in its very first start, it leaves nothing in the way', async () => {
    const server = folder.startProcess()
    await until(() => unfinished().length > 0)
    await kill(server)
    const next = await folder.start()
    expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await next.stop()
    // The orphaned initdb may have outlived the first clean-up, never the one after it has ended.
    await until(async () => {
      await (await folder.start()).stop()
      return unfinished().length === 0
    })
  })
})

function unfinished(): string[] {
  return existsSync(folder.path)
    ? readdirSync(folder.path).filter((name) => name.startsWith('postgres.new-'))
    : []
}

describe('a second server on the same folder', { timeout: 60_000 }, () => {
  it('is refused with one sentence that names the folder, and the first is not disturbed', async () => {
    await folder.prepare()
    const server = await folder.start()
    const pid = folder.postmasterPid()
    await expect(startEmbeddedPostgres({ dataDir: folder.path, log: silentLog })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'server_running',
      message: refusal(),
    })
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(folder.postmasterPid()).toBe(pid)
  })

  it('gets the folder when the first dies while it waits', async () => {
    await folder.prepare()
    const first = folder.startProcess()
    const { url = '' } = await first.answer
    const second = folder.startProcess()
    await until(async () => {
      const waiting = `select pid from pg_stat_activity where application_name = 'trunkline server lock' limit 3`
      return (await query(url, waiting)).length === 2
    })
    await kill(first)
    expect(await second.answer).toEqual({ url })
  })

  it('two first starts at once end with one server and one refusal', async () => {
    const answers = await Promise.all([folder.startProcess().answer, folder.startProcess().answer])
    const url = answers.find((answer) => answer.url)?.url ?? ''
    expect(answers).toContainEqual({ refused: refusal() })
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

function refusal(): string {
  return `Another Trunkline server is running on the data folder ${folder.path}. Stop that one first.`
}
