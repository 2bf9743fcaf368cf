import { afterEach, expect, test } from 'vitest'
import type { FaultSettings } from '../../simulator/faults.ts'
import { beginCampaign, fictionalNumbers, statuses } from '../campaign.ts'
import { createWorld, type World, type WorldOptions } from '../world.ts'
import { completed, expectPromiseKept } from './verdict.ts'

let world: World
afterEach(() => world.close())

function faulty(faults: Partial<FaultSettings>, options: WorldOptions = {}): Promise<World> {
  return createWorld({ ...options, carrier: { ...options.carrier, faults } })
}

type Case = { fault: string; faults: Partial<FaultSettings>; people: number; unknownAfterMs?: number }

const cases: Case[] = [
  {
    fault: 'accepted, then silent: nobody is called again',
    faults: { percent: { 'accept-then-silent': 30 } },
    people: 60,
  },
  {
    fault: 'the connection is reset after the call was accepted: nobody is called again',
    faults: { percent: { 'reset-after': 30 } },
    people: 100,
  },
  {
    fault: 'the connection is reset before the call was accepted: everybody is called in the end',
    faults: { percent: { 'reset-before': 20 } },
    people: 40,
    unknownAfterMs: 1_000,
  },
  {
    fault: 'a server error after the call was accepted: nobody is called again',
    faults: { percent: { '500-with-acceptance': 30 } },
    people: 100,
  },
  {
    fault: 'a server error before the call was accepted: everybody is called in the end',
    faults: { percent: { '500-without': 20 } },
    people: 40,
    unknownAfterMs: 1_000,
  },
  {
    fault: 'half of the server errors accepted the call and half did not: everybody is called once',
    faults: { percent: { '500-without': 15, '500-with-acceptance': 15 } },
    people: 80,
    unknownAfterMs: 1_000,
  },
  {
    fault: 'an answer 201 that means nothing: nobody is called again',
    faults: { percent: { 'garbage-201': 40 } },
    people: 80,
    unknownAfterMs: 6_000,
  },
  {
    fault: 'an answer 201 that means nothing, and no webhook either: nobody is called again',
    faults: { percent: { 'garbage-201': 40, 'callbacks-lost': 100 } },
    people: 60,
    unknownAfterMs: 6_000,
  },
  {
    fault: 'a redirect is not followed: everybody is called in the end',
    faults: { percent: { redirect: 25 } },
    people: 40,
    unknownAfterMs: 1_000,
  },
  {
    fault: 'an answer without end: nobody is called again',
    faults: { percent: { 'endless-answer': 20 } },
    people: 40,
  },
  {
    fault: 'the webhook comes before the answer: nobody is called again',
    faults: { percent: { 'callback-before-answer': 100 } },
    people: 100,
  },
  {
    fault: 'a list that lags less than the assumed time hides nobody long enough to be called again',
    faults: { percent: { 'reset-after': 50, 'callbacks-lost': 100 }, listLagSeconds: 2 },
    people: 40,
    unknownAfterMs: 4_000,
  },
]

test.each(cases)('$fault', async ({ faults, people, unknownAfterMs = 3_000 }) => {
  world = await faulty(faults, { unknownAfterMs })
  const numbers = fictionalNumbers(people)
  const run = await beginCampaign(world, numbers)
  await completed(world, run)
  expect(await expectPromiseKept(world, [{ run, numbers }])).toHaveLength(people)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: people })
})
