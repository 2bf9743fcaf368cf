import { Type } from '@fastify/type-provider-typebox'
import type { Clock } from '../clock.ts'
import { transaction, type Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { managers, principalOf, staff } from '../http/principal.ts'
import { sendTable, tableFormat, type Cell } from '../http/table-file.ts'
import type { Job } from './job.ts'
import { cancelJob, findJob, listJobProblems } from './job-store.ts'

export type JobDeps = { sql: Sql; clock: Clock }

const JobId = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const Status = Type.Union([
  Type.Literal('queued'),
  Type.Literal('running'),
  Type.Literal('done'),
  Type.Literal('failed'),
  Type.Literal('canceled'),
])
const JobWire = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  status: Status,
  total: Type.Union([Type.Integer(), Type.Null()]),
  done: Type.Integer(),
  error: Type.Union([Type.String(), Type.Null()], { description: 'Why it failed' }),
  errors: Type.Array(Type.Object({ row: Type.Integer(), error: Type.String(), given: Type.String() }), {
    description: 'The first 100; all of them at errors/',
  }),
})
const shownErrors = 100

/** Work that goes on after its request was answered. */
export async function jobRoutes(app: App, deps: JobDeps): Promise<void> {
  const { sql } = deps
  const tags = ['jobs']

  app.route({
    method: 'GET',
    url: '/api/jobs/:id/',
    config: { allow: staff },
    schema: { tags, summary: 'How a job goes', params: JobId, response: { 200: JobWire } },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      return toWire(sql, await requireJob(sql, workspaceId, request.params.id))
    },
  })

  app.route({
    method: 'GET',
    url: '/api/jobs/:id/errors/',
    config: { allow: staff },
    schema: {
      tags,
      summary: 'Every row that was wrong, as a file to mend it in',
      description: 'The columns of the list as they were, then `problem_row` and `problem`.',
      params: JobId,
      querystring: Type.Object({ format: Type.Optional(tableFormat) }),
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const job = await requireJob(sql, workspaceId, request.params.id)
      const columns = job.columns ?? ['number']
      return sendTable(reply, request.query.format ?? 'csv', {
        name: `import-${job.id}-errors`,
        columns: [...columns, 'problem_row', 'problem'],
        rows: problemRows(sql, job, columns.length),
      })
    },
  })

  for (const [method, url] of [
    ['DELETE', '/api/jobs/:id/'],
    ['POST', '/api/jobs/:id/cancel/'],
  ] as const) {
    app.route({
      method,
      url,
      config: { allow: managers },
      schema: {
        tags,
        summary: 'Cancel a job: what was done stays',
        params: JobId,
        response: { 200: JobWire },
      },
      handler: async (request) => cancel(deps, principalOf(request).workspaceId, request.params.id),
    })
  }
}

async function cancel({ sql, clock }: JobDeps, workspaceId: number, id: number) {
  const job = await requireJob(sql, workspaceId, id)
  const now = clock.now()
  const canceled = await transaction(sql, async (tx) => {
    if (!(await cancelJob(tx, workspaceId, id, now))) return false
    const data = { job_id: id, campaign_id: job.campaignId, status: 'canceled' }
    const events = [{ kind: `${job.kind}.progress`, visibleTo: null, data }]
    await closeBatch(tx, { now, workspaces: [{ workspaceId, totals: [], events }] })
    return true
  })
  const current = await requireJob(sql, workspaceId, id)
  if (canceled || current.status === 'canceled') return toWire(sql, current)
  throw new AppError('conflict', 'job_over', `The job is ${current.status} already.`)
}

async function requireJob(sql: Sql, workspaceId: number, id: number): Promise<Job> {
  const job = await findJob(sql, workspaceId, id)
  if (job === null) throw new AppError('not_found', 'job_not_found', `There is no job ${id}.`)
  return job
}

async function toWire(sql: Sql, job: Job) {
  const problems = await listJobProblems(sql, job, { after: 0, limit: shownErrors })
  const errors = problems.map(({ row, error, given }) => ({ row, error, given }))
  const { id, kind, status, total, done, error } = job
  return { id, kind, status, total, done, error, errors }
}

const rowsPerQuery = 2_000

/** In pieces: no connection is held while the client reads. */
async function* problemRows(sql: Sql, job: Job, width: number): AsyncGenerator<Cell[][]> {
  for (let after = 0; ;) {
    const problems = await listJobProblems(sql, job, { after, limit: rowsPerQuery })
    const last = problems.at(-1)
    if (last === undefined) return
    yield problems.map(({ row, cells, error }) => [
      ...Array.from({ length: width }, (_, column) => cells[column] ?? ''),
      row,
      error,
    ])
    after = last.row
  }
}
