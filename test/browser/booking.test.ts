/** The booking page in a real browser, as wide as a small phone. SCREENSHOTS names a folder to keep pictures in. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { createRequestWorld, type RequestWorld } from '../../src/call-requests/request-server.fixture.ts'
import { launchBrowser } from './browser.ts'

let world: RequestWorld
let browser: Browser
let origin: string

beforeAll(async () => {
  world = await createRequestWorld()
  origin = await world.app.listen({ port: 0, host: '127.0.0.1' })
  browser = await launchBrowser()
}, 120_000)
afterAll(async () => {
  await browser.close()
  await world.close()
})

test.each(['light', 'dark'] as const)(
  'a time is taken on a phone without scripts, in a %s page without a sideways scroll',
  async (colorScheme) => {
    const id = await world.accepted(...(colorScheme === 'light' ? [600, 630, 660] : [900, 930, 960]))
    const links = await world.as(world.people.admin, 'POST', `/api/v1/call-requests/${id}/booking-link/`, {})
    const context = await browser.newContext({
      colorScheme,
      javaScriptEnabled: false,
      viewport: { width: 375, height: 720 },
    })
    const page = await context.newPage()
    await page.goto(origin + new URL(links.json().user_url).pathname)
    const folder = process.env['SCREENSHOTS']
    const keep = async (name: string) => {
      if (folder) await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true })
    }
    await keep('booking')
    const main = await page.locator('main').boundingBox()
    expect(main?.width).toBeLessThanOrEqual(375)
    const slots = page.locator('button.slot')
    expect(await slots.count()).toBe(3)
    for (const slot of await slots.all())
      expect((await slot.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    await slots.nth(1).click()
    expect(await page.locator('.notice').innerText()).toContain('Agreed')
    await keep('agreed')
    await context.close()
  },
  60_000,
)
