import { afterEach, beforeEach, expect, test } from 'vitest'
import { beginCampaign, fictionalNumbers } from '../../test/campaign.ts'
import { completed, quiet } from '../../test/scenarios/verdict.ts'
import { createWorld, type World } from '../../test/world.ts'
import { audit } from './audit.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
  const run = await beginCampaign(world, fictionalNumbers(20))
  await completed(world, run)
  await quiet(world)
})
afterEach(() => world.close())

const found = async () => {
  const { findings } = await audit(world.sql, world.clock.now())
  return [...new Set(findings.map((finding) => finding.rule))].sort()
}

test('the audit reads everything, and finds each thing that is made wrong', async () => {
  const { counts, findings } = await audit(world.sql, world.clock.now())
  expect(counts).toMatchObject({ runs: 1, numbers: 20, texts: 0 })
  // On a machine that is busy an attempt may be given back and made again.
  expect(counts.calls).toBeGreaterThanOrEqual(20)
  expect(findings).toEqual([])

  const { sql } = world
  await sql`update totals set count = count + 1 where campaign_id = 0 and subject = 'call' and state = 'completed'`
  expect(await found()).toEqual(['sums'])
  await sql`update totals set count = count - 1 where campaign_id = 0 and subject = 'call' and state = 'completed'`

  await sql`update call_events set sequence = 30 where sequence = 2 and call_id = (select min(id::text)::uuid from calls)`
  expect(await found()).toEqual(['history'])
  await sql`update call_events set sequence = 2 where sequence = 30`

  await sql`update campaign_numbers set attempts = 2 where id = (select min(id) from campaign_numbers)`
  expect(await found()).toEqual(['number_status'])
  await sql`update campaign_numbers set attempts = 1`

  await sql`update runs set ended_at = started_at - interval '1 hour'`
  expect(await found()).toEqual(['after_stop'])
  await sql`update runs set ended_at = null`

  await sql`
    insert into do_not_call (workspace_id, number, created_at)
    select workspace_id, to_number, created_at - interval '1 hour' from calls limit 1`
  expect(await found()).toEqual(['not_allowed'])
  await sql`delete from do_not_call`

  await sql`insert into stray_calls (workspace_id, call_id, carrier_sid) select workspace_id, id, 'CAx' from calls limit 1`
  expect(await found()).toEqual(['stray'])
  await sql`delete from stray_calls`

  await sql`drop index calls_by_carrier_sid`
  await sql`update calls set carrier_sid = (select min(carrier_sid) from calls)`
  expect(await found()).toEqual(['twice'])
})

test('numbers that lost their calls are lost', async () => {
  await world.sql`update campaign_numbers set status = 'calling' where id = (select min(id) from campaign_numbers)`
  expect(await found()).toContain('lost')
})
