import { afterEach, expect, test } from 'vitest'
import type { CallbackFaultName, FaultSettings } from '../../simulator/faults.ts'
import { beginCampaign, fictionalNumbers, statuses } from '../campaign.ts'
import { createWorld, type World } from '../world.ts'
import { completed, expectPromiseKept } from './verdict.ts'

let world: World
afterEach(() => world.close())

const numbers = fictionalNumbers(60)

const all = (fault: CallbackFaultName, share = 100): Partial<FaultSettings> => ({
  percent: { [fault]: share },
})
const cases: { fault: string; faults: Partial<FaultSettings> }[] = [
  { fault: 'all webhooks lost', faults: all('callbacks-lost') },
  { fault: 'a third of the webhooks lost', faults: all('callbacks-lost', 33) },
  { fault: 'all webhooks twice', faults: all('callbacks-doubled') },
  { fault: 'all webhooks out of order', faults: all('callbacks-shuffled') },
  { fault: 'all webhooks late', faults: { ...all('callbacks-delayed'), callbackDelayMs: [200, 3_000] } },
  { fault: 'a forged webhook before each real one', faults: all('callbacks-forged') },
  {
    fault: 'everything at once',
    faults: {
      percent: {
        'callbacks-lost': 20,
        'callbacks-doubled': 30,
        'callbacks-shuffled': 30,
        'callbacks-delayed': 30,
        'callbacks-forged': 20,
      },
      callbackDelayMs: [50, 1_500],
    },
  },
]

test.each(cases)('$fault: every call ends once, as the carrier says', async ({ faults }) => {
  world = await createWorld({ carrier: { faults } })
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }])).toHaveLength(numbers.length)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: numbers.length })
})
