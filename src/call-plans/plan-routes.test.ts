import { describe, expect, test } from 'vitest'
import { usePlansServer } from './plans-server.fixture.ts'

const server = usePlansServer()

describe('making a plan', () => {
  test.each([
    [undefined],
    [null],
    ['x'],
    [0],
    [-1],
    [1.5],
    [999_999],
    [true],
    [{}],
    ['99999999999999999999'],
  ])('for the lead %j is refused in the words of the document, before anything else', async (given) => {
    const answer = await server.ask('POST', '/call/', { lead: given, frequency: 'NEVER' })
    expect(answer).toMatchObject({ status: 404, body: { detail: 'Restaurant (Lead) not found.' } })
    expect(answer.body.error).toBe('Restaurant (Lead) not found.')
  })

  test.each([[undefined], [null], ['YEARLY'], [7], [[]]])(
    'with the frequency %j is refused',
    async (given) => {
      const answer = await server.ask('POST', '/call/', { lead: await server.lead(), frequency: given })
      expect(answer).toMatchObject({
        status: 400,
        body: { error: 'Invalid frequency.', code: 'invalid_frequency' },
      })
      expect(answer.body.frequency).toEqual(['Invalid frequency.'])
    },
  )

  test('takes a lead as text and a frequency in any letter case, as a form sends them', async () => {
    const leadId = await server.lead()
    const token = await server.world.tokenOf(server.world.people.manager.email)
    const reply = await server.world.app.inject({
      method: 'POST',
      url: '/call',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
      payload: `lead=${leadId}&frequency=monthly`,
    })
    expect(reply.statusCode).toBe(201)
    expect(reply.json()).toMatchObject({ lead: leadId, frequency: 'MONTHLY', notes: '' })
    expect(reply.json().next_call_date).toBe('2025-01-28T00:00:00Z')
  })

  test('a second time for one lead names the plan that exists, also when both are made at once', async () => {
    const leadId = await server.lead()
    const made = await Promise.all(
      Array.from({ length: 8 }, () => server.ask('POST', '/call/', { lead: leadId, frequency: 'DAILY' })),
    )
    const [first] = made.filter((one) => one.status === 201)
    expect(made.filter((one) => one.status === 400)).toHaveLength(7)
    for (const one of made.filter(({ status }) => status === 400))
      expect(one.body.error).toContain(`call plan ${first?.body.id}`)
  })

  test('begins at the start of the day in the zone of the workspace', async () => {
    await server.setZone('Asia/Kathmandu')
    const { body } = await server.ask('POST', '/call/', { lead: await server.lead(), frequency: 'DAILY' })
    expect(body.next_call_date).toBe('2024-12-28T18:15:00Z')
  })

  test('a PUT is not known here', async () => {
    const { id } = await server.plan()
    const answer = await server.ask('PUT', `/call/${id}/`, { notes: 'x' })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toContain('PATCH')
  })
})

describe('changing a plan', () => {
  test('writes the members that are sent and nothing else', async () => {
    const { id } = await server.plan()
    await server.ask('PATCH', `/call/${id}/`, { notes: 'x', last_called: '2024-12-27T10:00:00+05:45' })
    const { body } = await server.ask('PATCH', `/call/${id}/`, { notes: '', id: 7, lead: 9, paused: true })
    expect(body).toEqual({
      id,
      lead: body.lead,
      frequency: 'DAILY',
      last_called: '2024-12-27T04:15:00Z',
      next_call_date: '2024-12-29T00:00:00Z',
      notes: '',
    })
    expect((await server.ask('PATCH', `/call/${id}/`, { last_called: null })).body.last_called).toBeNull()
  })

  test.each([
    [{ frequency: 'HOURLY' }, 'frequency', 'Invalid frequency.'],
    [{ frequency: null }, 'frequency', 'Invalid frequency.'],
    [{ next_call_date: null }, 'next_call_date', 'next_call_date must be'],
    [{ next_call_date: 'tomorrow' }, 'next_call_date', 'tomorrow'],
    [{ next_call_date: '0000-01-01T00:00:00Z' }, 'next_call_date', '1970'],
    [{ last_called: '2024-12-28T10:06:00Z' }, 'last_called', 'future'],
    [{ last_called: '2024-02-30T10:00:00Z' }, 'last_called', '2024-02-30'],
    [{ notes: ['x'] }, 'notes', 'notes must be text'],
  ])('with %j is refused, naming the field', async (change, field, words) => {
    const { id } = await server.plan()
    const answer = await server.ask('PATCH', `/call/${id}/`, change)
    expect(answer.status).toBe(400)
    expect(answer.body[field][0]).toContain(words)
    expect(answer.body.error).toBe(answer.body.detail)
  })

  test('setting a frequency says whether it is missing or wrong', async () => {
    const { id } = await server.plan()
    expect((await server.ask('PATCH', `/call/${id}/set_frequency/`, {})).body.error).toBe(
      'Frequency not provided.',
    )
    expect((await server.ask('PATCH', `/call/${id}/set_frequency/`, { frequency: 'X' })).body.error).toBe(
      'Invalid frequency.',
    )
    const set = await server.ask('PATCH', `/call/${id}/set_frequency/`, { frequency: 'BIWEEKLY' })
    expect(set.body.next_call_date).toBe('2025-01-11T00:00:00Z')
  })
})

