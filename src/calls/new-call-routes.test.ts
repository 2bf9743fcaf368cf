import { expect, test } from 'vitest'
import { insertCalls } from '../../test/calls.ts'
import { CarrierAway } from '../carriers/carrier.ts'
import { transaction } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import { lockCalls } from './call-store.ts'
import { useCallsServer } from './calls-server.fixture.ts'
import { queueAgain } from './follow-up.ts'
import { muLaw, wavHead } from '../speech/telephone-sound.ts'

const server = useCallsServer()
const start = new Date('2026-11-20T10:00:00Z')
const unknownId = '01900000-0000-7000-8000-000000000000'

function create(token: string, payload: Record<string, unknown>, headers: Record<string, string> = {}) {
  return server.send(token, 'POST', '/api/calls/', { payload, headers })
}

async function totals(workspaceId: number): Promise<Record<string, number>> {
  const rows = await server.sql<{ state: string; count: number }[]>`
    select state, count from totals where workspace_id = ${workspaceId} and subject = 'call' and count > 0`
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}

test('a new call waits for the dialer, is counted, told, and says who made it', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'manager')
  const agentId = await server.addAgent(workspaceId, 'Ann')
  const { status, body } = await create(token, {
    to_number: 9841000000,
    customer_name: ' Sita ',
    agent_id: agentId,
    message: 'Your parcel is here.',
    voice_input: 'NP_Rija',
    from_number: '+977 9841-000000',
  })
  expect({ status, body }).toMatchObject({
    status: 201,
    body: {
      to_number: '+9779841000000',
      from_number: '+9779841000000',
      customer_name: 'Sita',
      agent: { id: agentId, name: 'Ann' },
      status: 'initiated',
      state: 'queued',
      voice_input: 'np_rija',
      message: 'Your parcel is here.',
      attempt: 1,
      scheduled_for: null,
      time_zone: null,
      history: [{ sequence: 1, kind: 'created', source: 'person', state: 'queued' }],
    },
  })
  expect(await totals(workspaceId)).toEqual({ queued: 1 })
  const [row] =
    await server.sql`select voice, message_seconds, due_at <= created_at as due from calls where id = ${body.call_id}`
  expect(row).toEqual({ voice: 'np_rija', message_seconds: 2, due: true })
  const [event] = await server.sql`select kind, data from events where workspace_id = ${workspaceId}`
  expect(event).toMatchObject({ kind: 'calls.changed', data: { calls: [{ call_id: body.call_id }] } })
  const { scheduled_for: _, time_zone: __, ...detail } = body
  expect((await server.get(token, `/api/calls/${body.call_id}/`)).body).toEqual(detail)
})

test('a schedule_date is local in the workspace unless it carries an offset', async () => {
  const workspaceId = await server.addWorkspace({ timeZone: 'Asia/Kathmandu' })
  const token = server.token(workspaceId, 'admin')
  const local = await create(token, { to_number: '+9779841000000', schedule_date: '2099-05-09T17:07' })
  expect(local.body).toMatchObject({
    scheduled_for: '2099-05-09T11:22:00Z',
    due_at: '2099-05-09T11:22:00Z',
    time_zone: 'Asia/Kathmandu',
  })
  const offset = await create(token, { to_number: '+9779841000001', schedule_date: '2099-05-09T17:07+02:00' })
  expect(offset.body.scheduled_for).toBe('2099-05-09T15:07:00Z')
})

test('what cannot be called is refused with the value that was wrong, and nothing is written', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'admin')
  const good = { to_number: '+9779841000000' }
  const refused: [Record<string, unknown>, string, string][] = [
    [{}, 'missing_field', 'to_number'],
    [{ to_number: '12' }, 'invalid_number', 'to_number'],
    [{ ...good, from_number: '+12125550000' }, 'invalid_field', 'from_number'],
    [{ ...good, agent_id: unknownId }, 'unknown_agent', 'agent_id'],
    [{ ...good, agent_id: 'x' }, 'invalid_field', 'agent_id'],
    [{ ...good, voice_input: 'alice' }, 'unknown_voice', 'voice_input'],
    [{ ...good, aud_file: 'hello.mp3' }, 'unknown_file', 'aud_file'],
    [{ ...good, schedule_date: '2020-01-01T00:00' }, 'schedule_in_past', 'schedule_date'],
    [{ ...good, schedule_date: 'tomorrow' }, 'invalid_schedule_date', 'schedule_date'],
    [{ ...good, message: 'x'.repeat(4_001) }, 'too_long', 'message'],
  ]
  for (const [payload, code, param] of refused)
    expect(await create(token, payload)).toMatchObject({ status: 400, body: { code, param } })
  expect((await create(token, { to_number: '12' })).body.error).toContain('"12"')
  expect(await totals(workspaceId)).toEqual({})
})

