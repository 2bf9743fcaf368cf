/** The sample requests of the call plan document, in their order and as they are printed, with its answers. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { addLead } from '../../test/lead-rows.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await createHttpWorld()
  const { workspaceId } = world
  // The document calls a lead a restaurant.
  await addLead(world.database.sql, { workspaceId, company: 'First Restaurant' })
  await addLead(world.database.sql, { workspaceId, company: 'Second Restaurant' })
})
afterAll(() => world.close())

async function at(instant: string): Promise<void> {
  await world.clock.set(new Date(instant))
}

async function answer(method: string, url: string, payload?: unknown) {
  const reply = await world.as(world.people.manager, method, url, payload)
  return { status: reply.statusCode, body: reply.json() }
}

const created = {
  id: 1,
  lead: 1,
  frequency: 'DAILY',
  last_called: null,
  next_call_date: '2024-12-29T00:00:00Z',
  notes: 'Initial call plan.',
}

test('a plan made on 28 December is due the next day', async () => {
  await at('2024-12-28T09:30:00Z')
  const payload = { lead: 1, frequency: 'DAILY', notes: 'Initial call plan.' }
  expect(await answer('POST', '/call/', payload)).toEqual({ status: 201, body: created })
})

test('all plans are a bare array', async () => {
  await at('2024-12-25T15:00:00Z')
  await answer('POST', '/call/', { lead: 2, frequency: 'WEEKLY', notes: 'Follow-up call plan.' })
  await answer('PATCH', '/call/2/', {
    last_called: '2024-12-25T15:00:00Z',
    next_call_date: '2024-12-31T15:00:00Z',
  })
  const second = {
    id: 2,
    lead: 2,
    frequency: 'WEEKLY',
    last_called: '2024-12-25T15:00:00Z',
    next_call_date: '2024-12-31T15:00:00Z',
    notes: 'Follow-up call plan.',
  }
  expect(await answer('GET', '/call/')).toEqual({ status: 200, body: [created, second] })
})

test('the plans of today are those whose date it is', async () => {
  await at('2024-12-28T12:00:00Z')
  await answer('PATCH', '/call/1/', { next_call_date: '2024-12-28T00:00:00Z' })
  const due = { ...created, next_call_date: '2024-12-28T00:00:00Z' }
  expect(await answer('GET', '/call/today/')).toEqual({ status: 200, body: [due] })
  await answer('PATCH', '/call/1/', { next_call_date: '2024-12-29T00:00:00Z' })
})

test('one plan is answered by its id', async () => {
  expect(await answer('GET', '/call/1/')).toEqual({ status: 200, body: created })
})

test('a change of frequency and notes leaves the date of the next call', async () => {
  const change = { frequency: 'WEEKLY', notes: 'Updated call plan.' }
  expect(await answer('PATCH', '/call/1/', change)).toEqual({ status: 200, body: { ...created, ...change } })
})

test('a recorded call is followed by one a day later, at the same time', async () => {
  await answer('PATCH', '/call/1/', { frequency: 'DAILY', notes: 'Initial call plan.' })
  const recorded = { last_called: '2024-12-28T10:00:00Z', next_call_date: '2024-12-29T10:00:00Z' }
  expect(await answer('POST', '/call/1/record_call/', { last_called: '2024-12-28T10:00:00Z' })).toEqual({
    status: 200,
    body: { ...created, ...recorded },
  })
})

test('a frequency that is set moves the next call', async () => {
  await answer('PATCH', '/call/1/', { notes: 'Updated call plan.' })
  expect(await answer('PATCH', '/call/1/set_frequency/', { frequency: 'WEEKLY' })).toEqual({
    status: 200,
    body: {
      id: 1,
      lead: 1,
      frequency: 'WEEKLY',
      last_called: '2024-12-28T10:00:00Z',
      next_call_date: '2025-01-04T10:00:00Z',
      notes: 'Updated call plan.',
    },
  })
})

test('a plan is deleted with a sentence, and is gone', async () => {
  expect(await answer('DELETE', '/call/1/')).toEqual({
    status: 200,
    body: { detail: 'Successfully deleted the call plan.' },
  })
  expect((await answer('GET', '/call/1/')).status).toBe(404)
})