describe('recording a call', () => {
  test('without a time is one of now', async () => {
    const { id } = await server.plan()
    expect((await server.record(id)).body).toMatchObject({
      last_called: '2024-12-28T10:00:00Z',
      next_call_date: '2024-12-29T10:00:00Z',
    })
  })

  test('keeps the local time of day across the change of the clocks', async () => {
    await server.setZone('America/Chicago')
    await server.world.clock.set(new Date('2026-03-08T20:00:00Z'))
    const { id } = await server.plan()
    const { body } = await server.record(id, { last_called: '2026-03-07T16:00:00Z' })
    expect(body.next_call_date).toBe('2026-03-08T15:00:00Z')
  })

  test('that is older than the last keeps both dates, and is in the history', async () => {
    const { id } = await server.plan()
    const newer = await server.record(id, {
      last_called: '2024-12-28T09:00:00Z',
      outcome: 'answered',
      notes: 'Yes.',
    })
    const older = await server.record(id, { last_called: '2024-12-26T09:00:00Z', outcome: 'BUSY' })
    expect(older).toMatchObject({ status: 200, body: newer.body })
    const history = await server.ask('GET', `/call/${id}/history/`)
    expect(history.body).toMatchObject([
      {
        called_at: '2024-12-28T09:00:00Z',
        outcome: 'answered',
        notes: 'Yes.',
        recorded_by: server.world.people.manager.id,
      },
      { called_at: '2024-12-26T09:00:00Z', outcome: 'busy', notes: '' },
    ])
  })

  test('twice is one call, by its instant or by its Idempotency-Key, also at the same time', async () => {
    const { id } = await server.plan()
    await Promise.all(
      [
        '2024-12-28T09:00:00Z',
        '2024-12-28T14:45:00+05:45',
        '2024-12-28T09:00:00.400Z',
        '2024-12-28 09:00:00',
      ].map((instant) => server.record(id, { last_called: instant })),
    )
    const token = await server.world.tokenOf(server.world.people.manager.email)
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': `call of plan ${id}` }
    const keyed = { method: 'POST' as const, url: `/call/${id}/record_call/`, headers, payload: {} }
    const first = await server.world.app.inject(keyed)
    await server.world.clock.set(new Date('2024-12-28T10:00:09Z'))
    const again = await server.world.app.inject(keyed)
    expect(again.json()).toEqual(first.json())
    expect((await server.ask('GET', `/call/${id}/history/`)).body).toHaveLength(2)
  })

  test('many calls at once are all kept, and the latest counts', async () => {
    const plans = await Promise.all(Array.from({ length: 5 }, () => server.plan()))
    const minutes = Array.from({ length: 30 }, (_, minute) => minute)
    const answers = await Promise.all(
      plans.flatMap(({ id }) =>
        minutes.map((minute) =>
          server.record(id, { last_called: new Date(Date.UTC(2024, 11, 28, 9, minute)).toISOString() }),
        ),
      ),
    )
    expect(answers.every((one) => one.status === 200)).toBe(true)
    for (const { id } of plans) {
      expect((await server.ask('GET', `/call/${id}/history/`)).body).toHaveLength(30)
      expect((await server.ask('GET', `/call/${id}/`)).body.last_called).toBe('2024-12-28T09:29:00Z')
    }
  })

  test('of a wrong time, outcome or plan changes nothing', async () => {
    const { id } = await server.plan()
    expect((await server.record(id, { last_called: '2024-12-28T10:05:00Z' })).status).toBe(200)
    expect((await server.record(id, { last_called: '2024-12-28T10:05:01Z' })).body.code).toBe('in_the_future')
    expect((await server.record(id, { outcome: 'shouted' })).body.code).toBe('invalid_outcome')
    expect((await server.record(999_999)).status).toBe(404)
    expect((await server.ask('POST', '/call/none/record_call/', {})).status).toBe(404)
    expect((await server.ask('GET', `/call/${id}/history/`)).body).toHaveLength(1)
  })
})
