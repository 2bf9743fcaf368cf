import { beforeAll, expect, test } from 'vitest'
import { JobLoop, type JobHandler } from '../jobs/job-loop.ts'
import { findJob } from '../jobs/job-store.ts'
import { silentLog } from '../log.ts'
import { useCampaignServer } from './campaign-server.fixture.ts'
import { importHandler } from './import-job.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

/** Makes a campaign whose import waits: nothing works on jobs meanwhile. */
async function createQueued(rows: number): Promise<{ campaignId: number; jobId: number }> {
  await server.jobs.stop()
  server.deps.importWaitMs = 0
  const lines = Array.from(
    { length: rows },
    (_, index) => `${index % 10 === 0 ? 'bad' : 9840000000 + index},N${index}`,
  )
  const answer = await server.sendParts(token, '/api/system/campaigns/', [
    { name: 'send_to_number_file', value: `number,name\n${lines.join('\n')}\n`, filename: 'numbers.csv' },
    { name: 'name', value: 'sample bulk campaign' },
    { name: 'services', value: 'PHONE' },
  ])
  server.deps.importWaitMs = 10_000
  expect(answer.status).toBe(201)
  const { id, import: job } = answer.body.data.details
  expect(job).toMatchObject({ status: 'queued', done: 0, total: rows })
  return { campaignId: id, jobId: job.id }
}

const neverAsked: JobHandler = async () => 'done'

function loopOf(workerId: number, batchSize = 100): JobLoop {
  return new JobLoop({
    sql: server.sql,
    clock: server.clock,
    log: silentLog,
    worker: { current: () => workerId, isGone: async (id) => id !== workerId },
    handlers: {
      import: importHandler({ sql: server.sql, clock: server.clock, batchSize }),
      bulk_calls: neverAsked,
    },
  })
}

async function addWorker(): Promise<number> {
  const [row] = await server.sql<{ id: number }[]>`insert into workers (name) values ('other') returning id`
  return row?.id ?? 0
}

async function countsOf(campaignId: number) {
  const [row] = await server.sql`
    select count(*)::int as rows, count(distinct tags ->> 'tags_name')::int as names,
           count(*) filter (where status = 'invalid')::int as invalid
      from campaign_numbers where workspace_id = ${workspaceId} and campaign_id = ${campaignId}`
  return row
}

test('an import whose process died mid-way goes on elsewhere, without losing or doubling a row', async () => {
  const { campaignId, jobId } = await createQueued(2_000)
  // The process dies with a step in flight: its connection is cut, and nothing after a few steps happens.
  const dying = await addWorker()
  let asked = 0
  const dead = new JobLoop({
    sql: server.sql,
    clock: server.clock,
    log: silentLog,
    worker: { current: () => dying, isGone: async () => false },
    handlers: {
      bulk_calls: neverAsked,
      import: async (job) => {
        const handler = importHandler({ sql: server.sql, clock: server.clock, batchSize: 100 })
        await handler(job, { isStopping: () => ++asked > 7 })
        // Stopped between two steps and never given back, as by kill -9.
        return 'lost'
      },
    },
  })
  await dead.runOnce()
  const half = await findJob(server.sql, workspaceId, jobId)
  expect(half).toMatchObject({ status: 'running', owner: dying })
  const rows = half?.done ?? 0
  expect(rows).toBeGreaterThan(0)
  expect(rows).toBeLessThan(2_000)
  expect(await countsOf(campaignId)).toEqual({ rows, names: rows, invalid: rows / 10 })

  const next = loopOf(await addWorker(), 300)
  expect(await next.runOnce()).toBe(true)
  expect(await findJob(server.sql, workspaceId, jobId)).toMatchObject({
    status: 'done',
    owner: null,
    done: 2_000,
  })
  expect(await countsOf(campaignId)).toEqual({ rows: 2_000, names: 2_000, invalid: 200 })
  const problems = await server.sql`
    select count(*)::int as count from job_problems where workspace_id = ${workspaceId} and job_id = ${jobId}`
  expect(problems[0]).toEqual({ count: 200 })
  const details = await server.send(token, 'GET', `/api/system/campaigns/${campaignId}/details/`)
  expect(details.body.data.details).toMatchObject({
    number_count: 2_000,
    progress: { 'not started': 1_800, invalid: 200 },
  })
  await server.jobs.start()
})

