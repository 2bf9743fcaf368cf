/** A campaign from a sheet to its last call, in a real browser over a whole server with its simulated carrier. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openConsole, picture, type Console, type Look } from './console.ts'
import { muLaw, wavHead } from '../../src/speech/telephone-sound.ts'

let world: Console

beforeAll(async () => {
  world = await openConsole({ CARRIER_SEED: '7' })
}, 180_000)
afterAll(() => world?.close())

const magic = ['00', '01', '02', '03', '12', '13'].map((ending) => `+120255501${ending}`)
const people = [...magic, ...Array.from({ length: 30 }, (_, index) => `98438123${10 + index}`)]

function sheet(): string {
  const path = join(world.folder, 'people.csv')
  const rows = people.map((number, index) => `Person ${index + 1},${number},${20 + index}`)
  writeFileSync(path, ['Name,Mobile,Age', ...rows, 'Nobody,12,1'].join('\n'))
  return path
}

function sound(): string {
  const path = join(world.folder, 'chime.wav')
  const samples = Array.from({ length: 16_000 }, (_, index) =>
    muLaw(0.4 * Math.sin((2 * Math.PI * 440 * index) / 8_000)),
  )
  writeFileSync(path, Buffer.concat([wavHead(samples.length), Buffer.from(samples)]))
  return path
}

const open = (path: string, look?: Look): Promise<Page> => world.open(path, 'manager@demo.test', look)

test('a sheet becomes a campaign that runs to its end, and part of it is called again', async () => {
  const [agent] = await world.database.sql<{ id: string; name: string }[]>`
    select id, name from agents where user_id is not null order by created_at, id limit 1`
  const page = await open('/campaigns/new')
  await page.getByLabel('A sheet of numbers').setInputFiles(sheet())
  await page.getByText('{tags_name}').first().waitFor()
  // Named after its sheet until somebody says otherwise.
  const name = page.getByRole('textbox', { name: /^Name/ })
  expect(await name.inputValue()).toBe('people')
  await name.fill('Dashain offer')
  await page.getByText('the number', { exact: true }).waitFor()
  const column = page.getByLabel('The numbers are in')
  expect(await column.locator('option:checked').innerText()).toBe('Mobile')
  await column.selectOption('Age')
  await page.getByText('{tags_mobile}').first().waitFor()
  await column.selectOption('Mobile')
  await page.getByText('{tags_age}').first().waitFor()
  await picture(page, 'compose-sheet')
  await page.getByRole('button', { name: 'Use 37 rows' }).click()
  await page.getByRole('heading', { name: 'Dashain offer', level: 1 }).waitFor()
  await page.getByText('Row 38').waitFor()

  await page.getByLabel('Message').fill('Hello ')
  await page.getByRole('button', { name: '{tags_name}' }).click()
  const message = page.getByLabel('Message')
  expect(await message.inputValue()).toBe('Hello {tags_name}')
  await message.fill('Hello {tags_name}, the offer is open. Press 1 to hear more, 9 to be left alone.')
  await page.getByLabel('Voice').selectOption('en_emma')
  await page.getByText('Machines, keys, recording').click()
  await page.getByText('Listen to keys').click()
  await page.getByRole('button', { name: 'Name a key' }).click()
  await page.getByLabel('Means').fill('Hear more')
  await page.getByLabel('Joins with').selectOption(agent?.name ?? '')
  await page.getByText('Record the calls').click()
  const begin = page.getByRole('button', { name: /^Call 36 people$/ })
  await begin.waitFor()
  await expect.poll(() => begin.isEnabled(), { timeout: 20_000 }).toBe(true)
  const preview = page.getByRole('region', { name: 'For one of them' })
  await preview.getByText('Hello Person 1, the offer is open.', { exact: false }).waitFor()
  await preview.getByRole('button', { name: 'Next' }).click()
  await preview.getByText('Hello Person 2, the offer is open.', { exact: false }).waitFor()
  const check = page.getByRole('region', { name: '4 · Check' })
  await check.getByText('Everything that is needed is there.').waitFor()
  expect(await check.innerText()).toMatch(/Will be reached\s+36/)
  await picture(page, 'compose-check')
  await begin.click()

  await page.getByText('Progress', { exact: true }).waitFor()
  const [options] = await world.database.sql`select voice_options -> 'keys' -> '1' as key from runs`
  expect(options).toEqual({ key: { label: 'Hear more', to: null, agentId: agent?.id } })
  await page.getByText('Running', { exact: true }).first().waitFor()
  const done = page.locator('dd').first()
  await expect
    .poll(async () => (await done.textContent())?.startsWith('36 of 36'), { timeout: 90_000 })
    .toBe(true)
  await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 20_000 })
  const [listed] = await world.database.sql`select reason from do_not_call where number = '+12025550113'`
  expect(listed).toEqual({ reason: 'Pressed 9' })

  await page.getByRole('button', { name: 'Call again…' }).click()
  const dialog = page.getByRole('dialog')
  const unanswered = await world.database.sql`select from campaign_numbers where status = 'unanswered'`
  await dialog.getByRole('button', { name: new RegExp(`^Call ${unanswered.length} people again$`) }).waitFor()
  await picture(page, 'again')
  await dialog.getByRole('button', { name: /again$/ }).click()
  await page.getByText('Running', { exact: true }).first().waitFor()
  await page.close()
}, 240_000)

test('the pages of campaigns hold on a narrow screen, in light and in dark', async () => {
  const looks: Look[] = [
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 375, colorScheme: 'light' },
    { width: 375, colorScheme: 'dark' },
  ]
  const [campaign] = await world.database.sql<{ id: number }[]>`select id from campaigns order by id limit 1`
  for (const look of looks) {
    const name = `${look.width}-${look.colorScheme}`
    const page = await open('/campaigns', look)
    await page.getByText('Dashain offer').first().waitFor()
    await picture(page, `list-${name}`)
    await page.goto(`${world.server.url}/campaigns/${campaign?.id}`)
    await page.getByText('How did they end?').waitFor()
    await page.getByText('Which keys were pressed?').waitFor()
    await picture(page, `campaign-${name}`)
    expect(await page.getByRole('main').innerText()).not.toContain('NaN')
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      look.width,
    )
    await page.goto(`${world.server.url}/campaigns/new?sample=true`)
    await page.getByText('4 · Check').or(page.getByText('3 · When')).first().waitFor()
    await page.getByText('Its own').click()
    await page.getByText('Machines, keys, recording').click()
    await page.getByText('Listen to keys').click()
    await page.getByRole('button', { name: 'Name a key' }).click()
    await page.getByLabel('Joins with').selectOption('A number…')
    await page.getByText('Trying again').click()
    await picture(page, `compose-${name}`)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      look.width,
    )
    await page.close()
  }
}, 120_000)

test('a sound is uploaded, can be listened to, and is deleted', async () => {
  const page = await open('/sounds')
  await page.getByText('No sound yet', { exact: false }).waitFor()
  await page.locator('input[type=file]').setInputFiles(sound())
  await page.getByText('chime.wav').first().waitFor()
  await picture(page, 'sounds')
  const heard = page.getByLabel('Listen to chime.wav')
  const length = await heard.evaluate(async (element: unknown) => {
    const player = element as { duration: number; load(): void; preload: string } & EventTarget
    player.preload = 'auto'
    player.load()
    await new Promise((ready) => player.addEventListener('loadedmetadata', ready, { once: true }))
    return player.duration
  })
  expect(length).toBeCloseTo(2, 0)
  await page.getByRole('button', { name: 'Delete chime.wav' }).click()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('No sound yet', { exact: false }).waitFor()
  await page.close()
}, 60_000)
