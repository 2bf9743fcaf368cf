/** A restored database: what the carrier did since the backup is found, and those it reached are not reached again. */
import { afterEach, expect, test } from 'vitest'
import { audit } from '../../src/dialer/audit.ts'
import { releaseHold, holdAccount } from '../../src/dialer/restore-store.ts'
import { sweep } from '../../src/dialer/restore-sweep.ts'
import { dialChannel } from '../../src/dialer/dialer.ts'
import { createBodyHash } from '../../src/messages/body-hash.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { beginCampaign, fictionalNumbers, statuses } from '../campaign.ts'
import { queueTexts } from '../texts.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed } from './verdict.ts'

let world: World
afterEach(() => world.close())

const from = '+18005550100'
const hold = {
  since: new Date(),
  from: new Date(Date.now() - 60_000),
  sweptAt: null,
  unknownCalls: 0,
  setAside: 0,
}

/** As the server that was lost did, whose rows the backup does not have. */
async function reachByTheLostServer(
  numbers: readonly string[],
  texts: readonly { to: string; body: string }[],
) {
  for (const to of numbers)
    await world.carrier.place(
      {
        to,
        from,
        instructions: { twiml: '<Response><Say>Hello</Say></Response>' },
        statusCallbackUrl: `${world.origin}/hooks/voice/of-the-lost-server/status`,
        ringTimeoutSeconds: 30,
      },
      () => true,
    )
  for (const { to, body } of texts)
    await world.carrier.sendText({ to, from, body, statusCallbackUrl: `${world.origin}/x` }, () => true)
}

test('numbers, calls and texts that were reached since the backup are set aside; the others are dialed after the release', async () => {
  world = await createWorld()
  const { sql, dialer } = world
  await holdAccount(sql, dialer.carrierAccountId)
  const people = fictionalNumbers(12)
  const reached = people.slice(0, 5)
  const run = await beginCampaign(world, people)
  const bodies = [
    { to: '+12125559001', body: 'Your parcel is here.' },
    { to: '+12125559002', body: 'Your parcel is here.' },
  ]
  await queueTexts(world, bodies)
  await reachByTheLostServer(reached, bodies.slice(0, 1))
  await sql`update installation set held_since = clock_timestamp()`

  const deps = { sql, clock: world.clock, carrier: world.carrier, dialer }
  const hashBody = createBodyHash('a-secret-key-that-only-tests-have-000')
  expect(await sweep({ ...deps, hashBody }, hold)).toEqual({ unknown: 6, setAside: 6 })
  const told = await statuses(sql, run.campaignId)
  expect(told).toMatchObject({ skipped: 5 })

  await releaseHold(sql, [dialChannel])
  await completed(world, run)
  const textsTo = async (to: string) =>
    (await ledgerTexts(world.ledgerPath)).filter((text) => text.to === to).length
  await eventually('the other text is out', async () => (await textsTo('+12125559002')) === 1)
  expect(await textsTo('+12125559001')).toBe(1)
  const times = new Map<string, number>()
  for (const { to } of await ledgerCalls(world.ledgerPath)) times.set(to, (times.get(to) ?? 0) + 1)
  expect(people.map((number) => times.get(number))).toEqual(people.map(() => 1))
  expect((await audit(sql, new Date())).findings).toEqual([])
})