test('a job that fails by surprise is tried again, and has failed when it goes on so', async () => {
  for (const { failures, status, rows } of [
    { failures: 2, status: 'done', rows: 300 },
    { failures: 99, status: 'failed', rows: 0 },
  ]) {
    const { campaignId, jobId } = await createQueued(300)
    const owner = await addWorker()
    let left = failures
    const loop = new JobLoop({
      sql: server.sql,
      clock: server.clock,
      log: silentLog,
      worker: { current: () => owner, isGone: async () => false },
      handlers: {
        bulk_calls: neverAsked,
        async import(job, how) {
          if ((left -= 1) >= 0) throw new Error('a deadlock, say')
          return importHandler({ sql: server.sql, clock: server.clock })(job, how)
        },
      },
    })
    await until(async () => {
      await loop.runOnce().catch(() => {})
      return (await findJob(server.sql, workspaceId, jobId))?.status === status
    })
    expect(await countsOf(campaignId)).toEqual({ rows, names: rows, invalid: rows / 10 })
    await server.jobs.start()
  }
})

test('a job of a worker that lives is not taken', async () => {
  const { jobId } = await createQueued(10)
  const owner = await addWorker()
  await server.sql`
    update jobs set status = 'running', owner = ${owner} where workspace_id = ${workspaceId} and id = ${jobId}`
  const other = new JobLoop({
    sql: server.sql,
    clock: server.clock,
    log: silentLog,
    worker: { current: () => server.workerId, isGone: async () => false },
    handlers: { import: importHandler({ sql: server.sql, clock: server.clock }), bulk_calls: neverAsked },
  })
  expect(await other.runOnce()).toBe(false)
  expect(await loopOf(await addWorker()).runOnce()).toBe(true)
  await server.jobs.start()
})

test('stop lets the step in flight end and gives the job back', async () => {
  const { jobId } = await createQueued(3_000)
  const loop = loopOf(await addWorker(), 10)
  await loop.start()
  await until(async () => ((await findJob(server.sql, workspaceId, jobId))?.done ?? 0) > 0)
  await loop.stop()
  const job = await findJob(server.sql, workspaceId, jobId)
  expect(job).toMatchObject({ status: 'queued', owner: null })
  await server.jobs.start()
  await until(async () => (await findJob(server.sql, workspaceId, jobId))?.status === 'done')
})

test('a campaign does not begin while its import runs, and a canceled import ends within a second', async () => {
  const { campaignId, jobId } = await createQueued(5_000)
  const begin = () =>
    server.send(token, 'POST', `/api/system/campaigns/${campaignId}/begin/`, { message: 'hi' })
  expect((await begin()).body).toMatchObject({ status: 409, code: 'import_running' })
  const loop = loopOf(await addWorker(), 10)
  const running = loop.runOnce()
  await until(async () => ((await findJob(server.sql, workspaceId, jobId))?.done ?? 0) > 0)
  const canceledAt = performance.now()
  const answer = await server.send(token, 'POST', `/api/jobs/${jobId}/cancel/`)
  expect(answer.body).toMatchObject({ id: jobId, status: 'canceled' })
  await running
  expect(performance.now() - canceledAt).toBeLessThan(1_000)
  const { done } = answer.body
  expect(await countsOf(campaignId)).toMatchObject({ rows: done })
  expect((await begin()).status).toBe(200)
  await server.jobs.start()
})

