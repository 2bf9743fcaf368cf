import { afterEach, expect, test } from 'vitest'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { audit } from '../../src/dialer/audit.ts'
import { beginCampaign, fictionalNumbers, statuses } from '../campaign.ts'
import { judgeTextLedger, ownTexts, queueTexts } from '../texts.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed } from './verdict.ts'

let world: World
afterEach(() => world.close())

async function expectSound(people: readonly string[]): Promise<void> {
  const ledger = await ledgerTexts(world.ledgerPath)
  const own = await ownTexts(world.sql)
  expect(judgeTextLedger({ ledger, own, people, references: world.textReferences })).toEqual([])
  expect((await audit(world.sql, world.clock.now())).findings).toEqual([])
}

test('a campaign of texts texts everybody once and is completed, and calls nobody', async () => {
  world = await createWorld()
  const numbers = fictionalNumbers(100)
  const run = await beginCampaign(world, numbers, { service: 'SMS', message: 'Your parcel is here.' })
  await completed(world, run, 90_000)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 100 })
  await expectSound(numbers)
  expect(await world.sql`select from calls`).toHaveLength(0)
})

test('a campaign of texts says of each number how it ended and what it cost', async () => {
  world = await createWorld()
  const numbers = ['+12025550130', '+12025550131', '+12025550104']
  const message = 'न'.repeat(100)
  const run = await beginCampaign(world, numbers, { service: 'SMS', message })
  await completed(world, run, 90_000)
  const rows = await world.sql`
    select e164, status, reason, attempts, credit_consumed from campaign_numbers order by e164`
  expect(rows).toEqual([
    { e164: '+12025550104', status: 'failed', reason: 'carrier_21211', attempts: 1, credit_consumed: 0 },
    { e164: '+12025550130', status: 'completed', reason: null, attempts: 1, credit_consumed: 2 },
    { e164: '+12025550131', status: 'failed', reason: 'carrier_30003', attempts: 1, credit_consumed: 2 },
  ])
  expect((await audit(world.sql, world.clock.now())).findings).toEqual([])
})

test('everybody is texted once although two senders share the run and the carrier answers badly', async () => {
  world = await createWorld({
    unknownAfterMs: 2_000,
    carrier: {
      faults: {
        percent: { 'reset-after': 10, '500-without': 5, '429': 2, 'callbacks-lost': 30 },
        retryAfterSeconds: [1, 1],
      },
    },
  })
  const other = await world.anotherDialer()
  await other.start()
  const numbers = fictionalNumbers(150)
  const run = await beginCampaign(world, numbers, { service: 'SMS' })
  await completed(world, run, 100_000)
  await expectSound(numbers)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 150 })
})

test('a run of texts that is stopped sends nothing more', async () => {
  world = await createWorld({ callsPerSecond: 20 })
  const numbers = fictionalNumbers(200)
  const run = await beginCampaign(world, numbers, { service: 'SMS' })
  await eventually('some were sent', async () => (await ledgerTexts(world.ledgerPath)).length >= 10)
  const stoppedAt = world.clock.now()
  await world.sql`update runs set state = 'stopped', ended_at = ${stoppedAt} where id = ${run.runId}`
  await eventually('the rest is terminated', async () => {
    const now = await statuses(world.sql, run.campaignId)
    return (now.completed ?? 0) + (now.terminated ?? 0) === 200
  })
  const late = (await ledgerTexts(world.ledgerPath)).filter(
    (text) => text.acceptedAt.getTime() > stoppedAt.getTime() + 1_000,
  )
  expect(late).toEqual([])
  await expectSound([])
})

test('a code does not wait for a campaign that uses up the whole rate, and the rate holds over time', async () => {
  world = await createWorld({ callsPerSecond: 2 })
  const numbers = fictionalNumbers(500)
  await beginCampaign(world, numbers, { service: 'SMS' })
  await beginCampaign(world, fictionalNumbers(500, 213))
  await eventually(
    'the campaigns use the rate',
    async () => (await ledgerTexts(world.ledgerPath)).length >= 1,
  )
  const startedMs = Date.now()
  for (let index = 0; index < 4; index += 1) {
    const to = `+1214555010${index}`
    const before = (await ledgerTexts(world.ledgerPath)).length
    await queueTexts(world, [{ to, kind: 'otp', lane: 'otp' }])
    await eventually('the code is at the carrier', async () =>
      (await ledgerTexts(world.ledgerPath)).some((text) => text.to === to),
    )
    // A thousand are before it; those whose slots were taken already may still go first.
    const place = (await ledgerTexts(world.ledgerPath)).findIndex((text) => text.to === to)
    expect(place - before).toBeLessThan(10)
    await eventually(
      'the campaigns went on',
      async () => (await ledgerTexts(world.ledgerPath)).length > before + 2,
    )
  }
  const [row] = await world.sql<{ made: number }[]>`
    select (select count(*) from texts where intended_at is not null)::int
         + (select count(*) from calls where intended_at is not null)::int as made`
  const seconds = (Date.now() - startedMs) / 1_000
  // Codes may be ahead of the rate by ten sends; over the time of this test no more than that.
  expect(row?.made).toBeLessThan(2 * (seconds + 3) + 10)
})