test('an agent makes own calls only', async () => {
  const workspaceId = await server.addWorkspace()
  const ann = await server.addAgent(workspaceId, 'Ann')
  const bob = await server.addAgent(workspaceId, 'Bob')
  const token = server.token(workspaceId, 'agent', ann)
  expect((await create(token, { to_number: '+9779841000000' })).body.agent).toEqual({ id: ann, name: 'Ann' })
  const other = await create(token, { to_number: '+9779841000000', agent_id: bob })
  expect(other.body).toMatchObject({ code: 'unknown_agent' })
})

test('without a number to call from, a choice of hours or an answer of the carrier no call is taken', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'admin')
  const { callerIds } = server.deps
  try {
    server.deps.callerIds = async () => ({ owned: [], verified: [], chosen: null })
    const none = await create(token, { to_number: '+9779841000000' })
    expect(none).toMatchObject({ status: 409, body: { code: 'no_caller_id' } })
    server.deps.callerIds = () => Promise.reject(new CarrierAway('closed'))
    const away = await create(token, { to_number: '+9779841000000' })
    expect(away).toMatchObject({ status: 503, body: { code: 'carrier_unavailable' } })
    server.deps.callerIds = callerIds
    server.deps.carrierIsLive = true
    const unset = await create(token, { to_number: '+9779841000000' })
    expect(unset).toMatchObject({ status: 409, body: { code: 'calling_hours_unset' } })
    const magic = await create(token, { to_number: '+12025550107' })
    expect(magic).toMatchObject({ status: 400, body: { code: 'simulated_number' } })
    const open = server.token(await server.addWorkspace({ callingHours: 'always' }), 'admin')
    expect((await create(open, { to_number: '+9779841000000' })).status).toBe(201)
  } finally {
    server.deps.callerIds = callerIds
    server.deps.carrierIsLive = false
  }
})

test('a repeated request with the same key makes one call', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'admin')
  const send = () => create(token, { to_number: '+9779841000000' }, { 'idempotency-key': 'once' })
  const first = await send()
  const second = await send()
  expect(second.body).toEqual(first.body)
  expect(second.headers['idempotent-replayed']).toBe('true')
  expect(await totals(workspaceId)).toEqual({ queued: 1 })
})

/** Takes a waiting call up and gives it back, as a dialer does when the carrier is busy. */
async function giveBack(workspaceId: number, callId: string): Promise<void> {
  await server.sql.begin(async (tx) => {
    await tx`
      update calls set state = 'placing', owner = (select max(id) from workers)
       where workspace_id = ${workspaceId} and id = ${callId}`
    const changes = [
      { campaignId: 0, subject: 'call' as const, state: 'queued', delta: -1 },
      { campaignId: 0, subject: 'call' as const, state: 'placing', delta: 1 },
    ]
    await closeBatch(tx, {
      now: server.clock.now(),
      workspaces: [{ workspaceId, totals: changes, events: [] }],
    })
  })
  const news = { kind: 'unavailable' as const, reason: 'carrier_busy' }
  await server.writer.write({ workspaceId, callId, source: 'answer', at: server.clock.now(), news })
}

