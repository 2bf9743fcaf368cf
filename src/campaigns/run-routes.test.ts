import { beforeAll, expect, test } from 'vitest'
import { arrayOf, transaction } from '../db/sql.ts'
import { useCampaignServer, type Answer } from './campaign-server.fixture.ts'
import { sweepStoppedRun } from './stop-sweep.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

async function create(
  numbers: unknown[] = [9876543210, 98675432123, 9843812344],
  more: object = {},
): Promise<number> {
  const body = { name: 'Sample', services: 'PHONE', individual_number: numbers, ...more }
  const answer = await server.send(token, 'POST', '/api/system/campaigns/', body)
  return answer.body.data.details.id
}

function begin(id: number, body: object = { message: 'hello' }): Promise<Answer> {
  return server.send(token, 'POST', `/api/system/campaigns/${id}/begin/`, body)
}

async function statusOf(id: number): Promise<string> {
  return (await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)).body.data.details.status
}

/** What a run does to numbers, as the dialer would. */
async function setStatus(id: number, from: string, to: string, limit = 1): Promise<number[]> {
  const rows = await server.sql<{ id: number }[]>`
    with picked as (
      select id from campaign_numbers
       where workspace_id = ${workspaceId} and campaign_id = ${id} and status = ${from}
       order by id limit ${limit}
    ), moved as (
      update campaign_numbers n
         set status = ${to}, run_id = (select max(id) from runs where workspace_id = ${workspaceId} and campaign_id = ${id})
        from picked where n.workspace_id = ${workspaceId} and n.id = picked.id
      returning n.id
    ), less as (
      update totals set count = count - (select count(*) from moved)
       where workspace_id = ${workspaceId} and subject = 'number' and campaign_id in (0, ${id}) and state = ${from}
    ), more as (
      insert into totals (workspace_id, campaign_id, subject, state, count)
      select ${workspaceId}, c, 'number', ${to}, (select count(*) from moved) from unnest(${arrayOf([0, id])}::bigint[]) c
          on conflict (workspace_id, subject, campaign_id, state) do update set count = totals.count + excluded.count
    )
    select id from moved`
  return rows.map((row) => row.id)
}

/** The totals must be what counting finds. */
async function expectExactTotals(): Promise<void> {
  const wrong = await server.sql`
    with counted as (
      select campaign_id, status as state, count(*) as count from campaign_numbers
       where workspace_id = ${workspaceId} group by campaign_id, status
      union all
      select 0, status, count(*) from campaign_numbers where workspace_id = ${workspaceId} group by status
    )
    select * from (select campaign_id, state, count from totals where workspace_id = ${workspaceId} and subject = 'number' and count > 0) t
      full join counted c using (campaign_id, state)
     where t.count is distinct from c.count`
  expect([...wrong]).toEqual([])
}

test('a program that sends null or nothing for what it leaves out makes and begins a campaign', async () => {
  const id = await create([9876543210], { description: null, send_to_number_file: null, user_phone: null })
  const nothing = {
    status: null,
    individual: null,
    user_phone: null,
    aud_file: null,
    audio: '',
    voice_input: '',
  }
  const begun = await begin(id, { message: 'hello', ...nothing, priority: null, schedule_date: '' })
  expect([begun.status, begun.body.message]).toEqual([200, 'Campaign is running'])
  const added = { number: 9843812344, available_tags: null }
  expect((await server.send(token, 'POST', `/api/system/campaigns/number/${id}`, added)).status).toBe(201)
})

test('begin writes one run and answers as the documents say', async () => {
  const id = await create()
  const answer = await begin(id, {
    message: 'Hi, this is to notify that you have been selected for the election',
  })
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({
    status: 200,
    success: true,
    message: 'Campaign is running',
    data: { 'hold amount': '3 credit on hold for Sample campaign.', scheduled_for: null },
  })
  expect(answer.body.data.run_id).toBeGreaterThan(0)
  expect(await statusOf(id)).toBe('Running')
  const [run] =
    await server.sql`select * from runs where workspace_id = ${workspaceId} and campaign_id = ${id}`
  expect(run).toMatchObject({
    state: 'running',
    voice: 'np_rija',
    statuses: ['not_started'],
    individual: null,
    from_numbers: ['+12125550100'],
    watermark: 0,
  })
})

test('forms and multipart bodies begin a campaign, with and without the slash', async () => {
  const form = await server.sendForm(token, `/api/system/campaigns/${await create()}/begin`, [
    ['message', 'Message to Convey'],
    ['voice_input', 'NP_Prasanna'],
  ])
  expect(form.body.message).toBe('Campaign is running')
  const parts = await server.sendParts(token, `/api/system/campaigns/${await create()}/begin/`, [
    { name: 'message', value: 'sample text message' },
    { name: 'priority', value: 'message' },
  ])
  expect(parts.body.message).toBe('Campaign is running')
})

