/** The agent's screen in a real browser, over the built console. */
import { existsSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLeadWorld, type LeadWorld } from '../../src/leads/lead-world.fixture.ts'
import { createLog } from '../../src/log.ts'
import { testPassword } from '../http-world.ts'
import { launchBrowser } from './browser.ts'

let world: LeadWorld
let browser: Browser
let page: Page
let origin: string
const logged: string[] = []
const asked: { url: string; referer: string | undefined }[] = []

beforeAll(async () => {
  if (!existsSync('dist/web/index.html')) throw new Error('Build the console first: npm run build')
  const log = createLog({ level: 'trace' })
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (chunk: string | Uint8Array) => (logged.push(String(chunk)), true)
  world = await createLeadWorld({ log })
  origin = await world.app.listen({ port: 0, host: '127.0.0.1' })
  process.stdout.write = write
  browser = await launchBrowser()
  const context = await browser.newContext({ baseURL: origin })
  page = await context.newPage()
  page.on('request', (one) => asked.push({ url: one.url(), referer: one.headers()['referer'] }))
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill('agent1@first.test')
  await page.getByLabel('Password', { exact: true }).fill(testPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(/\/(live|leads|agent-dashboard)/)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await world?.close()
})

test('the lead that a dialer posts appears on the open screen by itself', async () => {
  await page.goto('/agent-dashboard')
  await page.getByText('Ready. The lead of your next call').waitFor()
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const name = `Sita Rai ${round}`
    const seen = page.getByRole('heading', { level: 2, name }).waitFor()
    const startedMs = performance.now()
    await post({ user: 'agent1', full_name: name, phone: `+97798410007${round}0`, lead_id: `pop-${round}` })
    await seen
    times.push(performance.now() - startedMs)
  }
  console.info(
    `from the dialer's post to the open screen: ${times.map((ms) => `${Math.round(ms)} ms`).join(', ')}`,
  )
  expect(times).toHaveLength(5)
}, 60_000)

test('a lead that comes while the agent is typing waits in line', async () => {
  await page.getByLabel('Note').fill('half a sentence')
  await post({ user: 'agent1', full_name: 'Waiting Rai', phone: '+9779841000799', lead_id: 'pop-waiting' })
  await page.getByText('Another lead is waiting.').waitFor()
  expect(await page.getByLabel('Note').inputValue()).toBe('half a sentence')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { level: 2, name: 'Waiting Rai' }).waitFor()
  const noted = (await world.as(world.agent1, 'GET', '/api/leads/?search=Sita Rai 4')).json().results[0]
  expect(noted.notes).toBe('half a sentence')
}, 60_000)

test('“call back at” plans one call at that time, “how often” plans calls that come again', async () => {
  const lead = { user: 'agent1', phone: '+9779841000720', lead_id: 'back-at', full_name: 'Once Rai' }
  const once = (await post(lead)) as { lead: { id: number } }
  const often = (await post({
    ...lead,
    phone: '+9779841000721',
    lead_id: 'often',
    full_name: 'Often Rai',
  })) as {
    lead: { id: number }
  }
  await page.goto(`/agent-dashboard?lead_id=${once.lead.id}`)
  await page.getByRole('heading', { level: 2, name: 'Once Rai' }).waitFor()
  await page.getByLabel('Call back at').fill('2099-03-04T10:15')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { level: 2, name: 'Once Rai' }).waitFor({ state: 'detached' })
  const calls = await world.database.sql<{ to_number: string; due: string }[]>`
    select to_number, to_char(due_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI') as due from calls`
  expect(calls).toEqual([{ to_number: '+9779841000720', due: '2099-03-04T10:15' }])

  await page.goto(`/agent-dashboard?lead_id=${often.lead.id}`)
  await page.getByRole('heading', { level: 2, name: 'Often Rai' }).waitFor()
  await page.getByLabel('How often').selectOption('WEEKLY')
  await page.getByLabel('How often').press('Control+Enter')
  await page.getByRole('heading', { level: 2, name: 'Often Rai' }).waitFor({ state: 'detached' })
  const plans = (await world.as(world.agent1, 'GET', '/call/')).json()
  expect(plans).toMatchObject([{ lead: often.lead.id, frequency: 'WEEKLY' }])
}, 60_000)

test('after the redirect nothing of the person is in the address, the history, a referrer or the log', async () => {
  const { lead } = (await post({
    user: 'agent1',
    full_name: 'Rita Secret',
    phone: '+9779841000711',
    lead_id: 'url',
  })) as {
    lead: { id: number }
  }
  asked.length = 0
  const said = `full_name=Rita%20Elsewhere&phone=%2B9779841000711&email=rita%40secret.example&notes=private`
  await page.goto(`/agent-dashboard?from_dialer=true&lead_id=${lead.id}&${said}`)
  await page.getByRole('heading', { level: 2, name: 'Rita Secret' }).waitFor()
  await page.getByText('The dialer says full name: Rita Elsewhere').waitFor()
  const personal = /rita|secret|9841000711|private|elsewhere/i
  expect(page.url()).not.toMatch(personal)
  expect(new URL(page.url()).searchParams.get('lead_id')).toBe(String(lead.id))
  expect(await page.evaluate<string>('document.referrer')).not.toMatch(personal)
  // The dialer's own address is the only one that says it.
  const telling = asked.filter(({ url, referer }) => personal.test(`${url} ${referer ?? ''}`))
  expect(telling.map(({ url }) => new URL(url).pathname)).toEqual(['/agent-dashboard'])
  await page.goto('/leads')
  await page.goBack()
  expect(page.url()).not.toMatch(personal)
  expect(logged.join('\n')).not.toMatch(personal)
  const stored = (await world.as(world.agent1, 'GET', `/api/leads/${lead.id}/`)).json()
  expect([stored.full_name, stored.email]).toEqual(['Rita Secret', null])
}, 60_000)

/** As a dialer posts: over HTTP, from another program. */
function post(body: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-dialer-api-key': 'demo-dialer-key' }
    const request = httpRequest(
      `${origin}/api/leads/from-dialer/`,
      { method: 'POST', headers },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
      },
    )
    request.on('error', reject)
    request.end(JSON.stringify(body))
  })
}
