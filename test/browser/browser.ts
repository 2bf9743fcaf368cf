/** A real browser for tests: the system's Chromium where there is one, else the one that npm brought. */
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import bundledChromium from '@sparticuz/chromium'
import { chromium, type Browser } from 'playwright-core'

const systemPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** No sandbox, because tests also run as root in containers; and no word to the outside. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const launchTimeoutMs = 30_000

/** Starts a headless browser; the caller closes it. `CHROMIUM_PATH` decides which, when it is set. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await chromiumPath(),
    headless: true,
    args: flags,
    timeout: launchTimeoutMs,
  })
}

async function chromiumPath(): Promise<string> {
  const chosen = process.env['CHROMIUM_PATH']
  if (chosen !== undefined && chosen !== '') return chosen
  return systemPlaces.find((place) => existsSync(place)) ?? unpackedChromium()
}

/**
 * Unpacked once, into a folder of this user: one that another user left in the common place cannot be run. It appears there
 * whole, because several test files may unpack it at once.
 */
async function unpackedChromium(): Promise<string> {
  const common = tmpdir()
  const own = join(common, `trunkline-chromium-${userInfo().uid}`)
  if (existsSync(own)) return join(own, 'chromium')
  const unpacking = mkdtempSync(`${own}-`)
  process.env['TMPDIR'] = unpacking
  try {
    await bundledChromium.executablePath()
  } finally {
    process.env['TMPDIR'] = common
  }
  try {
    renameSync(unpacking, own)
  } catch (error) {
    // Somebody else was faster.
    if (!existsSync(join(own, 'chromium'))) throw error
    rmSync(unpacking, { recursive: true, force: true })
  }
  return join(own, 'chromium')
}
