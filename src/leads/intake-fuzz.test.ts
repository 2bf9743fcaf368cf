/** Bodies nobody would write on purpose. FUZZ_INTAKE says how many; a run of the suite takes some of them. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const count = Number(process.env['FUZZ_INTAKE'] ?? 400)

const names = [
  'user',
  'dialer_user_id',
  'agent_username',
  'lead_id',
  'phone',
  'phone_number',
  'phone_code',
  'full_name',
  'first_name',
  'email',
  'notes',
  'comments',
  'status',
  'dispo',
  'uniqueid',
  'session_id',
  'date_of_birth',
  'SQLdate',
  'pass',
  'USER',
  '__proto__',
  'constructor',
  'unknown',
  '',
]
const odd = fc.constantFrom<unknown>(
  null,
  '',
  '0000-00-00',
  '\0',
  '\ud800',
  '=1+1',
  '+9779841000000',
  'agent1',
  'U',
  1e308,
  -0,
  Number.MAX_SAFE_INTEGER,
  true,
  [],
  {},
  [['a']],
  { user: 'agent1' },
  'x'.repeat(300),
  '--A--user--B--',
  '%',
  '🙂',
  '١٢٣',
)
const value = fc.oneof(
  odd,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }),
)
const members = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })), value, {
  maxKeys: 12,
})
const json = members.map((body) => ({ type: 'application/json', body: JSON.stringify(body) }))
const form = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 12 })
  .map((pairs) => ({
    type: 'application/x-www-form-urlencoded',
    body: pairs.map(([name, text]) => `${name}=${text}`).join('&'),
  }))
const bytes = fc
  .tuple(
    fc.constantFrom(
      'application/json',
      'multipart/form-data; boundary=x',
      'text/xml',
      'application/x-www-form-urlencoded',
      '',
    ),
    fc.uint8Array({ maxLength: 200 }),
  )
  .map(([type, body]) => ({ type, body: Buffer.from(body) }))
const broken = fc.tuple(json, fc.nat(60)).map(([{ type, body }, at]) => ({ type, body: body.slice(0, at) }))

/** Members that make any of the bodies above a lead that can be taken. */
const good = fc.tuple(members, fc.nat()).map(([body, index]) => ({
  body: { ...without(body), user: 'agent1', lead_id: `fuzz-${index}` },
  id: `fuzz-${index}`,
}))

test(`${count} fuzzed bodies are never a fault of ours, and none that came with a key is lost`, async () => {
  const before = await keptRows()
  let sent = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, form, bytes, broken), async ({ type, body }) => {
      sent += 1
      const answer = await world.post(body, { headers: { 'content-type': type } })
      expect([201, 400, 404, 413, 415]).toContain(answer.statusCode)
    }),
    { numRuns: count },
  )
  expect((await keptRows()) - before).toBe(sent)
}, 1_200_000)

test(`${Math.ceil(count / 4)} leads among odd members are each taken`, async () => {
  await fc.assert(
    fc.asyncProperty(good, async ({ body, id }) => {
      const answer = await world.post(body)
      expect([answer.statusCode, answer.json().lead?.dialer_lead_id]).toEqual([201, id])
    }),
    { numRuns: Math.ceil(count / 4) },
  )
}, 1_200_000)

/** Known members may be too long or no text, which is refused and kept; here everything else is odd. */
function without(body: Record<string, unknown>): Record<string, unknown> {
  const known = new Set(names.slice(0, -4).map((name) => name.toLowerCase()))
  const isKnown = (name: string) => known.has(name.toLowerCase())
  return Object.fromEntries(Object.entries(body).filter(([name]) => !isKnown(name)))
}

async function keptRows(): Promise<number> {
  const [row] = await world.database.sql<{ count: number }[]>`select count(*) as count from dialer_intake`
  return row?.count ?? 0
}
