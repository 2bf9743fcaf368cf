/**
 * A whole request in two real browsers: a caller in Kathmandu and a hero in Chicago, the night in which the clocks of
 * Chicago are changed in between. SCREENSHOTS names a folder to keep pictures in.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { startServer, type RunningServer } from '../../src/main.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../world.ts'
import { launchBrowser } from './browser.ts'
import { buildConsoleIfStale } from './console-build.ts'

const password = 'demo-password'
/** 17:45 in Kathmandu. In Chicago the clocks were changed four hours before, so it is 07:00 there and not 06:00. */
const instant = '2027-03-14T12:00:00.000000Z'
const inKathmandu = '17:45'
const inChicago = '07:00'
let database: TestDatabase
let server: RunningServer
let browser: Browser
const folder = mkdtempSync(join(tmpdir(), 'trunkline-two-browsers-'))
const ledger = join(folder, 'carrier', 'carrier-ledger.jsonl')
const contexts: BrowserContext[] = []

beforeAll(async () => {
  buildConsoleIfStale()
  database = await createTestDatabase()
  const config = readConfig({
    PORT: '0',
    CARRIER_PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    SECRET_KEY: 'a secret key that is only for browser tests',
    ADMIN_EMAIL: 'admin@x.test',
    ADMIN_PASSWORD: password,
    CLOCK_START: '2027-03-13T10:00:00Z',
    CARRIER_SPEED: '10',
    CARRIER_PROFILE: 'all-answer',
  })
  server = await startServer(config, silentLog)
  browser = await launchBrowser()
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await database?.drop()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(method: string, path: string, token: string | null, body?: object): Promise<string> {
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text
}
const json = async (...of: Parameters<typeof ask>) => JSON.parse(await ask(...of))
const logIn = async (username: string) =>
  String((await json('POST', '/api/token/', null, { username, password })).access)

/** Two people whose accounts are verified. */
async function people(admin: string): Promise<void> {
  const verified = { is_verified_email: true, is_verified_phone: true, is_verified_payment: true, password }
  await json('POST', '/api/users/', admin, {
    ...verified,
    email: 'tom@x.test',
    role: 'hero',
    first_name: 'Tom',
    last_name: 'Brady',
    phone: '+13125550142',
    timezone: 'America/Chicago',
  })
  await json('POST', '/api/users/', admin, {
    ...verified,
    email: 'sita@x.test',
    role: 'caller',
    first_name: 'Sita',
    last_name: 'Rai',
    phone: '+13125550143',
    timezone: 'Asia/Kathmandu',
  })
}

async function open(email: string, timezoneId: string, viewport: { width: number; height: number }) {
  const context = await browser.newContext({ timezoneId, locale: 'en-GB', viewport })
  contexts.push(context)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  await page.goto(`${server.url}/sign-in?next=/requests`)
  await page.getByLabel(/e-mail/i).fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Requests' }).waitFor()
  return page
}

async function picture(page: Page, name: string): Promise<void> {
  const shots = process.env['SCREENSHOTS']
  if (!shots) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`), fullPage: true })
  }
  await page.emulateMedia({ colorScheme: null })
}

/** The agreed time as the page of a person has it: the instant, and its words. */
async function agreedOn(page: Page): Promise<{ instant: string | null; words: string }> {
  const time = page.locator('[aria-label="Where it stands"] time').first()
  await time.waitFor()
  return { instant: await time.getAttribute('datetime'), words: await time.innerText() }
}

test('asked, three times proposed, countered, agreed, reminded, rung, joined: the same instant everywhere', async () => {
  const admin = await logIn('admin@x.test')
  await people(admin)
  const sita = await open('sita@x.test', 'Asia/Kathmandu', { width: 375, height: 812 })
  const tom = await open('tom@x.test', 'America/Chicago', { width: 1280, height: 860 })

  await sita.goto(`${server.url}/heroes`)
  await sita.getByRole('link', { name: /Tom Brady/ }).click()
  await sita.getByLabel('What it is about').fill('About goats')
  await sita.getByLabel('How long').selectOption('15')
  await picture(sita, 'hero')
  await sita.getByRole('button', { name: 'Ask Tom' }).click()
  await sita.getByText('Tom Brady has not answered yet.').waitFor()

  // It comes into view by itself.
  await tom.getByText('About goats').waitFor()
  await picture(tom, 'requests')
  await tom.getByText('About goats').click()
  await tom.getByLabel('First choice').fill('2027-03-14T08:00')
  await tom.getByLabel('Second choice (optional)').fill('2027-03-14T09:00')
  await tom.getByLabel('Third choice (optional)').fill('2027-03-14T10:00')
  await tom.getByText('18:45 for Sita').waitFor()
  await picture(tom, 'accepting')
  await tom.getByRole('button', { name: 'Accept with these times' }).click()

  await sita.getByText('Take this time').first().waitFor()
  expect(await sita.getByRole('button', { name: /Take this time/ }).count()).toBe(3)
  await picture(sita, 'choosing')
  await sita.getByRole('button', { name: 'Suggest other times' }).click()
  await sita.getByLabel('First choice').fill('2027-03-14T17:45')
  await sita.getByRole('button', { name: 'Suggest these times' }).click()

  const choice = tom.getByRole('button', { name: /07:00.*Take this time/s })
  await choice.waitFor()
  expect(await choice.innerText()).toContain('The clocks change in your place before then.')
  await tom.locator('h1').focus()
  await tom.keyboard.press('1')
  for (const [page, here, there] of [
    [tom, inChicago, inKathmandu],
    [sita, inKathmandu, inChicago],
  ] as const) {
    await page.getByText('Agreed. Both phones ring then.').waitFor()
    const agreed = await agreedOn(page)
    expect(agreed.instant).toBe(instant)
    expect(agreed.words).toContain(`Sun 14 Mar 2027, ${here}`)
    expect(agreed.words).toContain(`${there} for`)
  }
  await picture(tom, 'agreed-wide')
  await picture(sita, 'agreed')

  const token = await logIn('sita@x.test')
  const listed = await json('GET', '/api/v1/call-requests/', token)
  const { id } = listed.results[0]
  expect(listed.results[0].agreed_time).toBe(instant)
  expect(await ask('GET', `/api/v1/call-requests/${id}/calendar.ics`, token)).toContain(
    'DTSTART:20270314T120000Z',
  )
  const mails = (await json('GET', '/api/outbox/?page_size=100', admin)).results
  const agreements = mails.filter((mail: { subject: string }) => mail.subject.startsWith('Agreed'))
  expect(agreements.map((mail: { to: string; subject: string }) => [mail.to, mail.subject]).sort()).toEqual([
    ['sita@x.test', `Agreed: Sun 14 Mar 2027, ${inKathmandu} (Kathmandu, UTC+05:45)`],
    ['tom@x.test', `Agreed: Sun 14 Mar 2027, ${inChicago} (Chicago, UTC-05:00)`],
  ])

  await server.clock.set(new Date('2027-03-14T11:45:00Z'))
  await eventually('both are texted', async () => (await ledgerTexts(ledger)).length === 2)
  const texts = (await ledgerTexts(ledger)).map(({ to, body }) => [to, body]).sort()
  expect(texts).toEqual([
    [
      '+13125550142',
      `Your call with Sita Rai is at ${inChicago} (Chicago, UTC-05:00), in 15 min. We ring you then.`,
    ],
    [
      '+13125550143',
      `Your call with Tom Brady is at ${inKathmandu} (Kathmandu, UTC+05:45), in 15 min. We ring you then.`,
    ],
  ])

  await server.clock.set(new Date('2027-03-14T12:00:00Z'))
  // Both pages learn it without being asked.
  for (const page of [tom, sita]) await page.getByText('The call took place.').waitFor()
  expect((await json('GET', `/api/v1/call-requests/${id}/`, token)).status).toBe('s')
  const calls = await ledgerCalls(ledger)
  expect(calls.map((call) => [call.to, call.answeredAt !== null])).toEqual([
    ['+13125550142', true],
    ['+13125550143', true],
  ])
  await picture(sita, 'held')
  const wide = await sita.evaluate('document.documentElement.scrollWidth')
  expect(wide).toBeLessThanOrEqual(375)
}, 240_000)
