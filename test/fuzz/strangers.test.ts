/**
 * Another workspace, seen from this one: its ids in every position of every operation are as good as ids that do not
 * exist, nothing of it is ever told, nothing of it changes; and members that are not a client's to write stay unwritten.
 */
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../src/db/sql.ts'
import { seededRandom } from '../../src/random.ts'
import { createHttpWorld, type HttpWorld } from '../http-world.ts'
import { keepAdmin, type AdminKeeper } from './keep-admin.ts'
import { operationsOf, type Operation, type Schema } from './operations.ts'
import { forbiddenMembers, objectFor } from './values.ts'
import { furnish, type Furniture } from './furniture.ts'

let world: HttpWorld
let operations: Operation[]
let keeper: AdminKeeper
let own: Furniture
let theirs: Furniture
const canary = 'canary-of-the-second'

beforeAll(async () => {
  world = await createHttpWorld()
  operations = operationsOf((await world.app.inject('/openapi.json')).json()).filter(
    // A stream does not end; a dialer's key is of one workspace.
    ({ path }) => !path.endsWith('/stream') && !path.includes('from-dialer'),
  )
  keeper = await keepAdmin(world.database.sql, 'admin@first.test', world.tokenOf)
  own = await furnish(world, world.people, 'mine')
  // No number of theirs is that of something else of ours.
  await world.database.sql`
    select setval(format('%I.%I', schemaname, sequencename)::regclass, 70000 + 1000 * row_number() over (order by sequencename))
      from pg_sequences where schemaname = 'public'`
  theirs = await furnish(world, world.strangers, canary)
}, 240_000)
afterAll(() => world.close())

type Sent = { path: string; body: Record<string, unknown> | null }

async function send(operation: Operation, { path, body }: Sent) {
  const answer = await world.app.inject({
    method: operation.method,
    url: path,
    headers: { authorization: `Bearer ${await keeper.token()}` },
    ...(body === null || operation.method === 'GET' ? {} : { payload: body }),
  } as InjectOptions)
  return { status: answer.statusCode, text: answer.body }
}

/** The path with these ids, each by the kind of thing it names; what names nothing we have leads nowhere. */
function pathWith(operation: Operation, furniture: Furniture): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, () => encodeURIComponent(furniture.idFor(operation.path)))
}

test('an id of another workspace in a path is as one that does not exist', async () => {
  const before = await contentsOf(world.database.sql, world.otherWorkspaceId)
  const wrong: string[] = []
  let checks = 0
  for (const operation of operations.filter(({ path }) => path.includes('{'))) {
    await keeper.restore()
    const body = bodyOf(operation, 1)
    const stranger = await send(operation, { path: pathWith(operation, theirs), body })
    const absent = await send(operation, { path: pathWith(operation, theirs.absent), body })
    checks += 1
    if (stranger.status !== absent.status || stranger.status < 400 || stranger.text.includes(canary))
      wrong.push(
        `${operation.name}: ${stranger.status} ${stranger.text.slice(0, 160)}, absent ${absent.status}`,
      )
  }
  console.info(`${checks} paths`)
  expect(wrong).toEqual([])
  expect(await contentsOf(world.database.sql, world.otherWorkspaceId)).toEqual(before)
}, 240_000)

test('an id of another workspace in a query or a body is as one that does not exist', async () => {
  const before = await contentsOf(world.database.sql, world.otherWorkspaceId)
  const wrong: string[] = []
  let checks = 0
  for (const operation of operations) {
    await keeper.restore()
    for (const [place, name, schema] of placesOf(operation)) {
      for (const [kind, value] of valuesFor(name, schema)) {
        const answers = []
        for (const given of [value, theirs.absent.valueOf(kind)]) {
          const path = pathWith(operation, own)
          const query = place === 'query' ? `?${name}=${encodeURIComponent(String(given))}` : ''
          const body =
            place === 'body' ? { ...bodyOf(operation, checks), [name]: given } : bodyOf(operation, checks)
          answers.push(await send(operation, { path: path + query, body }))
        }
        checks += 1
        const [stranger, absent] = answers
        if (stranger === undefined || absent === undefined) continue
        // What is unique in the whole installation (an e-mail) may be refused for being taken there.
        const leads = stranger.status < 300 && [400, 404].includes(absent.status)
        if (leads || stranger.text.includes(canary))
          wrong.push(
            `${operation.name} ${place} ${name}=${kind}: ${stranger.status} ${stranger.text.slice(0, 160)}, absent ${absent.status}`,
          )
      }
    }
  }
  console.info(`${checks} places`)
  expect(wrong).toEqual([])
  expect(await contentsOf(world.database.sql, world.otherWorkspaceId)).toEqual(before)
}, 400_000)

