/** Numbers, codes and credits in a real browser: a whole server, its simulated carrier, and what its phones received. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPassword, ensureDemoWorkspace } from '../../src/cli/demo-workspace.ts'
import { readConfig } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { startServer, type RunningServer } from '../../src/main.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
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

async function signedIn(width = 1_280): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 } })
  await page.goto(`${server.url}/sign-in`)
  await page.getByLabel(/e-mail|username/i).fill('manager@demo.test')
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/(live|today)/)
  return page
}

test('a number is looked for, bought for its price, charged while somebody watches, and released', async () => {
  const watching = await signedIn()
  await watching.goto(`${server.url}/credits`)
  await watching.getByText('Nothing was used yet').waitFor()
  const page = await signedIn(375)
  await page.goto(`${server.url}/numbers?view=available&country=US`)
  await page.getByLabel('With these digits').fill('4155550147')
  await page.getByRole('button', { name: 'Buy +14155550147' }).click()
  await page.getByText('It costs 50 credits now').waitFor()
  await page.getByRole('button', { name: 'Buy for 50 credits' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  // Nothing is reloaded: the other page hears of it.
  await watching.getByText('Number +14155550147').first().waitFor()
  await watching.getByText('50 used').waitFor()
  await page.getByText('Owned', { exact: true }).click()
  await page.getByRole('button', { name: 'Release +14155550147' }).click()
  await page.getByRole('button', { name: 'Release it' }).click()
  await page.getByRole('button', { name: 'Release +14155550147' }).waitFor({ state: 'detached' })
  expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBeLessThanOrEqual(375)
  await page.close()
  await watching.close()
}, 120_000)

function ledger(): string {
  return readFileSync(join(folder, 'carrier', 'carrier-ledger.jsonl'), 'utf8')
}

test('a code is sent and verified, and the page never shows it', async () => {
  const page = await signedIn()
  await page.goto(`${server.url}/otp`)
  await page.getByLabel('Number').first().fill('+12125550142')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByText('The code sent to').waitFor()
  await expect.poll(ledger, { timeout: 20_000 }).toMatch(/Your code is \d{6}/)
  const code = /Your code is (\d{6})/.exec(ledger())?.[1] ?? ''
  expect(await page.content()).not.toContain(code)
  await page.getByRole('textbox', { name: /^Code/ }).fill('wrong')
  await page.getByRole('button', { name: 'Verify', exact: true }).click()
  await page.getByText('Wrong: 4 tries left').waitFor()
  await page.getByRole('textbox', { name: /^Code/ }).fill(code)
  await page.getByRole('button', { name: 'Verify', exact: true }).click()
  await page.getByRole('status').getByText('Verified').waitFor()
  await page.locator('li').getByText('Verified').waitFor()
  await page.close()
}, 120_000)
