/** Agreed calls whose time has come: both phones are rung, meet in a conference, and what came of it is recorded and told. */
import { afterEach, expect, test } from 'vitest'
import { createSimulatedPayments } from '../../src/accounts/simulated-payments.ts'
import { createRequestLoop, type RequestLoop } from '../../src/call-requests/request-loop.ts'
import { silentLog } from '../../src/log.ts'
import { parseFaultSettings } from '../../simulator/fault-settings.ts'
import { addAgreedRequest, type AgreedParties } from '../agreed-request.ts'
import { createWorld, eventually, type World, type WorldOptions } from '../world.ts'
import { ledgerEntries, quiet, verdict } from './verdict.ts'

let world: World
let loops: RequestLoop[] = []
afterEach(async () => {
  for (const loop of loops.splice(0)) await loop.stop()
  await world.close()
})

/** The minute has come for two people with these phones. */
async function agree(phones: AgreedParties, options: WorldOptions = {}): Promise<number> {
  // Slow enough that the one who waits in the room is not out of time before the other one is there.
  world = await createWorld({ carrier: { speed: 50 }, ...options })
  const { sql, workspaceId, clock } = world
  const now = clock.now()
  const id = await addAgreedRequest(sql, { workspaceId, phones, at: now, now })
  loops = [newLoop(), newLoop()]
  for (const loop of loops) loop.start()
  return id
}

function newLoop(): RequestLoop {
  const { sql, clock, queueText, dialer, carrier, phones, references } = world
  return createRequestLoop({
    sql,
    clock,
    log: silentLog,
    queueText,
    callerIds: async () => ({ owned: [], verified: [], chosen: phones.defaultNumber }),
    carrierAccountId: dialer.carrierAccountId,
    carrier,
    roomName: references.roomName,
    writer: dialer.writer,
    payments: createSimulatedPayments(),
  })
}

type Row = { status: string; outcome: string | null; reason: string | null; joined_at: Date | null }
async function stateOf(id: number): Promise<Row> {
  const [row] = await world.sql<Row[]>`
    select status, outcome, outcome_reason as reason, joined_at from call_requests where id = ${id}`
  if (row === undefined) throw new Error('the request is gone')
  return row
}
const settled = (id: number) =>
  eventually('it has an outcome', async () => (await stateOf(id)).outcome !== null, 30_000)

async function rung(): Promise<string[]> {
  const { ledger, findings } = await verdict(world, [])
  expect(findings).toEqual([])
  return ledger.map((call) => call.to)
}

const texts = () => world.sql<{ to: string; body: string }[]>`
  select to_number as to, body from texts order by to_number limit 10`

const hero = '+13125550142'
const user = '+13125550143'

test('the hero is rung, then the user, each once, and both are in one conference before the request is held', async () => {
  const id = await agree({ hero, user })
  await settled(id)
  await quiet(world)
  expect(await stateOf(id)).toMatchObject({ status: 's', outcome: 'held' })
  expect(await rung()).toEqual([hero, user])
  const { ledger } = await verdict(world, [])
  expect(ledger.map(({ heard }) => heard[0]?.text)).toEqual([
    'This is your call with Some. You have 15 minutes. One moment please, we are calling.',
    'This is your call with Tom. You have 15 minutes. You are connected now.',
  ])
  // The room has a name that no other workspace or installation can come to.
  const opened = (await ledgerEntries(world)).filter((entry) => entry.event === 'conference-opened')
  expect(opened).toHaveLength(1)
  expect(opened[0]).toMatchObject({ name: expect.stringMatching(/^request-\d+-1-[\w-]{22}$/) })
  const visits = await world.sql`select left_at is not null as gone from room_visits limit 10`
  await eventually('both have left', async () => visits.length === 2)
  expect(await texts()).toEqual([])
})

test('when every word of the carrier is lost, both are found in its list of participants', async () => {
  const faults = parseFaultSettings({ percent: { 'callbacks-lost': 100 } })
  const id = await agree({ hero: '+12025550114', user }, { carrier: { speed: 5, faults } })
  await eventually('both have answered', async () => {
    const rows = await world.sql`select from calls where started_at is not null and phase = 'open'`
    return rows.length === 2
  })
  await world.clock.advance(10_000)
  await settled(id)
  expect(await stateOf(id)).toMatchObject({ status: 's', outcome: 'held' })
  expect(await world.sql`select from room_visits limit 10`).toHaveLength(0)
})

test.each([
  ['hero', '+12025550102', 'hero_missed', 'no_answer'],
  ['user', '+12025550102', 'user_missed', 'no_answer'],
  ['user', '+12025550103', 'user_missed', 'busy'],
  ['hero', '+12025550104', 'failed', 'failed'],
  ['user', '+12025550104', 'failed', 'failed'],
] as const)(
  'a %s at %s is %s: recorded, and the other one is told',
  async (absent, phone, outcome, reason) => {
    const parties = { hero, user, [absent]: phone }
    const id = await agree(parties)
    await settled(id)
    expect(await stateOf(id)).toEqual({ status: 'a', outcome, reason, joined_at: null })
    const told = absent === 'hero' ? user : hero
    const name = absent === 'hero' ? 'Tom' : 'Some'
    const body = `${name} could not be reached for your call. Suggest new times when it suits you.`
    expect(await texts()).toEqual([{ to: told, body }])
    // A hero who waits on the line hears it, too.
    if (absent === 'user')
      await eventually('the hero heard it', async () => {
        const { ledger } = await verdict(world, [])
        return ledger[0]?.heard.at(-1)?.text === body
      })
    await world.clock.advance(60_000)
    await quiet(world)
    expect((await rung()).filter((to) => to === told)).toHaveLength(absent === 'hero' ? 0 : 1)
  },
)

test('a hero who hangs up before the user is there ends the ringing, and the user is told', async () => {
  const id = await agree({ hero: '+12025550101', user: '+12025550109' }, { carrier: { speed: 10 } })
  await settled(id)
  expect(await stateOf(id)).toMatchObject({ status: 'a', outcome: 'failed', reason: 'hero_left' })
  expect(await texts()).toEqual([
    { to: '+12025550109', body: expect.stringContaining('could not be reached') },
  ])
  await quiet(world)
  const { ledger } = await verdict(world, [])
  // Whether the user's phone rang by then is chance; that it rings on is not.
  const [first, ...others] = ledger.map(({ status }) => status)
  expect(first).toBe('completed')
  expect(others.every((status) => status === 'canceled')).toBe(true)
})

test('a joined call is ended after its length and the grace', async () => {
  const id = await agree({ hero, user }, { carrier: { speed: 4 } })
  await settled(id)
  expect(await stateOf(id)).toMatchObject({ status: 's' })
  await world.clock.advance(16.5 * 60_000)
  expect(world.phones.openCalls()).toBe(2)
  await world.clock.advance(60_000)
  await quiet(world)
  const { ledger } = await verdict(world, [])
  expect(ledger.map(({ reason }) => reason)).toContain('the account ended the call')
  for (const call of ledger) expect(call.durationSeconds).toBeLessThan(36)
})