test('members that are not a client’s to write are not written by any operation', async () => {
  for (const operation of operations.filter(({ method }) => method !== 'GET')) {
    await keeper.restore()
    for (let round = 0; round < 3; round += 1) {
      const described = asObject(bodySchema(operation)['properties'])
      const undescribed = Object.entries(forbiddenMembers).filter(([name]) => !(name in described))
      const body = { ...Object.fromEntries(undescribed), ...bodyOf(operation, round) }
      await send(operation, { path: pathWith(operation, own), body })
    }
  }
  const { sql } = world.database
  const found: string[] = []
  for (const { table_name: table } of await workspaceTables(sql)) {
    const [row] = await sql<{ row: string }[]>`
      select t::text as row from ${sql(table)} t where t::text ~ '987654321|2001-01-01|CA0{32}' limit 1`
    if (row !== undefined) found.push(`${table}: ${row.row.slice(0, 200)}`)
  }
  expect(found).toEqual([])
  const owners = await sql`select email from users where is_owner`
  expect(owners).toEqual([{ email: 'admin@first.test' }])
}, 240_000)

function bodySchema(operation: Operation): Schema {
  return [...operation.bodies.values()][0] ?? {}
}

/** A body that fits, with ids of our own; the same for the same number. */
function bodyOf(operation: Operation, seed: number): Record<string, unknown> | null {
  if (operation.bodies.size === 0) return null
  const random = seededRandom(`${operation.name} ${seed % 7}`)
  // One value in ten would be hostile else.
  const tame = (): number => 0.1 + random() * 0.899
  return objectFor(bodySchema(operation), own.seen, tame)
}

/** Members and parameters that may name a thing. */
const names =
  /(^|_)(id|sid|lead|agent|user|hero|campaign|file|from|individual|number|user_phone|audio|aud_file|setup|number_file|assigned.*)(_id)?$/

function placesOf(operation: Operation): ['query' | 'body', string, Schema][] {
  const query = operation.parameters.filter(({ in: place, name }) => place === 'query' && names.test(name))
  const members = Object.entries(asObject(bodySchema(operation)['properties'])).filter(([name]) =>
    names.test(name),
  )
  return [
    ...query.map(({ name, schema }): ['query', string, Schema] => ['query', name, schema]),
    ...members.map(([name, schema]): ['body', string, Schema] => ['body', name, asObject(schema)]),
  ]
}

/** Heroes were there before the numbers were set apart: theirs may be that of something else of ours. */
function valuesFor(name: string, schema: Schema): Furniture['values'] {
  return theirs.values.filter(
    ([kind, given]) => mayBe(schema, given) && (kind !== 'hero' || name.includes('hero')),
  )
}

/** Whether the schema may take such a value at all: the others are refused before anybody is looked up. */
function mayBe(schema: Schema, value: string | number): boolean {
  const text = JSON.stringify(schema)
  if (typeof value === 'number') return /"(integer|number|string)"/.test(text) || text === '{}'
  return /"string"/.test(text) && !/"format":"uuid"/.test(text)
    ? true
    : /uuid/.test(text) && /^[\da-f-]{36}$/.test(value)
}

function asObject(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function workspaceTables(sql: Sql): Promise<{ table_name: string }[]> {
  return sql<{ table_name: string }[]>`
    select c.table_name from information_schema.columns c
      join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and c.column_name = 'workspace_id' and t.table_type = 'BASE TABLE' order by 1`
}

/** Every row of a workspace, as one line a table. */
async function contentsOf(sql: Sql, workspaceId: number): Promise<Record<string, string>> {
  const contents: Record<string, string> = {}
  for (const { table_name: table } of await workspaceTables(sql)) {
    const [row] = await sql<{ rows: string | null }[]>`
      select string_agg(t::text, '\n' order by t::text) as rows from ${sql(table)} t where workspace_id = ${workspaceId}`
    contents[table] = row?.rows ?? ''
  }
  return contents
}
