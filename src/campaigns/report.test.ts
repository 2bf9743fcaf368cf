import { readXlsx } from 'hucre/xlsx'
import { beforeAll, expect, test } from 'vitest'
import { useCampaignServer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0
let campaignId = 0
let runId = 0

const sheet = `number,name,note
9843812341,Ram,=1+1
9843812342,Sita,"say ""hi"", please"
9843812343,@Hari,नमस्ते
12,Gita,too short
`

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
  const made = await server.sendParts(token, '/api/system/campaigns/', [
    { name: 'send_to_number_file', value: sheet, filename: 'numbers.csv' },
    { name: 'name', value: 'Report' },
    { name: 'services', value: 'PHONE' },
  ])
  campaignId = made.body.data.details.id
  const begun = await server.send(token, 'POST', `/api/system/campaigns/${campaignId}/begin/`, {
    message: 'Hi {tags_name}',
  })
  runId = begun.body.data.run_id
  await record()
})

/** Three calls that are over, as the dialer and the writer of reports leave them. */
async function record(): Promise<void> {
  const { sql } = server
  const at = new Date('2026-11-20T08:30:00Z')
  const calls = [
    {
      digits: '9843812341',
      from: '+12125550100',
      state: 'completed',
      duration: 12,
      playback: 10,
      heard: true,
    },
    {
      digits: '9843812342',
      from: '+12125550101',
      state: 'completed',
      duration: 4,
      playback: 3,
      heard: false,
    },
    {
      digits: '9843812343',
      from: '+12125550100',
      state: 'no_answer',
      duration: 0,
      playback: 0,
      heard: false,
    },
  ]
  for (const [index, call] of calls.entries()) {
    const id = `01980000-0000-7000-8000-00000000000${index}`
    const status = call.state === 'no_answer' ? 'unanswered' : call.heard ? 'completed' : 'hungup'
    await sql`
      with n as (
        update campaign_numbers
           set status = ${status}, run_id = ${runId}, attempts = 1, duration = ${call.duration}, playback = ${call.playback},
               reason = ${call.state === 'no_answer' ? 'no_answer' : null}, credit_consumed = ${call.duration > 0 ? 1 : 0}
         where workspace_id = ${workspaceId} and campaign_id = ${campaignId} and digits = ${call.digits}
        returning id
      )
      insert into calls (workspace_id, id, carrier_account_id, campaign_id, run_id, number_id, to_number, from_number, state,
                         carrier_sid, owner, created_at, started_at, ended_at, duration, playback, heard)
      select ${workspaceId}, ${id}, 1, ${campaignId}, ${runId}, n.id, ${`+977${call.digits}`}, ${call.from}, ${call.state},
             ${`CA${index}`}, 1, ${at}, ${call.duration > 0 ? at : null}, ${at}, ${call.duration}, ${call.playback}, ${call.heard}
        from n`
  }
}

const report = (query = '') =>
  server.send(token, 'GET', `/api/system/campaigns/${campaignId}/report/${query}`)

test('the report counts outcomes, durations, caller ids and who still listened at each second', async () => {
  const { status, body } = await report()
  expect(status).toBe(200)
  expect(body.data.details).toMatchObject({
    campaign: { id: campaignId, name: 'Report', services: 'PHONE', status: 'Running' },
    run_id: null,
    runs: [{ run_id: runId, ordinal: 1, status: 'Running', message: 'Hi {tags_name}', credits: { held: 3 } }],
    numbers: {
      total: 4,
      by_status: { completed: 1, hungup: 1, unanswered: 1, invalid: 1, 'not started': 0 },
      reasons: expect.arrayContaining([{ status: 'unanswered', reason: 'no_answer', count: 1 }]),
      attempts: [
        { attempts: 0, count: 1 },
        { attempts: 1, count: 3 },
      ],
    },
    calls: {
      total: 3,
      open: 0,
      answered: 2,
      completed: 1,
      hungup: 1,
      no_answer: 1,
      busy: 0,
      answer_rate: 0.6667,
    },
    durations: { total: 16, average: 8, median: 4, p90: 12, longest: 12 },
    playback: { total: 13, average: 6.5 },
    credits: { used: 0, held: 3 },
    listening: { answered: 2, heard_to_end: 1, still: [2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1] },
    callers: [
      { number: '+12125550100', calls: 2, answered: 1, answer_rate: 0.5, average_duration: 12 },
      { number: '+12125550101', calls: 1, answered: 1, answer_rate: 1, average_duration: 4 },
    ],
    by_hour: [{ hour: '2026-11-20T08:00:00Z', calls: 3, answered: 2 }],
    burn_up: { run_id: runId, step_seconds: 1 },
  })
  expect((await report(`?run=${runId}`)).body.data.details).toMatchObject({
    run_id: runId,
    calls: { total: 3 },
  })
})

