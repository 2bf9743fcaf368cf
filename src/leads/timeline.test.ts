import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'
import { mergeEntries, type TimelineEntry, type TimelinePlace } from './timeline.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const moment = (ms: number) => new Date(1_700_000_000_000 + ms)

type Shown = { kind: string; id: string; at: string; data: Record<string, unknown> }

test('everything that happened to a person is in one order: calls, dialer messages, changes, the do-not-call list', async () => {
  const { sql } = world.database
  const asManager = (method: string, url: string, body?: unknown) =>
    world.as(world.people.manager, method, url, body)
  const { lead } = (await world.post({ user: 'agent1', phone: '+9779841000600', uniqueid: '6.1' })).json()
  await world.clock.advance(1_000)
  const call = await asManager('POST', '/api/calls/', {
    to_number: '9841000600',
    schedule_date: '2099-01-01T10:00',
  })
  expect(call.statusCode).toBe(201)
  await world.clock.advance(1_000)
  await world.as(world.agent1, 'PATCH', `/api/leads/${lead.id}/`, { status: 'callback' })
  await world.clock.advance(1_000)
  await asManager('PATCH', `/api/leads/${lead.id}/`, { do_not_call: true })
  const all: Shown[] = (await asManager('GET', `/api/leads/${lead.id}/timeline/?page_size=100`)).json()
    .results
  expect(all.map((entry) => entry.kind)).toEqual([
    'lead.do_not_call',
    'do_not_call',
    'lead.changed',
    'call',
    'lead.created',
    'dialer',
  ])
  expect(all[3]?.data).toMatchObject({ number: '+9779841000600', state: 'queued' })

  const paged: Shown[] = []
  for (let url: string | null = `/api/leads/${lead.id}/timeline/?page_size=2`; url !== null;) {
    const page: { next: string | null; results: Shown[] } = (await asManager('GET', url)).json()
    paged.push(...page.results)
    url = page.next
  }
  expect(paged).toEqual(all)
  expect(await sql`select from calls`).toHaveLength(1)
})

test('texts to a person and from them are in the timeline of their lead', async () => {
  const { sql } = world.database
  const asManager = (method: string, url: string, body?: unknown) =>
    world.as(world.people.manager, method, url, body)
  const lead = (await asManager('POST', '/api/leads/', { full_name: 'Texted', phone: '9841000610' })).json()
  const sent = await asManager('POST', '/api/messages/', {
    to_number: '9841000610',
    from_number: '+18005550100',
    message: 'See you at ten',
  })
  expect(sent.statusCode).toBe(201)
  await sql`
    insert into inbound_texts (workspace_id, id, carrier_account_id, carrier_sid, from_number, to_number, body, received_at)
    select workspace_id, gen_random_uuid(), carrier_account_id, 'SMinbound', to_number, from_number, 'Yes', created_at
      from texts`
  const all: Shown[] = (await asManager('GET', `/api/leads/${lead.id}/timeline/`)).json().results
  expect(all.map(({ kind, data }) => [kind, data['body']])).toEqual(
    expect.arrayContaining([
      ['text', 'See you at ten'],
      ['text.received', 'Yes'],
    ]),
  )
})

test('pages of many things at one moment show each of them once', () => {
  const entries: TimelineEntry[] = Array.from({ length: 100 }, (_, index) => ({
    at: moment(index < 60 ? 5 : index % 5),
    kind: index % 2 === 0 ? 'call' : 'dialer',
    id: String(index),
    data: {},
  }))
  const shown: string[] = []
  for (let place: TimelinePlace | null = { until: moment(1_000), skip: 0 }; place !== null;) {
    const until: Date = place.until
    const merged: { page: TimelineEntry[]; next: TimelinePlace | null } = mergeEntries(
      entries.filter((entry) => entry.at <= until),
      place,
      7,
    )
    shown.push(...merged.page.map((entry) => entry.id))
    place = merged.next
  }
  expect(shown).toHaveLength(100)
  expect(new Set(shown).size).toBe(100)
})
