/** What the console says while nobody is dialed, in a real browser. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPassword } from '../../src/cli/demo-workspace.ts'
import { fictionalNumbers } from '../campaign.ts'
import { begin, makeCampaign } from '../faults/client.ts'
import { openConsole, type Console } from './console.ts'

let world: Console

beforeAll(async () => {
  world = await openConsole({ SPEECH: 'carrier' })
}, 180_000)
afterAll(() => world?.close())

test('the page says that the carrier refuses the credentials, and no more when it takes them', async () => {
  const faults = async (percent: Record<string, number>) => {
    const body = JSON.stringify({ percent })
    const answer = await fetch(`${world.server.phones?.url ?? ''}/simulator/faults`, { method: 'PUT', body })
    expect(answer.status).toBe(200)
  }
  // At a full hundred the carrier refuses everything, and no run could be begun.
  await faults({ unauthorized: 99.99 })
  const page = await world.open('/live', 'admin@demo.test')
  const strip = page.getByRole('note', { name: 'Mode' })
  await strip.getByText('nothing is dialled').waitFor()
  const signedIn = await fetch(`${world.server.url}/api/token/`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'admin@demo.test', password: demoPassword }),
  })
  const { access } = (await signedIn.json()) as { access: string }
  const client = { token: access }
  const campaignId = await makeCampaign(world.server.url, client, fictionalNumbers(20))
  await begin(world.server.url, client, { campaignId })
  await strip.getByText('the carrier refuses our credentials').waitFor({ timeout: 30_000 })
  await faults({})
  await strip.getByText('the carrier refuses our credentials').waitFor({ state: 'detached', timeout: 60_000 })
}, 150_000)
