import { afterAll, beforeAll, expect, test } from 'vitest'
import { csvLine } from '../http/csv-line.ts'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const formulas = [
  '=1+1',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\t=1+1',
  ' =HYPERLINK("http://x","y")',
  '＝1+1',
  "=cmd|'/C calc'!A0",
]

test('names that look like formulas come out inert', () => {
  for (const formula of formulas) {
    const [cell = ''] = [csvLine([formula]).trimEnd().replace(/^"/, '')]
    expect([formula, cell.startsWith("'")]).toEqual([formula, true])
  }
  expect(csvLine(['+9779841000000', '-3', 'a,b', 'say "x"', null])).toBe(
    `+9779841000000,-3,"a,b","say ""x""",\r\n`,
  )
})

test('the list as a file has every lead that matches, and nothing in it runs', async () => {
  for (const [index, full_name] of formulas.entries()) {
    await world.post({
      user: 'agent1',
      lead_id: `export-${index}`,
      full_name,
      campaign: 'Export',
      notes: '=2+2',
    })
  }
  await world.post({ user: 'agent1', full_name: 'Elsewhere', campaign: 'Other' })
  const answer = await world.as(world.people.manager, 'GET', '/api/leads/export/?campaign=Export')
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
  const lines = answer.body.split('\r\n')
  expect(lines[0]).toMatch(/^\uFEFFid,full_name,company_name,phone,/)
  expect(lines.filter((line) => line.includes('Export'))).toHaveLength(formulas.length)
  expect(answer.body).not.toContain('Elsewhere')
  for (const cell of answer.body.split(/,|\r\n/)) expect(cell.replace(/^"/, '')).not.toMatch(/^\s*[=@]/)
})