test('fifty parallel begins give one run', async () => {
  const id = await create()
  const answers = await Promise.all(Array.from({ length: 50 }, () => begin(id)))
  const statuses = answers.map((answer) => answer.status).sort()
  expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 409)])
  expect(new Set(answers.filter((one) => one.status === 409).map((one) => one.body.code))).toEqual(
    new Set(['run_open']),
  )
  const runs =
    await server.sql`select id from runs where workspace_id = ${workspaceId} and campaign_id = ${id}`
  expect(runs).toHaveLength(1)
})

test('a message from before is used again, and one is required', async () => {
  const id = await create()
  expect((await begin(id, { priority: 'message' })).body).toMatchObject({ status: 400, param: 'message' })
  await begin(id, { message: 'first' })
  await server.send(token, 'POST', `/api/system/campaigns/${id}/stop/`)
  const again = await begin(id, { status: 'terminated' })
  expect(again.status).toBe(200)
  const [run] =
    await server.sql`select message from runs where id = ${again.body.data.run_id} and workspace_id = ${workspaceId}`
  expect(run).toEqual({ message: 'first' })
})

test.each([
  [{ message: 'Hi {tags_name}, {tags_age|old}' }, 'unknown_tags'],
  [{ message: 'Hi {__proto__}' }, 'unknown_tags'],
  [{ message: 'x'.repeat(4_001) }, 'message_too_long'],
  [{ message: 'hi', voice_input: 'robot' }, 'unknown_voice'],
  [{ message: 'hi', aud_file: 'path/containing/audio.mp3' }, 'unknown_file'],
  [{ audio: 'https://127.0.0.1/a.mp3' }, 'address_refused'],
  [{ message: 'hi', priority: 'audio' }, 'missing_audio'],
  [{ message: 'hi', priority: 'loud' }, 'invalid_field'],
  [{ message: 'hi', schedule_date: '2023-05-09T17:07' }, 'schedule_in_past'],
  [{ message: 'hi', schedule_date: 'tomorrow' }, 'invalid_schedule_date'],
  [{ message: 'hi', schedule_date: '2099-13-45T17:07' }, 'invalid_schedule_date'],
  [{ message: 'hi', status: 'asleep' }, 'unknown_status'],
  [{ message: 'hi', status: 'failed' }, 'nothing_to_call'],
  [{ message: 'hi', status: 'Skipped' }, 'nothing_to_call'],
  [{ message: 'hi', individual: 'x' }, 'invalid_field'],
  [{ message: 'hi', user_phone: ['+12125550111'] }, 'not_owned'],
])('%o is refused: %s', async (body, code) => {
  const id = await create()
  const answer = await begin(id, body)
  expect(answer.body).toMatchObject({ status: 400, code })
  expect(await statusOf(id)).toBe('Not Started')
})

test('a schedule_date is local to the user or the workspace and waits until then', async () => {
  const id = await create()
  await server.sql`update workspaces set settings = '{"time_zone": "Asia/Kathmandu"}' where id = ${workspaceId}`
  const answer = await begin(id, { message: 'hi', schedule_date: '2099-05-09T17:07' })
  await server.sql`update workspaces set settings = '{}' where id = ${workspaceId}`
  expect(answer.body.data).toMatchObject({
    scheduled_for: '2099-05-09T11:22:00Z',
    time_zone: 'Asia/Kathmandu',
  })
  expect(await statusOf(id)).toBe('Scheduled')
  expect((await begin(id)).body.code).toBe('run_open')
  const offset = await begin(await create(), { message: 'hi', schedule_date: '2099-05-09T17:07+02:00' })
  expect(offset.body.data.scheduled_for).toBe('2099-05-09T15:07:00Z')
})

test('a run can be called again by outcome, in any spelling', async () => {
  const spellings = ['Failed', 'failed,HUNGUP', ['failed', 'hungup'], '["failed","hungup"]']
  for (const status of spellings) {
    const id = await create()
    await begin(id)
    await setStatus(id, 'not_started', 'failed', 3)
    await server.sql`update runs set state = 'completed' where workspace_id = ${workspaceId} and campaign_id = ${id}`
    expect((await begin(id)).body).toMatchObject({ status: 400, code: 'nothing_to_call' })
    const [wanted] = await server.sql<{ id: number }[]>`
      select id from campaign_numbers where workspace_id = ${workspaceId} and campaign_id = ${id} limit 1`
    const answer = await begin(id, { status, individual: String(wanted?.id) })
    expect(answer.body.data['hold amount']).toBe('1 credit on hold for Sample campaign.')
  }
  await expectExactTotals()
})

