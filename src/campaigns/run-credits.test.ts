import { expect, test } from 'vitest'
import { readCredits } from '../credits/credit-store.ts'
import { transaction } from '../db/sql.ts'
import { settleCredits } from '../credits/credit-store.ts'
import { useCampaignServer } from './campaign-server.fixture.ts'

const server = useCampaignServer()

test('100 parallel begins with credit for 10: ten begin, and exactly what ten cost is spent', async () => {
  const { workspaceId, token } = await server.addWorkspace()
  const { sql } = server
  await sql`update workspaces set settings = settings || '{"credit_limit": 30}' where id = ${workspaceId}`
  const ids: number[] = []
  for (let index = 0; index < 100; index += 1) {
    const numbers = ['+12125550111', '+12125550112', '+12125550113']
    const payload = { name: `Campaign ${index}`, services: 'PHONE', individual_number: numbers }
    const made = await server.send(token, 'POST', '/api/system/campaigns/', payload)
    ids.push(made.body.data.details.id)
  }
  const begun = await Promise.all(
    ids.map((id) => server.send(token, 'POST', `/api/system/campaigns/${id}/begin/`, { message: 'Hello.' })),
  )
  const good = begun.filter((one) => one.status === 200)
  expect(good).toHaveLength(10)
  expect(good[0]?.body.data['hold amount']).toMatch(/^3 credit on hold for Campaign \d+ campaign\.$/)
  const refused = begun.filter((one) => one.status !== 200)
  expect(refused.every((one) => one.status === 409 && one.body.code === 'no_credit')).toBe(true)
  expect(await readCredits(sql, workspaceId)).toEqual({ used: 0, held: 30 })

  const now = server.clock.now()
  const usages = good.map((one) => ({
    workspaceId,
    kind: 'run' as const,
    subject: String(one.body.data.run_id),
    cost: 3,
    ends: false,
  }))
  await Promise.all(usages.map((usage) => transaction(sql, (tx) => settleCredits(tx, [usage], now))))
  expect(await readCredits(sql, workspaceId)).toEqual({ used: 30, held: 0 })
  const [sums] = await sql<{ used: number; held: number }[]>`
    select sum(used)::bigint as used, sum(held)::bigint as held from credit_entries where workspace_id = ${workspaceId}`
  expect(sums).toEqual({ used: 30, held: 0 })
}, 120_000)
