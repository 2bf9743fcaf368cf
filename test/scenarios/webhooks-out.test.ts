import { afterEach, expect, test } from 'vitest'
import { uuidV7 } from '../../src/random.ts'
import { beginCampaign, fictionalNumbers, runState } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'

let world: World
afterEach(() => world.close())

/** What the endpoint is told, in the order in which it was written. */
async function told(id: string) {
  const rows = await world.sql<{ kind: string; body: string }[]>`
    select kind, body from webhook_deliveries where endpoint_id = ${id} order by id`
  return rows.map(({ kind, body }) => ({ kind, ...JSON.parse(body) }))
}

async function listen(kinds: string[]): Promise<string> {
  const [id, now] = [uuidV7(Date.now()), world.clock.now()]
  await world.sql`
    insert into webhook_endpoints (workspace_id, id, url, kinds, created_at)
    values (${world.workspaceId}, ${id}, 'https://example.com/', ${kinds}, ${now})`
  return id
}

test('every call of a run that ended is told once, however many end together, and so is the run', async () => {
  world = await createWorld({ carrier: { profile: 'default' } })
  const id = await listen(['call.ended', 'campaign.changed'])
  const { campaignId, runId } = await beginCampaign(world, fictionalNumbers(200))
  await eventually('the run is completed', async () => (await runState(world.sql, runId)) === 'completed')
  const all = await told(id)
  const ended = await world.sql<{ id: string; state: string }[]>`
    select id, state from calls where campaign_id = ${campaignId} and state <> 'not_placed' order by id`
  const calls = all.filter(({ kind }) => kind === 'call.ended').map(({ data }) => data)
  expect(
    calls
      .map(({ call_id: callId, state }) => ({ id: callId, state }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  ).toEqual(ended.map(({ id: callId, state }) => ({ id: callId, state })))
  expect(all.at(-1)).toMatchObject({
    type: 'campaign.changed',
    data: { campaign_id: campaignId, status: 'Completed' },
  })
})

test('every text that ended is told once', async () => {
  world = await createWorld()
  const id = await listen(['text.ended'])
  const { runId } = await beginCampaign(world, fictionalNumbers(60), { service: 'SMS' })
  await eventually('the run is completed', async () => (await runState(world.sql, runId)) === 'completed')
  const numbers = (await told(id)).map(({ data }) => data.to_number)
  expect(numbers.toSorted()).toEqual(fictionalNumbers(60).toSorted())
})