test('whoever is at work on a job hears at once that it was canceled', async () => {
  const { jobId } = await createQueued(10)
  const heard: boolean[] = []
  const loop = new JobLoop({
    sql: server.sql,
    clock: server.clock,
    log: silentLog,
    worker: { current: () => otherId, isGone: async () => false },
    handlers: {
      bulk_calls: neverAsked,
      import: async (job, { isStopping }) => {
        heard.push(isStopping())
        await until(async () => isStopping())
        // The job is over, whatever its handler says.
        expect(await findJob(server.sql, job.workspaceId, job.id)).toMatchObject({ status: 'canceled' })
        heard.push(true)
        return 'stopped'
      },
    },
  })
  const otherId = await addWorker()
  await loop.start()
  await until(async () => heard.length === 1)
  await server.send(token, 'POST', `/api/jobs/${jobId}/cancel/`)
  await until(async () => heard.length === 2)
  await loop.stop()
  expect(heard).toEqual([false, true])
  expect(await findJob(server.sql, workspaceId, jobId)).toMatchObject({ status: 'canceled' })
  await server.jobs.start()
})

test('an import that still reads up to where it was leaves off as well', async () => {
  const { campaignId, jobId } = await createQueued(60_000)
  await server.sql`update jobs set done = 59_999 where workspace_id = ${workspaceId} and id = ${jobId}`
  const job = await findJob(server.sql, workspaceId, jobId)
  if (job === null) throw new Error('The job is gone')
  let asked = 0
  const handler = importHandler({ sql: server.sql, clock: server.clock })
  expect(await handler(job, { isStopping: () => ++asked > 3 })).toBe('stopped')
  expect(await countsOf(campaignId)).toMatchObject({ rows: 0 })
  await server.send(token, 'POST', `/api/jobs/${jobId}/cancel/`)
  await server.jobs.start()
})

test('progress is told to open pages', async () => {
  const events = await server.sql<{ data: { status: string } }[]>`
    select data from events where workspace_id = ${workspaceId} and kind = 'import.progress' order by position limit 1000`
  expect(new Set(events.map((event) => event.data.status))).toEqual(new Set(['running', 'done', 'canceled']))
})

test('what an import has read is not kept', async () => {
  await until(async () => {
    const [row] = await server.sql<{ waiting: number }[]>`
      select count(*)::int as waiting from jobs where workspace_id = ${workspaceId} and status in ('queued', 'running')`
    return row?.waiting === 0
  })
  const left = await server.sql`
    select u.id from uploads u join jobs j on j.workspace_id = u.workspace_id and j.state ->> 'uploadId' = u.id::text
     where u.workspace_id = ${workspaceId} and j.status = 'done'`
  expect([...left]).toEqual([])
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('The condition did not come true in time')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('numbers that a person adds while the import runs are there once, and the totals stay exact', async () => {
  const { campaignId, jobId } = await createQueued(4_000)
  const loop = loopOf(await addWorker(), 50)
  const running = loop.runOnce()
  await until(async () => ((await findJob(server.sql, workspaceId, jobId))?.done ?? 0) > 0)
  // Late rows of the file: they are not imported yet, so the import finds them there.
  for (let index = 3_999; index > 3_980; index -= 2) {
    const number = 9840000000 + index
    await server.send(token, 'POST', `/api/system/campaigns/number/${campaignId}`, { number })
  }
  await running
  expect(await findJob(server.sql, workspaceId, jobId)).toMatchObject({ status: 'done', done: 4_000 })
  expect(await countsOf(campaignId)).toEqual({ rows: 4_000, names: 4_000, invalid: 400 })
  const details = await server.send(token, 'GET', `/api/system/campaigns/${campaignId}/details/`)
  expect(details.body.data.details).toMatchObject({
    number_count: 4_000,
    progress: { 'not started': 3_600, invalid: 400 },
    import: { duplicates: 10 },
  })
  await server.jobs.start()
})
