import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLeadWorld, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const asManager = (method: string, url: string, body?: unknown) =>
  world.as(world.people.manager, method, url, body)
const add = async (body: object) => (await asManager('POST', '/api/leads/', body)).json()

test('a merge shows first what it would do, then does it, and loses nothing', async () => {
  const kept = await add({ full_name: 'Sita Rai', phone: '9841000500', notes: 'kept', city: 'Patan' })
  const { lead: other } = (
    await world.post({
      user: 'agent1',
      lead_id: 'merge-1',
      first_name: 'Sita',
      phone: '+9779841000501',
      email: 'sita@example.com',
      city: 'Pokhara',
      notes: 'other',
      uniqueid: '5.5',
    })
  ).json()
  const preview = (await asManager('GET', `/api/leads/${kept.id}/merge/?from=${other.id}`)).json()
  expect(preview).toMatchObject({
    keep: { id: kept.id },
    from: { id: other.id },
    changes: {
      email: { from: null, to: 'sita@example.com' },
      alt_phone: { from: null, to: '+9779841000501' },
      dialer_lead_id: { from: null, to: 'merge-1' },
      notes: { from: 'kept', to: 'kept\nother' },
    },
  })
  expect(preview.changes).not.toHaveProperty('city')
  expect((await asManager('GET', `/api/leads/${other.id}/`)).statusCode).toBe(200)

  const merged = await asManager('POST', `/api/leads/${kept.id}/merge/`, { from: other.id })
  expect(merged.statusCode).toBe(200)
  expect(merged.json()).toMatchObject({
    id: kept.id,
    full_name: 'Sita Rai',
    city: 'Patan',
    email: 'sita@example.com',
    alt_phone_e164: '+9779841000501',
    assigned_agent_username: 'agent1',
  })
  expect((await asManager('GET', `/api/leads/${other.id}/`)).statusCode).toBe(404)
  const kinds = (await asManager('GET', `/api/leads/${kept.id}/timeline/?page_size=100`))
    .json()
    .results.map((entry: { kind: string }) => entry.kind)
  expect(new Set(kinds)).toEqual(new Set(['lead.created', 'lead.merged', 'lead.changed', 'dialer']))
  // The dialer's next word about either reaches the one that is left.
  const next = (await world.post({ user: 'agent1', lead_id: 'merge-1', address1: 'New' })).json()
  expect([next.lead.id, next.message]).toEqual([kept.id, 'Lead updated successfully'])
})

test('of two dialer ids both keep naming the lead that is left, also after a second merge', async () => {
  const [a, b, c] = await Promise.all(
    ['chain-a', 'chain-b', 'chain-c'].map(
      async (id) => (await world.post({ user: 'agent1', lead_id: id })).json().lead,
    ),
  )
  await asManager('POST', `/api/leads/${b.id}/merge/`, { from: a.id })
  await asManager('POST', `/api/leads/${c.id}/merge/`, { from: b.id })
  for (const id of ['chain-a', 'chain-b', 'chain-c']) {
    expect((await world.post({ user: 'agent1', lead_id: id })).json().lead.id).toBe(c.id)
  }
})

test('who asked not to be called is not called after a merge, on any number', async () => {
  const kept = await add({ full_name: 'Kept', phone: '9841000510' })
  const quiet = await add({ full_name: 'Quiet', phone: '9841000511', do_not_call: true })
  const merged = (await asManager('POST', `/api/leads/${kept.id}/merge/`, { from: quiet.id })).json()
  expect(merged.do_not_call).toBe(true)
  const listed = await asManager('GET', '/api/do-not-call/?number=9841000510')
  expect(listed.json().count).toBe(1)
})

test('leads with the same number or e-mail are hinted at', async () => {
  const one = await add({ full_name: 'One', phone: '9841000520', email: 'same@example.com' })
  const two = await add({ full_name: 'Two', phone: '9841000521', alt_phone: '984-1000520' })
  const three = await add({ full_name: 'Three', phone: '9841000522', email: 'SAME@example.com' })
  const hints = (await asManager('GET', `/api/leads/${one.id}/duplicates/`)).json()
  expect(hints.results.map((lead: { id: number }) => lead.id).sort()).toEqual([two.id, three.id].sort())
})

test('a lead is not merged with itself, with nobody, or with a lead of somebody else', async () => {
  const mine = (await world.post({ user: 'agent1', lead_id: 'mine' })).json().lead
  const theirs = (await world.post({ user: 'agent2', lead_id: 'theirs' })).json().lead
  const merge = (from: number) => world.as(world.agent1, 'POST', `/api/leads/${mine.id}/merge/`, { from })
  expect((await merge(mine.id)).json().code).toBe('same_lead')
  expect((await merge(theirs.id)).statusCode).toBe(404)
  expect((await merge(99_999_999)).statusCode).toBe(404)
})
