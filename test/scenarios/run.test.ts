import { afterEach, expect, test } from 'vitest'
import { beginCampaign, fictionalNumbers, runState, statuses } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'

let world: World
afterEach(() => world.close())

test('a run calls every number exactly once and ends', async () => {
  world = await createWorld()
  const numbers = fictionalNumbers(300)
  const { campaignId, runId } = await beginCampaign(world, numbers)
  await eventually('the run is completed', async () => (await runState(world.sql, runId)) === 'completed')
  expect(await statuses(world.sql, campaignId)).toEqual({ completed: 300 })
})
