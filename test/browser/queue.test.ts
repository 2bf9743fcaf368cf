/** The queue of today in a real browser, without a pointer: a whole server, its simulated carrier, and keys. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPassword } from '../../src/cli/demo-workspace.ts'
import { addLead } from '../lead-rows.ts'
import { openConsole, picture, type Console } from './console.ts'

let world: Console

beforeAll(async () => {
  world = await openConsole()
}, 180_000)
afterAll(() => world?.close())

/** Ten leads of the first agent that are to be called today or should have been before. */
async function tenDuePlans(): Promise<void> {
  const { sql } = world.database
  const [agent] = await sql<{ id: string; workspace_id: number }[]>`
    select id, workspace_id from users where email = 'agent1@demo.test'`
  if (agent === undefined) throw new Error('the demo has no agent')
  for (let index = 1; index <= 10; index += 1) {
    const lead = {
      workspaceId: agent.workspace_id,
      name: `Lead ${index}`,
      phone: `+977984100000${index % 10}`,
    }
    // The first one is dialed, and always answers.
    const phone = index === 1 ? '+12025550101' : lead.phone
    const leadId = await addLead(sql, { ...lead, phone, assignedTo: agent.id })
    const due = new Date(world.server.clock.now().getTime() - (11 - index) * 60_000)
    await sql`
      insert into call_plans (workspace_id, lead_id, frequency, next_call_date, notes, created_at, updated_at)
      values (${agent.workspace_id}, ${leadId}, 'WEEKLY', ${due}, ${`Ask about order ${index}.`}, ${due}, ${due})`
  }
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${world.server.url}/sign-in?next=/today`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await page.getByLabel(/e-mail/i).focus()
  await page.keyboard.type('agent1@demo.test')
  await page.keyboard.press('Tab')
  await page.keyboard.type(demoPassword)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Today' }).waitFor()
}

async function at(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name, exact: true, level: 2 }).waitFor()
}

test('ten due plans are worked through by keyboard only', async () => {
  await tenDuePlans()
  const page = await world.browser.newPage({ viewport: { width: 1280, height: 860 } })
  const { keyboard } = page
  await signIn(page)
  await page.getByRole('button', { name: 'Call 10 leads' }).waitFor()
  await picture(page, 'today')

  await keyboard.press('q')
  await at(page, 'Lead 1')
  await keyboard.press('Enter')
  await page.getByText('The call is over.').waitFor({ timeout: 30_000 })
  await picture(page, 'queue')
  await keyboard.press('1')
  await keyboard.press('n')
  await keyboard.type('Wants ten more.')
  await keyboard.press('Escape')
  await keyboard.press('r')

  await at(page, 'Lead 2')
  await keyboard.press('s')
  await at(page, 'Lead 3')
  await keyboard.press('t')
  await at(page, 'Lead 4')
  await keyboard.press('j')
  await at(page, 'Lead 5')
  await keyboard.press('k')
  for (let index = 4; index <= 10; index += 1) {
    await at(page, `Lead ${index}`)
    await keyboard.press('2')
    await keyboard.press('r')
  }
  await at(page, 'That was everybody')
  await picture(page, 'end')
  const sums = await page.locator('dl dd').allTextContents()
  expect(sums.slice(0, 3)).toEqual(['8', '1', '1'])

  const rows = await world.database.sql<
    { name: string; outcome: string | null; notes: string; dialed: boolean }[]
  >`
    select lead.full_name as name, c.outcome, c.notes, c.call_id is not null as dialed
      from call_plan_calls c
      join call_plans p on p.id = c.plan_id
      join leads lead on lead.id = p.lead_id
     order by p.id`
  expect(rows).toHaveLength(8)
  // What was written is about the call that had recorded itself: one call, not two.
  expect(rows[0]).toEqual({ name: 'Lead 1', outcome: 'answered', notes: 'Wants ten more.', dialed: true })
  expect(rows.slice(1).every((row) => row.outcome === 'no_answer' && !row.dialed)).toBe(true)

  await keyboard.press('Escape')
  await page.getByRole('button', { name: 'Call one lead' }).waitFor()
  await page.close()
}, 120_000)

test('the plans of today hold on a narrow screen, in light and in dark, and a new one comes by itself', async () => {
  await world.database
    .sql`update call_plans set next_call_date = ${new Date(world.server.clock.now().getTime() - 3 * 86_400_000)}`
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await world.browser.newPage({ viewport: { width: 375, height: 760 }, colorScheme })
    await signIn(page)
    await page.getByText('3 days late').first().waitFor()
    await picture(page, `today-${colorScheme}`)
    await page.keyboard.press('q')
    await at(page, 'Lead 1')
    await picture(page, `queue-${colorScheme}`)
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(375)
    await page.close()
  }
  const page = await world.browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'dark' })
  await signIn(page)
  await page.getByText('3 days late').first().waitFor()
  await picture(page, 'today-wide-dark')
  const login = await fetch(`${world.server.url}/api/token/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'agent1@demo.test', password: demoPassword }),
  })
  const { access } = (await login.json()) as { access: string }
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' }
  const made = await fetch(`${world.server.url}/call/`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ lead: 1, frequency: 'DAILY' }),
  })
  const { id } = (await made.json()) as { id: number }
  const body = JSON.stringify({ next_call_date: world.server.clock.now().toISOString() })
  await fetch(`${world.server.url}/call/${id}/`, { method: 'PATCH', headers, body })
  await page.getByText('Sita Rai').waitFor({ timeout: 5_000 })
  await page.close()
}, 120_000)
