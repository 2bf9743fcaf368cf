/** What the console says while nobody is dialed, in a real browser. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPassword, ensureDemoWorkspace } from '../../src/cli/demo-workspace.ts'
import { readConfig } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { startServer, type RunningServer } from '../../src/main.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { fictionalNumbers } from '../campaign.ts'
import { begin, makeCampaign } from '../faults/client.ts'
import { launchBrowser } from './browser.ts'
import { buildConsoleIfStale } from './console-build.ts'

let database: TestDatabase
let server: RunningServer
let browser: Browser
const folder = mkdtempSync(join(tmpdir(), 'trunkline-browser-'))

beforeAll(async () => {
  buildConsoleIfStale()
  database = await createTestDatabase()
  await ensureDemoWorkspace(database.sql, { timeZone: 'UTC', defaultRegion: 'NP' }, new Date())
  const config = readConfig({
    DATABASE_URL: database.url,
    SECRET_KEY: 'a secret key that is only for browser tests',
    DATA_DIR: folder,
    PORT: '0',
    CARRIER_PORT: '0',
    CARRIER_SPEED: '20',
    SPEECH: 'carrier',
  })
  server = await startServer(config, silentLog)
  browser = await launchBrowser()
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await database?.drop()
  rmSync(folder, { recursive: true, force: true })
})

test('the page says that the carrier refuses the credentials, and no more when it takes them', async () => {
  const faults = async (percent: Record<string, number>) => {
    const body = JSON.stringify({ percent })
    const answer = await fetch(`${server.phones?.url ?? ''}/simulator/faults`, { method: 'PUT', body })
    expect(answer.status).toBe(200)
  }
  // At a full hundred the carrier refuses everything, and no run could be begun.
  await faults({ unauthorized: 99.99 })
  const page = await browser.newPage()
  await page.goto(`${server.url}/sign-in`)
  await page.getByLabel(/e-mail/i).fill('admin@demo.test')
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.keyboard.press('Enter')
  const strip = page.getByRole('note', { name: 'Mode' })
  await strip.getByText('nothing is dialled').waitFor()
  const signedIn = await fetch(`${server.url}/api/token/`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'admin@demo.test', password: demoPassword }),
  })
  const { access } = (await signedIn.json()) as { access: string }
  const client = { token: access }
  const campaignId = await makeCampaign(server.url, client, fictionalNumbers(20))
  await begin(server.url, client, { campaignId })
  await strip.getByText('the carrier refuses our credentials').waitFor({ timeout: 30_000 })
  await faults({})
  await strip.getByText('the carrier refuses our credentials').waitFor({ state: 'detached', timeout: 60_000 })
}, 150_000)
