/** The console in a real browser: a whole server with its simulated carrier over a database of its own, and the demo's people. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { demoPassword, ensureDemoWorkspace } from '../../src/cli/demo-workspace.ts'
import { readConfig } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { startServer, type RunningServer } from '../../src/main.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { launchBrowser } from './browser.ts'
import { buildConsoleIfStale } from './console-build.ts'

export type Look = { width: number; colorScheme: 'light' | 'dark' }

export type Console = {
  database: TestDatabase
  server: RunningServer
  browser: Browser
  /** Of this installation; the carrier's ledger is in it. */
  folder: string
  /** A page at `path`, signed in by hand as this person (`manager@demo.test`). */
  open(path: string, as: string, look?: Look): Promise<Page>
  close(): Promise<void>
}

/** `env`: settings beside those that keep it apart from everything else. */
export async function openConsole(env: Record<string, string> = {}): Promise<Console> {
  buildConsoleIfStale()
  const database = await createTestDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-browser-'))
  await ensureDemoWorkspace(database.sql, { timeZone: 'UTC', defaultRegion: 'NP' }, new Date())
  const config = readConfig({
    DATABASE_URL: database.url,
    SECRET_KEY: 'a secret key that is only for browser tests',
    DATA_DIR: folder,
    PORT: '0',
    CARRIER_PORT: '0',
    CARRIER_SPEED: '20',
    ...env,
  })
  const server = await startServer(config, silentLog)
  const browser = await launchBrowser()
  return {
    database,
    server,
    browser,
    folder,
    async open(path, as, { width, colorScheme } = { width: 1280, colorScheme: 'light' }) {
      const page = await browser.newPage({ viewport: { width, height: 860 }, colorScheme })
      await page.goto(`${server.url}/sign-in?next=${encodeURIComponent(path)}`)
      await page.getByLabel(/e-mail/i).fill(as)
      await page.getByLabel('Password', { exact: true }).fill(demoPassword)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL((url) => !url.pathname.includes('sign-in'))
      return page
    },
    async close() {
      await browser.close()
      await server.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Keeps a picture of the page in the folder that SCREENSHOTS names, when somebody wants to look at it. */
export async function picture(page: Page, name: string): Promise<void> {
  const shots = process.env['SCREENSHOTS']
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}