test('a call that was given back is followed by one with the same data, at most twenty times', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'manager')
  const { body } = await create(token, {
    to_number: '+9779841000000',
    message: 'Hello',
    voice_input: 'np_binod',
  })
  let callId: string | null = body.call_id
  const seen: string[] = []
  while (callId !== null) {
    seen.push(callId)
    await giveBack(workspaceId, callId)
    const old = await server.get(token, `/api/calls/${callId}/`)
    expect(old.body).toMatchObject({ state: 'not_placed', reason: 'carrier_busy' })
    callId = old.body.next_call_id
    if (callId === null) break
    const next = await server.get(token, `/api/calls/${callId}/`)
    expect(next.body).toMatchObject({
      state: 'queued',
      attempt: seen.length + 1,
      to_number: '+9779841000000',
      message: 'Hello',
      voice_input: 'np_binod',
      history: [{ kind: 'created', source: 'dialer', detail: { follows: seen.at(-1) } }],
    })
  }
  expect(seen).toHaveLength(20)
  expect(await totals(workspaceId)).toEqual({ not_placed: 20 })
})

test('a call that somebody wanted ended, and a number of a campaign, is not followed', async () => {
  const workspaceId = await server.addWorkspace()
  const [id = ''] = await insertCalls(server.sql, workspaceId, [{ state: 'not_placed', createdAt: start }])
  await transaction(server.sql, async (tx) => {
    const [after] = await lockCalls(tx, [{ workspaceId, callId: id }])
    if (after === undefined) throw new Error('no call')
    const before = { ...after, state: 'placing' as const }
    expect(await queueAgain(tx, [{ before: { ...before, hangUp: true }, after }], start)).toEqual([])
    expect(await queueAgain(tx, [{ before, after: { ...after, numberId: 7 } }], start)).toEqual([])
    expect(await queueAgain(tx, [{ before, after }], start)).toHaveLength(1)
  })
})

/** A second of a tone, as a telephone has it. */
function tone(): Buffer {
  const samples = Array.from({ length: 8_000 }, (_, index) =>
    muLaw(0.4 * Math.sin((2 * Math.PI * 440 * index) / 8_000)),
  )
  return Buffer.concat([wavHead(samples.length), Buffer.from(samples)])
}

function createWithFile(token: string, file: Buffer, fields: Record<string, string>) {
  const boundary = 'boundary-of-a-test'
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="aud_file"; filename="chime.wav"\r\nContent-Type: audio/wav\r\n\r\n`
  const payload = Buffer.concat([
    Buffer.from(parts.join('') + head),
    file,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  return server.send(token, 'POST', '/api/calls/', { payload, headers })
}

async function soundOf(callId: string) {
  const [row] = await server.sql`
    select a.name, a.duration_ms, c.message, c.message_seconds
      from calls c
      join audio a on a.workspace_id = c.workspace_id and a.id = c.audio_id
     where c.id = ${callId}`
  return row
}

test('a call plays the sound that comes with it, and one that was uploaded before', async () => {
  const token = server.token(await server.addWorkspace(), 'manager')
  const own = await createWithFile(token, tone(), { to_number: '+9779841000000', message: 'Listen.' })
  expect(own.status).toBe(201)
  expect(await soundOf(own.body.call_id)).toEqual({
    name: 'chime.wav',
    duration_ms: 1_000,
    message: 'Listen.',
    message_seconds: 2,
  })
  const alone = await create(token, { to_number: '+9779841000001', aud_file: 'chime.wav' })
  expect(alone.status).toBe(201)
  expect(await soundOf(alone.body.call_id)).toMatchObject({ name: 'chime.wav', message: null })
})

test('a file that is no sound makes no call', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'manager')
  const wrong = await createWithFile(token, Buffer.from('not a sound'), { to_number: '+9779841000000' })
  expect(wrong).toMatchObject({ status: 400, body: { param: 'aud_file' } })
  expect(await totals(workspaceId)).toEqual({})
})

test('addresses that lead inside are refused, and no call is made', async () => {
  const workspaceId = await server.addWorkspace()
  const token = server.token(workspaceId, 'manager')
  const inside = [
    'http://example.com/a.mp3',
    'https://127.0.0.1/a.mp3',
    'https://[::ffff:10.0.0.1]/a.mp3',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/a.mp3',
    'https://user:secret@example.com/a.mp3',
    'file:///etc/passwd',
  ]
  for (const address of inside) {
    const answer = await create(token, { to_number: '+9779841000000', aud_file: address })
    expect(answer).toMatchObject({ status: 400, body: { code: 'address_refused', param: 'aud_file' } })
  }
  expect(await totals(workspaceId)).toEqual({})
})
