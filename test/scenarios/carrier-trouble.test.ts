import { afterEach, expect, test } from 'vitest'
import { NO_FAULTS, type FaultSettings } from '../../simulator/faults.ts'
import { PROFILES } from '../../simulator/profile.ts'
import { beginCampaign, fictionalNumbers, statuses } from '../campaign.ts'
import { createWorld, eventually, type World, type WorldOptions } from '../world.ts'
import { completed, expectPromiseKept, ledgerEntries, quiet, verdict } from './verdict.ts'

let world: World
afterEach(() => world.close())

/** The phone rings until it is given up: nobody hears the message, so only webhooks and lists tell of the call. */
const nobodyIsThere = {
  ...PROFILES['all-answer'],
  outcomes: { completed: 0, hung_up: 0, no_answer: 1, busy: 0, failed: 0 },
}

function faulty(faults: Partial<FaultSettings>, options: WorldOptions = {}): Promise<World> {
  return createWorld({ ...options, carrier: { ...options.carrier, faults } })
}

test('under the policy to hold, a list that lags for ever makes nobody be called twice', async () => {
  world = await faulty(
    { percent: { 'reset-after': 50, 'callbacks-lost': 100 }, listLagSeconds: 3_600 },
    { unknownAfterMs: 500, settings: { unknownPolicy: 'hold' }, carrier: { profile: nobodyIsThere } },
  )
  const numbers = fictionalNumbers(40)
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  await quiet(world)
  const { ledger, findings } = await verdict(world, [{ run, numbers }])
  expect(ledger).toHaveLength(40)
  // What is held is not known to be at the carrier: the two disagree about it, and about nothing else.
  expect(findings.filter(({ rule }) => rule !== 'sid' && rule !== 'outcome')).toEqual([])
  const counts = await statuses(world.sql, run.campaignId)
  expect(counts['failed']).toBeGreaterThan(5)
  expect((counts['failed'] ?? 0) + (counts['unanswered'] ?? 0)).toBe(40)
})

test('beyond the assumed time a second call is not silent: the audit names it', async () => {
  world = await faulty(
    {
      percent: { 'reset-after': 100, 'callbacks-delayed': 100 },
      callbackDelayMs: [2_500, 2_500],
      listLagSeconds: 60,
    },
    { unknownAfterMs: 300, carrier: { profile: nobodyIsThere, speed: 20 } },
  )
  const numbers = fictionalNumbers(2)
  await beginCampaign(world, numbers)
  await eventually(
    'a stray is known',
    async () => (await world.sql`select 1 from stray_calls limit 1`).length > 0,
  )
  world.phones.faults.set({ ...NO_FAULTS })
  await quiet(world)
  const { findings } = await verdict(world, [])
  expect(findings.some(({ rule }) => rule === 'stray')).toBe(true)
})

test('429: nobody asks again before the time the carrier named, and everybody is called once', async () => {
  world = await faulty({ percent: { '429': 8 }, retryAfterSeconds: [1, 2] }, { callsPerSecond: 200 })
  const numbers = fictionalNumbers(40)
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }])).toHaveLength(40)
  const entries = (await ledgerEntries(world)).filter(
    (one) => one.event === 'accepted' || one.event === 'refused',
  )
  const refused = entries.filter((one) => one.event === 'refused')
  expect(refused.length).toBeGreaterThan(0)
  for (const { at } of refused) {
    const from = Date.parse(at)
    // What was on its way when the answer came cannot be taken back.
    const early = entries.filter((one) => Date.parse(one.at) > from + 300 && Date.parse(one.at) < from + 900)
    expect(early.map((one) => [at, one.at, one.event])).toEqual([])
  }
})

test('wrong credentials: five requests at most, then a rest, then everything goes on', async () => {
  world = await faulty({ percent: { unauthorized: 100 } })
  const numbers = fictionalNumbers(50)
  const run = await beginCampaign(world, numbers)
  const refusals = async () => (await ledgerEntries(world)).filter((one) => one.event === 'refused').length
  await eventually('the carrier refused', async () => (await refusals()) > 0)
  await eventually('the account rests', async () => {
    const [row] = await world.sql<{ blocked: boolean }[]>`
      select blocked_until > clock_timestamp() + interval '3 seconds' as blocked from carrier_accounts`
    return row?.blocked === true
  })
  expect(await refusals()).toBeLessThanOrEqual(5)
  world.phones.faults.set({ ...NO_FAULTS })
  await completed(world, run)
  expect(await refusals()).toBeLessThanOrEqual(5)
  await expectPromiseKept(world, [{ run, numbers }])
})

test('a carrier that is away is asked once a second, and everything goes on when it is back', async () => {
  world = await createWorld()
  const numbers = fictionalNumbers(100)
  world.phones.refuseConnections(3)
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers }])
  expect(ledger).toHaveLength(100)
  const [row] = await world.sql<{ given: number }[]>`
    select count(*)::int as given from calls where phase = 'void' and reason like 'not_sent%'`
  expect(row?.given).toBeLessThan(12)
})

test('a number the carrier refuses fails once, and the others are called', async () => {
  world = await createWorld()
  const numbers = [...fictionalNumbers(20), '+12025550104', '+12025550105']
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers: fictionalNumbers(20) }])
  expect(ledger).toHaveLength(20)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 20, failed: 2 })
})

test('busy, unanswered, failed and hung up calls end as the carrier says', async () => {
  world = await createWorld({ carrier: { profile: 'default' } })
  const numbers = fictionalNumbers(100)
  const run = await beginCampaign(world, numbers, { message: 'A message of some length. '.repeat(20) })
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }])
  const counts = await statuses(world.sql, run.campaignId)
  for (const status of ['completed', 'unanswered', 'failed', 'hungup'])
    expect(counts[status]).toBeGreaterThan(0)
})
