import { beforeAll, expect, test } from 'vitest'
import { JobLoop } from '../jobs/job-loop.ts'
import { silentLog } from '../log.ts'
import { bulkCallsHandler } from './bulk-calls-job.ts'
import { useCampaignServer, type Answer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

async function over(answer: Answer): Promise<Record<string, unknown>> {
  expect(answer.status).toBe(202)
  for (;;) {
    const { body } = await server.send(token, 'GET', `/api/jobs/${answer.body.id}/`)
    if (body.status === 'done' || body.status === 'failed') return body
  }
}

type Row = { to_number: string; customer_name: string | null; message: string | null; notes: string | null }

const callsOf = (message: string) => server.sql<Row[]>`
  select to_number, customer_name, message, detail ->> 'notes' as notes
    from calls c join call_events e on e.workspace_id = c.workspace_id and e.call_id = c.id and e.kind = 'created'
   where c.workspace_id = ${workspaceId} and c.message = ${message} and c.state = 'queued'
   order by to_number`

test('a JSON array calls whoever can be called and tells which rows are wrong', async () => {
  const answer = await server.send(token, 'POST', '/api/calls/bulk/', [
    { phone_number: '+9779841000001', customer_name: 'Ann, "A"', notes: 'after\nlunch', message: 'one' },
    { phone_number: 'bad', customer_name: 'Bob', message: 'one' },
    { phone_number: 9841000002, message: 'one' },
    { customer_name: 'nobody’s number' },
    {},
    null,
    { phone_number: '9841000001', message: 'one' },
    { to_number: '+977 984-1000003', message: 'one', unknown: 1 },
  ])
  expect(answer.body).toMatchObject({ status: 'queued', total: 8, errors: [] })
  expect(await over(answer)).toMatchObject({
    kind: 'bulk_calls',
    status: 'done',
    total: 8,
    done: 8,
    errors: [
      { row: 2, error: 'not_a_number', given: 'bad' },
      { row: 4, error: 'no_number' },
      { row: 5, error: 'no_number' },
      { row: 6, error: 'no_number' },
      { row: 7, error: 'duplicate', given: '9841000001' },
    ],
  })
  expect(await callsOf('one')).toEqual([
    { to_number: '+9779841000001', customer_name: 'Ann, "A"', message: 'one', notes: 'after\nlunch' },
    { to_number: '+9779841000002', customer_name: null, message: 'one', notes: null },
    { to_number: '+9779841000003', customer_name: null, message: 'one', notes: null },
  ])
})

test('a file is read like a list of recipients, and what is sent beside it holds for every row', async () => {
  const csv = 'Customer Name;Phone Number;Notes\nAnn;9841000011;x\nBob;12;y\n;;\nCy;+9779841000012;\n'
  const answer = await server.sendParts(token, '/api/calls/bulk/', [
    { name: 'message', value: 'two' },
    { name: 'file', value: csv, filename: 'calls.csv' },
  ])
  expect((await over(answer)).errors).toEqual([{ row: 3, error: 'short_code', given: '12' }])
  expect((await callsOf('two')).map((call) => [call.to_number, call.customer_name, call.notes])).toEqual([
    ['+9779841000011', 'Ann', 'x'],
    ['+9779841000012', 'Cy', null],
  ])
})

test('a list that was half done when its process died is finished, and nobody is on it twice', async () => {
  await server.jobs.stop()
  const rows = Array.from({ length: 9 }, (_, index) => ({
    phone_number: `98410001${10 + index}`,
    message: 'three',
  }))
  const answer = await server.send(token, 'POST', '/api/calls/bulk/', [...rows, rows[0]])
  const [dead] = await server.sql<{ id: number }[]>`insert into workers (name) values ('dead') returning id`
  let asked = 0
  const { sql, clock } = server
  const handler = bulkCallsHandler({
    sql,
    clock,
    carrierAccountId: await accountId(),
    carrier: { live: false },
    batchSize: 4,
  })
  const dying = new JobLoop({
    sql,
    clock,
    log: silentLog,
    worker: { current: () => dead?.id ?? 0, isGone: async () => false },
    handlers: {
      import: handler,
      bulk_calls: async (job) => {
        await handler(job, { isStopping: () => ++asked > 2 })
        return 'lost'
      },
    },
  })
  expect(await dying.runOnce()).toBe(true)
  expect(await callsOf('three')).toHaveLength(4)
  await server.jobs.start()
  expect(await over(answer)).toMatchObject({
    status: 'done',
    done: 10,
    errors: [{ row: 10, error: 'duplicate' }],
  })
  expect((await callsOf('three')).map((call) => call.to_number)).toEqual(
    rows.map((row) => `+977${row.phone_number}`),
  )
})

async function accountId(): Promise<number> {
  const [account] = await server.sql<{ id: number }[]>`select id from carrier_accounts limit 1`
  return account?.id ?? 0
}

test('an empty list, a number that is not ours and an agent that is none are refused before anything is made', async () => {
  const rows = [{ phone_number: '9841000021', message: 'four' }]
  const agent_id = '00000000-0000-0000-0000-000000000000'
  for (const [body, param] of [
    [[], 'calls'],
    [{}, 'calls'],
    [{ calls: rows, from_number: '+19998887777' }, 'from_number'],
    [{ calls: rows, agent_id }, 'agent_id'],
  ] as const) {
    expect((await server.send(token, 'POST', '/api/calls/bulk/', body)).body).toMatchObject({
      status: 400,
      param,
    })
  }
  expect(await callsOf('four')).toEqual([])
})
