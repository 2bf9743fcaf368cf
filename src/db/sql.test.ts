import { createServer } from 'node:net'
import { EventEmitter, once } from 'node:events'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { AppError } from '../errors.ts'
import { arrayOf, column, connect, databaseUnavailable, isConnectionFailure, transaction } from './sql.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  await database.sql`create table accounts (id bigint primary key, balance bigint not null, opened date)`
  await database.sql`insert into accounts values (1, 100, '2026-02-28'), (2, 100, null)`
})
afterAll(() => database.drop())

async function failureOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('did not fail')
}

describe('connect', () => {
  it('bigint is a number, timestamptz a Date, date and timestamp text, numeric text', async () => {
    const at = new Date('2026-11-20T08:00:00.123Z')
    const [row] = await database.sql`
      select 9007199254740991::bigint as big, ${at}::timestamptz as at, opened, numeric '1.50' as price,
             timestamp '2026-03-29 02:30:00' as local, array[1, 2]::bigint[] as ids
        from accounts where id = ${1}`
    expect(row).toEqual({
      big: 9_007_199_254_740_991,
      at,
      opened: '2026-02-28',
      price: '1.50',
      local: '2026-03-29 02:30:00',
      ids: [1, 2],
    })
  })

  it('a bigint beyond 2^53 is an error, never a wrong number', async () => {
    await expect(database.sql`select 9007199254740993::bigint as big`).rejects.toThrow(/9007199254740993/)
  })

  it('undefined is an error, null is null', async () => {
    const absent: { value?: string } = {}
    // The type of a parameter excludes undefined; a value from outside may still be it.
    const unsafe = absent.value as string
    await expect(database.sql`select ${unsafe}::text as value`).rejects.toMatchObject({
      code: 'UNDEFINED_VALUE',
    })
    expect(await database.sql`select ${null}::text as value`).toEqual([{ value: null }])
  })

  it('arrays arrive as they were given, whatever their members hold', async () => {
    const text = fc.option(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('null', 'NULL', '', '{}', '"', '\\')),
    )
    const printable = text.filter((value) => value === null || !/[\u0000\ud800-\udfff]/.test(value))
    await fc.assert(
      fc.asyncProperty(fc.array(printable), async (texts) => {
        const [row] = await database.sql<
          { texts: unknown }[]
        >`select to_jsonb(${arrayOf(texts)}::text[]) as texts`
        expect(row?.texts).toEqual(texts)
      }),
      { numRuns: 300 },
    )
    const rows = [
      { at: new Date('2026-11-20T08:00:00.123Z'), big: 9_007_199_254_740_991, yes: true },
      { at: null, big: -1, yes: false },
    ]
    const read = await database.sql`
      select * from unnest(${column(rows, (one) => one.at)}::timestamptz[], ${column(rows, (one) => one.big)}::bigint[],
                           ${column(rows, (one) => one.yes)}::bool[]) as v (at, big, yes)`
    expect([...read]).toEqual(rows)
    const absent: { value?: string } = {}
    expect(() => arrayOf([absent.value as string])).toThrow(TypeError)
  })

  it('a statement that takes longer than allowed is canceled', async () => {
    const sql = connect(database.url, { max: 1, statementTimeoutMs: 50 })
    await expect(sql`select pg_sleep(10)`).rejects.toMatchObject({ code: '57014' })
    await sql.end()
  })

  it('the server knows the connections by their name', async () => {
    const sql = connect(database.url, { max: 1, applicationName: 'trunkline dialer' })
    expect(await sql`show application_name`).toEqual([{ application_name: 'trunkline dialer' }])
    await sql.end()
  })

  it('a server that refuses everybody is not dialed more than a few times a second', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    let dialed = 0
    server.on('connection', () => {
      dialed += 1
    })
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const sql = connect(`postgres://nobody@127.0.0.1:${port}/nothing`, { max: 2 })
    const attempts = Array.from({ length: 2 }, () => failureOf(sql`select 1`))
    const began = performance.now()
    await once(server, 'connection')
    while (performance.now() - began < 1_500) await once(server, 'connection')
    await sql.end({ timeout: 0 })
    for (const error of await Promise.all(attempts)) expect(isConnectionFailure(error)).toBe(true)
    server.close()
    expect(dialed).toBeLessThanOrEqual(2 * (2 * 2 + 5) + 2)
  })
})

describe('transaction', () => {
  it('a deadlock runs the work again, and both take effect once', async () => {
    const { sql } = database
    let arrived = 0
    let attempts = 0
    const gate = new EventEmitter()
    const bothInside = once(gate, 'open')
    const move = (from: number, to: number): Promise<void> =>
      transaction(sql, async (tx) => {
        attempts += 1
        await tx`update accounts set balance = balance - 10 where id = ${from}`
        arrived += 1
        if (arrived === 2) gate.emit('open')
        await bothInside
        await tx`update accounts set balance = balance + 10 where id = ${to}`
      })
    await Promise.all([move(1, 2), move(2, 1)])
    expect(attempts).toBe(3)
    expect(await sql`select balance from accounts order by id`).toEqual([{ balance: 100 }, { balance: 100 }])
  })

  it('any other failure rolls back and is thrown at once', async () => {
    let attempts = 0
    const failing = transaction(database.sql, async (tx) => {
      attempts += 1
      await tx`update accounts set balance = 0`
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(attempts).toBe(1)
    expect(await database.sql`select sum(balance) from accounts`).toEqual([{ sum: '200' }])
  })
})

describe('isConnectionFailure', () => {
  it('knows a database that is away from a statement that is wrong', async () => {
    const nowhere = connect('postgres://nobody@127.0.0.1:1/nothing', { max: 1 })
    const noSocket = connect('postgres://nobody@localhost/nothing?host=%2Fabsent', { max: 1 })
    const away = [await failureOf(nowhere`select 1`), await failureOf(noSocket`select 1`)]
    await nowhere.end()
    await noSocket.end()
    expect(away.map(isConnectionFailure)).toEqual([true, true])
    expect(isConnectionFailure(await failureOf(database.sql`select nonsense`))).toBe(false)
    expect(isConnectionFailure(new Error('anything'))).toBe(false)
  })

  it('becomes 503 with a time to come back', () => {
    const error = databaseUnavailable(new Error('refused'))
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({
      status: 503,
      code: 'database_unavailable',
      details: { retryAfterSeconds: 2 },
    })
  })
})