test('a campaign that was never begun has a report of nothing', async () => {
  const made = await server.send(token, 'POST', '/api/system/campaigns/', {
    name: 'Nothing',
    services: 'SMS',
    individual_number: [9843812341],
  })
  const { body } = await server.send(
    token,
    'GET',
    `/api/system/campaigns/${made.body.data.details.id}/report/`,
  )
  expect(body.data.details).toMatchObject({
    runs: [],
    texts: { total: 0, delivery_rate: null },
    callers: [],
    by_hour: [],
    burn_up: null,
  })
})

test('the numbers come as CSV and as a workbook, in the order of the list, and nothing in them runs', async () => {
  const url = `/api/system/campaigns/${campaignId}/export`
  const csv = await server.send(token, 'GET', `${url}/`)
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(csv.headers['content-disposition']).toBe(`attachment; filename="campaign-${campaignId}-numbers.csv"`)
  const lines = String(csv.body).split('\r\n')
  expect(lines[0]).toBe(
    '\uFEFFid,number,e164,status,reason,attempts,duration,playback,credit_consumed,run_id,tags_name,tags_note',
  )
  expect(lines.slice(1, 5).map((line) => line.replace(/^\d+,/, ''))).toEqual([
    `9843812341,+9779843812341,completed,,1,12,10,1,${runId},Ram,'=1+1`,
    `9843812342,+9779843812342,hungup,,1,4,3,1,${runId},Sita,"say ""hi"", please"`,
    `9843812343,+9779843812343,unanswered,no_answer,1,0,0,0,${runId},'@Hari,नमस्ते`,
    '12,,invalid,short_code,0,0,0,0,,Gita,too short',
  ])
  const workbook = await server.app.inject({
    url: `${url}?format=xlsx`,
    headers: { authorization: `Bearer ${token}` },
  })
  const { rows = [] } = (await readXlsx(workbook.rawPayload)).sheets[0] ?? {}
  expect(rows.map((row) => [row[1], row[3], row[10], row[11]])).toEqual([
    ['number', 'status', 'tags_name', 'tags_note'],
    [9843812341, 'completed', 'Ram', "'=1+1"],
    [9843812342, 'hungup', 'Sita', 'say "hi", please'],
    [9843812343, 'unanswered', "'@Hari", 'नमस्ते'],
    [12, 'invalid', 'Gita', 'too short'],
  ])
  const some = await server.send(token, 'GET', `${url}/?status=hungup,Invalid`)
  expect(String(some.body).trimEnd().split('\r\n')).toHaveLength(3)
})

test('the report as a file tells what became of each number', async () => {
  const csv = await report('?format=csv')
  expect(String(csv.body).split('\r\n')[1]).toContain(',completed,,1,12,10,1,')
  const ofRun = await report(`?format=csv&run=${runId}`)
  expect(String(ofRun.body).trimEnd().split('\r\n')).toHaveLength(4)
})

test('what is not there is said: a status, a run, a campaign, somebody else’s', async () => {
  const url = `/api/system/campaigns/${campaignId}`
  const wrong = await server.send(token, 'GET', `${url}/export/?status=lost`)
  expect([wrong.status, wrong.body.code]).toEqual([400, 'unknown_status'])
  expect((await report('?run=999999')).body.code).toBe('run_not_found')
  expect((await report('?format=pdf')).status).toBe(400)
  const other = await server.addWorkspace()
  for (const path of ['report', 'export'])
    expect((await server.send(other.token, 'GET', `${url}/${path}/`)).status).toBe(404)
})
