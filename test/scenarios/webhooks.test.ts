import { afterEach, expect, test } from 'vitest'
import type { FaultSettings } from '../../simulator/faults.ts'
import { beginCampaign, fictionalNumbers, statuses } from '../campaign.ts'
import { createWorld, type World } from '../world.ts'
import { completed, expectPromiseKept } from './verdict.ts'

let world: World
afterEach(() => world.close())

const numbers = fictionalNumbers(60)

async function everybodyOnce(faults: Partial<FaultSettings>) {
  world = await createWorld({ carrier: { faults } })
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  await expectPromiseKept(world, [{ run, numbers }])
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: numbers.length })
}

test('all webhooks lost: every call ends as the carrier says', async () => {
  await everybodyOnce({ percent: { 'callbacks-lost': 100 } })
})

test('a third of the webhooks lost: every call ends as the carrier says', async () => {
  await everybodyOnce({ percent: { 'callbacks-lost': 33 } })
})

test('all webhooks twice: every call ends once', async () => {
  await everybodyOnce({ percent: { 'callbacks-doubled': 100 } })
})

test('all webhooks out of order: every call ends as the carrier says', async () => {
  await everybodyOnce({ percent: { 'callbacks-shuffled': 100 } })
})

test('all webhooks late: every call ends as the carrier says', async () => {
  await everybodyOnce({ percent: { 'callbacks-delayed': 100 }, callbackDelayMs: [200, 3_000] })
})

test('a forged webhook before each real one changes nothing', async () => {
  await everybodyOnce({ percent: { 'callbacks-forged': 100 } })
})

test('everything at once: lost, doubled, shuffled, late and forged', async () => {
  const percent = {
    'callbacks-lost': 20,
    'callbacks-doubled': 30,
    'callbacks-shuffled': 30,
    'callbacks-delayed': 30,
    'callbacks-forged': 20,
  }
  await everybodyOnce({ percent, callbackDelayMs: [50, 1_500] })
})
