/** Numbers, codes and credits in a real browser: a whole server, its simulated carrier, and what its phones received. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openConsole, type Console } from './console.ts'

let world: Console

beforeAll(async () => {
  world = await openConsole()
}, 180_000)
afterAll(() => world?.close())

const open = (path: string, width = 1280): Promise<Page> =>
  world.open(path, 'manager@demo.test', { width, colorScheme: 'light' })

test('a number is looked for, bought for its price, charged while somebody watches, and released', async () => {
  const watching = await open('/credits')
  await watching.getByText('Nothing was used yet').waitFor()
  const page = await open('/numbers?view=available&country=US', 375)
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
  return readFileSync(join(world.folder, 'carrier', 'carrier-ledger.jsonl'), 'utf8')
}

test('a code is sent and verified, and the page never shows it', async () => {
  const page = await open('/otp')
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