test('a campaign without a usable number or without a number to send from does not begin', async () => {
  expect((await begin(await create(['n/a', 911]))).body).toMatchObject({
    status: 400,
    code: 'no_usable_number',
  })
  const sms = await create([9843812344], { services: 'SMS' })
  const { owned } = server.callerIds
  server.callerIds.owned = []
  expect((await begin(sms)).body).toMatchObject({ status: 409, code: 'no_caller_id' })
  server.callerIds.owned = owned
  expect((await begin(sms, { message: 'x'.repeat(1_601) })).body).toMatchObject({
    status: 400,
    code: 'message_too_long',
  })
  const id = await create()
  server.callerIds.chosen = null
  expect((await begin(id)).body).toMatchObject({ status: 409, code: 'no_caller_id' })
  server.callerIds.chosen = '+12125550100'
  expect((await begin(id)).status).toBe(200)
})

test('a live carrier wants calling hours and has no magic numbers', async () => {
  const plain = await create()
  const magic = await create(['+12025550100', 9843812344])
  server.deps.carrierIsLive = true
  expect((await begin(magic)).body).toMatchObject({ status: 400, code: 'magic_number' })
  expect((await begin(magic)).body.error).toContain('+12025550100')
  expect((await begin(plain)).body).toMatchObject({ status: 409, code: 'calling_hours_unset' })
  server.deps.carrierIsLive = false
  expect((await begin(magic)).status).toBe(200)
})

test('pause, resume and stop fit the state or say what they need', async () => {
  const id = await create()
  const command = (name: string) => server.send(token, 'POST', `/api/system/campaigns/${id}/${name}`)
  expect((await command('pause')).body).toMatchObject({ status: 409, code: 'not_running' })
  await begin(id)
  expect((await command('pause')).body.data.status).toBe('Paused')
  expect((await command('pause')).status).toBe(409)
  const services = await server.send(token, 'PUT', `/api/system/campaigns/${id}/update/`, { services: 'SMS' })
  expect(services.body).toMatchObject({ status: 409, code: 'run_open' })
  expect((await command('resume')).body.data.status).toBe('Running')
  expect((await command('stop')).body.data.status).toBe('Terminated')
  expect((await command('stop')).body).toMatchObject({ status: 409, code: 'no_open_run' })
})

test('stop terminates what was not called, leaves what is being called, and keeps the totals exact', async () => {
  const id = await create()
  await begin(id)
  await setStatus(id, 'not_started', 'calling')
  await setStatus(id, 'not_started', 'queued')
  await server.send(token, 'POST', `/api/system/campaigns/${id}/stop/`)
  const details = await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)
  expect(details.body.data.details.progress).toMatchObject({
    calling: 1,
    terminated: 2,
    queued: 0,
    'not started': 0,
  })
  await expectExactTotals()
})

test('what a request leaves of a stopped run is swept in steps, and nothing begins before that', async () => {
  const id = await create(Array.from({ length: 30 }, (_, index) => 9843812300 + index))
  const { run_id: runId } = (await begin(id)).body.data
  const now = server.clock.now()
  await server.sql`update runs set state = 'stopped', ended_at = ${now} where workspace_id = ${workspaceId} and id = ${runId}`
  const step = () =>
    transaction(server.sql, (tx) => sweepStoppedRun(tx, { workspaceId, id: runId }, { limit: 20, now }))
  expect(await step()).toEqual({ terminated: 20, finished: false })
  expect((await begin(id, { message: 'again', status: 'terminated' })).body).toMatchObject({
    status: 409,
    code: 'run_open',
  })
  expect(await step()).toEqual({ terminated: 10, finished: false })
  expect(await step()).toEqual({ terminated: 0, finished: true })
  expect((await begin(id, { message: 'again', status: 'terminated' })).status).toBe(200)
  await expectExactTotals()
})

test('fresh numbers of a run at work are shown as queued', async () => {
  const id = await create()
  await begin(id)
  const list = await server.send(token, 'GET', `/api/system/campaigns/number/${id}`)
  expect(list.body.data['number-lists'].map((one: { status: string }) => one.status)).toEqual([
    'queued',
    'queued',
    'queued',
  ])
  const details = await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)
  expect(details.body.data.details.progress).toMatchObject({ queued: 3, 'not started': 0 })
})
