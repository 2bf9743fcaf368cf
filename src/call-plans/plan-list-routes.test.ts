import { describe, expect, test } from 'vitest'
import { idsOf, usePlansServer } from './plans-server.fixture.ts'

const server = usePlansServer()

describe('the lists', () => {
  test('today is the day of the workspace, or of the zone that is named', async () => {
    await server.setZone('America/Chicago')
    const due = await server.plan()
    // Half past five in the morning of the 29th in Kathmandu, the evening of the 28th in Chicago.
    await server.ask('PATCH', `/call/${due.id}/`, { next_call_date: '2024-12-28T23:45:00Z' })
    expect(idsOf(await server.ask('GET', '/call/today/'))).toContain(due.id)
    expect(idsOf(await server.ask('GET', '/call/today/?timezone=Asia/Kathmandu'))).not.toContain(due.id)
    const wrong = await server.ask('GET', '/call/today/?timezone=Mars/Olympus')
    expect(wrong).toMatchObject({ status: 400, body: { param: 'timezone' } })
  })

  test('overdue plans are there when they are asked for', async () => {
    const old = await server.plan()
    await server.ask('PATCH', `/call/${old.id}/`, { next_call_date: '2024-12-01T10:00:00Z' })
    expect(idsOf(await server.ask('GET', '/call/today/'))).not.toContain(old.id)
    expect(idsOf(await server.ask('GET', '/call/today/?include_overdue=true'))).toContain(old.id)
    expect(idsOf(await server.ask('GET', '/call/?overdue=true'))).toContain(old.id)
  })

  test('in pages, the Link header leads through every plan once', async () => {
    for (let count = 0; count < 5; count += 1) await server.plan({}, 'MONTHLY')
    const all = idsOf(await server.ask('GET', '/call/?frequency=monthly'))
    const seen: number[] = []
    let url: string | null = '/call/?frequency=monthly&limit=2'
    while (url !== null) {
      const page: Awaited<ReturnType<typeof server.ask>> = await server.ask('GET', url)
      expect(page.body.length).toBeLessThanOrEqual(2)
      seen.push(...idsOf(page))
      const next: string | undefined = /<([^>]+)>; rel="next"/.exec(String(page.headers.link ?? ''))?.[1]
      url = next === undefined ? null : new URL(next).pathname + new URL(next).search
    }
    expect(seen).toEqual(all)
    expect((await server.ask('GET', '/call/?limit=2&cursor=made-up')).body.code).toBe('invalid_cursor')
  })

  test('of a lead is its plan', async () => {
    const one = await server.plan()
    expect(idsOf(await server.ask('GET', `/call/?lead=${one.leadId}`))).toEqual([one.id])
  })

  test('of thousands are streamed whole, with every note as it was written', async () => {
    const notes = 'quotes " and \\ and नमस्ते and \u2028 lines\n'
    const { otherWorkspaceId: workspaceId } = server.world
    await server.sql`
      with made as (
        insert into leads (workspace_id, full_name, source, created_at, updated_at)
        select ${workspaceId}, 'x', 'person', now(), now() from generate_series(1, 3000) returning id)
      insert into call_plans (workspace_id, lead_id, frequency, next_call_date, notes, created_at, updated_at)
      select ${workspaceId}, id, 'DAILY', '2024-12-28T15:00:00Z', ${notes}, now(), now() from made`
    for (const url of ['/call/', '/call/today/']) {
      const answer = await server.ask('GET', url, undefined, server.world.strangers.manager)
      expect(answer.body).toHaveLength(3_000)
      expect(new Set(idsOf(answer)).size).toBe(3_000)
      expect(answer.body[2_999].notes).toBe(notes)
    }
  })
})

describe('a paused plan', () => {
  test.each(['won', 'lost', 'sale_made', 'sale_lost', 'blow_out'] as const)(
    'says so when its lead is %s, and is not in today',
    async (status) => {
      const one = await server.plan({ status })
      await server.ask('PATCH', `/call/${one.id}/`, { next_call_date: '2024-12-28T12:00:00Z' })
      expect((await server.ask('GET', `/call/${one.id}/`)).body.paused).toBe(true)
      expect(idsOf(await server.ask('GET', '/call/today/?include_overdue=true'))).not.toContain(one.id)
      expect((await server.ask('GET', `/call/?lead=${one.leadId}`)).body).toMatchObject([{ paused: true }])
    },
  )

  test('is one whose number is on do-not-call, from that moment on, and dials nobody', async () => {
    const one = await server.plan({ phone: '+9779841000001' })
    await server.ask('PATCH', `/call/${one.id}/`, { next_call_date: '2024-12-28T12:00:00Z' })
    expect(idsOf(await server.ask('GET', '/call/today/'))).toContain(one.id)
    await server.ask('POST', '/api/do-not-call/', { number: '+9779841000001' })
    expect(idsOf(await server.ask('GET', '/call/today/'))).not.toContain(one.id)
    const dialed = await server.ask('POST', `/call/${one.id}/dial/`)
    expect(dialed).toMatchObject({ status: 409, body: { code: 'plan_paused' } })
    await server.ask('DELETE', '/api/do-not-call/?number=%2B9779841000001')
    expect((await server.ask('GET', `/call/${one.id}/`)).body).not.toHaveProperty('paused')
  })
})
