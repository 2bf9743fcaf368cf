import { afterEach, expect, test } from 'vitest'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { defaultSettings } from '../../src/accounts/settings.ts'
import { readCredits } from '../../src/credits/credit-store.ts'
import { audit } from '../../src/dialer/audit.ts'
import { beginCampaign, fictionalNumbers, statuses, type TestRun } from '../campaign.ts'
import { queueTexts } from '../texts.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed } from './verdict.ts'

let world: World
afterEach(() => world.close())

async function reasons({ campaignId }: TestRun): Promise<Record<string, number>> {
  const rows = await world.sql<{ reason: string; count: number }[]>`
    select reason, count(*)::int as count from campaign_numbers
     where campaign_id = ${campaignId} and reason is not null group by reason`
  return Object.fromEntries(rows.map((row) => [row.reason, row.count]))
}

/** Used as said, nothing on hold any more, and the ledger adds up to the same. */
async function expectSpent(used: number): Promise<void> {
  await eventually('nothing is on hold', async () => (await world.sql`select from credit_holds`).length === 0)
  expect(await readCredits(world.sql, world.workspaceId)).toEqual({ used, held: 0 })
  const [sums] = await world.sql<{ used: number; held: number }[]>`
    select coalesce(sum(used), 0)::bigint as used, coalesce(sum(held), 0)::bigint as held from credit_entries`
  expect(sums).toEqual({ used, held: 0 })
  expect((await audit(world.sql, world.clock.now())).findings).toEqual([])
}

test('a run is dialed as far as its credit goes; the other numbers have their reason, and nobody rings there', async () => {
  world = await createWorld({ settings: { creditLimit: 5 } })
  const other = await world.anotherDialer()
  await other.start()
  const run = await beginCampaign(world, fictionalNumbers(40))
  await completed(world, run, 90_000)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 5, skipped: 35 })
  expect(await reasons(run)).toEqual({ no_credit: 35 })
  expect(await ledgerCalls(world.ledgerPath)).toHaveLength(5)
  await expectSpent(5)
})

test('ten runs at once spend what there is, whichever of them gets it', async () => {
  world = await createWorld({ settings: { creditLimit: 12 } })
  const runs = []
  for (let index = 0; index < 10; index += 1)
    runs.push(await beginCampaign(world, fictionalNumbers(4, 212 + index)))
  for (const run of runs) await completed(world, run, 90_000)
  expect(await ledgerCalls(world.ledgerPath)).toHaveLength(12)
  await expectSpent(12)
})

test('texts of a run and single ones are sent as far as the credit goes, by the prices of their countries', async () => {
  const creditPrices = { ...defaultSettings.creditPrices, NP: { text: 3 } }
  world = await createWorld({ settings: { creditLimit: 10, creditPrices } })
  const run = await beginCampaign(world, ['+9779841000001', '+9779841000002', '+12125550001'], {
    service: 'SMS',
    message: 'न'.repeat(71),
  })
  await completed(world, run, 90_000)
  // Two segments each: six credits in Nepal, so that the second one there finds four.
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 2, skipped: 1 })
  await expectSpent(8)
  const ids = await queueTexts(
    world,
    fictionalNumbers(6, 305).map((to) => ({ to })),
  )
  await eventually('no text waits', async () => {
    return (
      (await world.sql`select from texts where phase in ('waiting', 'open', 'sent') limit 1`).length === 0
    )
  })
  const dropped = await world.sql`select from texts where state = 'canceled' and reason = 'no_credit'`
  expect(dropped).toHaveLength(ids.length - 2)
  expect(await ledgerTexts(world.ledgerPath)).toHaveLength(4)
  await expectSpent(10)
})

test('what was held at begin pays for the run, although others use up the rest', async () => {
  world = await createWorld({ settings: { creditLimit: 10 }, dialing: false })
  const first = await beginCampaign(world, fictionalNumbers(6))
  const { workspaceId, sql } = world
  const prices = JSON.stringify(defaultSettings.creditPrices)
  await sql`insert into credit_accounts (workspace_id, held) values (${workspaceId}, 6)`
  await sql`insert into credit_holds (workspace_id, kind, subject, held, prices, created_at)
            values (${workspaceId}, 'run', ${String(first.runId)}, 6, ${prices}::text::jsonb, now())`
  await sql`insert into credit_entries (workspace_id, at, entry, kind, subject, used, held)
            values (${workspaceId}, now(), 'hold', 'run', ${String(first.runId)}, 0, 6)`
  const second = await beginCampaign(world, fictionalNumbers(20, 305))
  await world.dialer.start()
  await completed(world, first, 90_000)
  await completed(world, second, 90_000)
  expect(await statuses(sql, first.campaignId)).toEqual({ completed: 6 })
  expect(await statuses(sql, second.campaignId)).toEqual({ completed: 4, skipped: 16 })
  await expectSpent(10)
})
