import { arrayOf, column, type Queryable, type Sql, type Tx } from '../db/sql.ts'
import type { Job, JobKind, JobStatus } from './job.ts'

/** The channel on which job loops are woken, and told with its key of a job that was canceled. */
export const jobsChannel = 'trunkline_jobs'

export function keyOf(job: { workspaceId: number; id: number }): string {
  return `${job.workspaceId}:${job.id}`
}

export type NewJob = {
  workspaceId: number
  kind: JobKind
  campaignId: number | null
  total: number | null
  /** A JSON value. */
  state: object
  columns: readonly string[] | null
  createdBy: string | null
}

/** Queues a job in the caller's transaction; a loop is woken when it commits. */
export async function addJob(tx: Tx, job: NewJob, now: Date): Promise<Job> {
  const [row] = await tx<JobRow[]>`
    with added as (
      insert into jobs (workspace_id, kind, status, campaign_id, total, state, columns, created_by, created_at)
      values (${job.workspaceId}, ${job.kind}, 'queued', ${job.campaignId}, ${job.total},
              ${JSON.stringify(job.state)}::text::jsonb, ${job.columns === null ? null : arrayOf(job.columns)}::text[],
              ${job.createdBy}, ${now})
      returning *
    )
    select added.*, pg_notify(${jobsChannel}, '') from added`
  if (!row) throw new Error('A job was not inserted')
  return toJob(row)
}

export async function findJob(sql: Queryable, workspaceId: number, id: number): Promise<Job | null> {
  const [row] = await sql<JobRow[]>`select * from jobs where workspace_id = ${workspaceId} and id = ${id}`
  return row ? toJob(row) : null
}

/** Takes the oldest queued job, of any workspace. Null when there is none. */
export async function claimQueuedJob(sql: Sql, owner: number, now: Date): Promise<Job | null> {
  const [row] = await sql<JobRow[]>`
    update jobs
       set status = 'running', owner = ${owner}, started_at = coalesce(started_at, ${now})
     where (workspace_id, id) = (
       select workspace_id, id from jobs
        where status = 'queued'
        order by id
        limit 1
          for update skip locked
     )
    returning *`
  return row ? toJob(row) : null
}

/** The running jobs of other owners, and those of `owner` that it is not at work on: candidates to be taken over. */
export async function listRunningJobs(
  sql: Sql,
): Promise<{ workspaceId: number; id: number; owner: number }[]> {
  const rows = await sql<{ workspace_id: number; id: number; owner: number }[]>`
    select workspace_id, id, owner from jobs where status = 'running' order by id limit 100`
  return rows.map((row) => ({ workspaceId: row.workspace_id, id: row.id, owner: row.owner }))
}

/** Takes over a job from an owner that is gone. Null when somebody was faster. */
export async function takeOverJob(
  sql: Sql,
  job: { workspaceId: number; id: number; owner: number },
  owner: number,
): Promise<Job | null> {
  const [row] = await sql<JobRow[]>`
    update jobs set owner = ${owner}
     where workspace_id = ${job.workspaceId} and id = ${job.id} and status = 'running' and owner = ${job.owner}
    returning *`
  return row ? toJob(row) : null
}

/**
 * Moves the cursor from `job.done` to `done`, in the transaction that did the work in between. False when the job
 * was canceled, or belongs to somebody else by now: the caller must roll back and stop.
 */
export async function advanceJob(tx: Tx, job: Job, step: { done: number; state: object }): Promise<boolean> {
  const result = await tx`
    update jobs set done = ${step.done}, state = ${JSON.stringify(step.state)}::text::jsonb
     where workspace_id = ${job.workspaceId} and id = ${job.id}
       and status = 'running' and owner = ${job.owner} and done = ${job.done}`
  return result.count === 1
}

/** Ends a running job of this owner. False when it was canceled or taken over meanwhile. */
export async function finishJob(
  sql: Queryable,
  job: Job,
  end: { status: 'done' | 'failed'; error: string | null; now: Date },
): Promise<boolean> {
  const result = await sql`
    update jobs set status = ${end.status}, error = ${end.error}, owner = null, ended_at = ${end.now}
     where workspace_id = ${job.workspaceId} and id = ${job.id} and status = 'running' and owner = ${job.owner}`
  return result.count === 1
}

/** Gives a job back unfinished, for any process to go on with. */
export async function releaseJob(sql: Sql, job: Job): Promise<void> {
  await sql`
    with released as (
      update jobs set status = 'queued', owner = null
       where workspace_id = ${job.workspaceId} and id = ${job.id} and status = 'running' and owner = ${job.owner}
      returning id
    )
    select pg_notify(${jobsChannel}, '') from released`
}

/**
 * Cancels a job that is not over. What was done stays; the step in flight is undone when it did not commit before, and
 * whoever is at work on the job is told.
 */
export async function cancelJob(
  sql: Queryable,
  workspaceId: number,
  id: number,
  now: Date,
): Promise<boolean> {
  const result = await sql`
    with canceled as (
      update jobs set status = 'canceled', owner = null, ended_at = ${now}
       where workspace_id = ${workspaceId} and id = ${id} and status in ('queued', 'running')
      returning workspace_id, id
    )
    select pg_notify(${jobsChannel}, workspace_id || ':' || id) from canceled`
  return result.count === 1
}

/** Cancels every unfinished job of a campaign. */
export async function cancelJobsOfCampaign(
  tx: Tx,
  workspaceId: number,
  campaignId: number,
  now: Date,
): Promise<void> {
  await tx`
    with canceled as (
      update jobs set status = 'canceled', owner = null, ended_at = ${now}
       where workspace_id = ${workspaceId} and campaign_id = ${campaignId} and status in ('queued', 'running')
      returning workspace_id, id
    )
    select pg_notify(${jobsChannel}, workspace_id || ':' || id) from canceled`
}

/** The newest job of a campaign. */
export async function latestJobOfCampaign(
  sql: Queryable,
  workspaceId: number,
  campaignId: number,
): Promise<Job | null> {
  const [row] = await sql<JobRow[]>`
    select * from jobs
     where workspace_id = ${workspaceId} and campaign_id = ${campaignId}
     order by id desc
     limit 1`
  return row ? toJob(row) : null
}

/** `cells`: the row as it was read. */
export type JobProblem = { row: number; given: string; error: string; cells: readonly string[] }

export async function addJobProblems(tx: Tx, job: Job, problems: readonly JobProblem[]): Promise<void> {
  if (problems.length === 0) return
  await tx`
    insert into job_problems (workspace_id, job_id, row, given, error, cells)
    select ${job.workspaceId}, ${job.id}, row, given, error, cells::text[]
      from unnest(${column(problems, (problem) => problem.row)}::bigint[], ${column(problems, (problem) => problem.given)}::text[],
                  ${column(problems, (problem) => problem.error)}::text[],
                  ${column(problems, (problem) => arrayOf(problem.cells))}::text[]) as problem (row, given, error, cells)`
}

/** Problems in the order of the rows, after row `after`. */
export async function listJobProblems(
  sql: Queryable,
  job: { workspaceId: number; id: number },
  { after, limit }: { after: number; limit: number },
): Promise<JobProblem[]> {
  return sql<JobProblem[]>`
    select row, given, error, coalesce(cells, array[given]) as cells from job_problems
     where workspace_id = ${job.workspaceId} and job_id = ${job.id} and row > ${after}
     order by row
     limit ${limit}`
}

interface JobRow {
  workspace_id: number
  id: number
  kind: JobKind
  status: JobStatus
  campaign_id: number | null
  total: number | null
  done: number
  state: unknown
  columns: string[] | null
  error: string | null
  owner: number | null
  created_by: string | null
}

function toJob(row: JobRow): Job {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    kind: row.kind,
    status: row.status,
    campaignId: row.campaign_id,
    total: row.total,
    done: row.done,
    state: row.state,
    columns: row.columns,
    error: row.error,
    owner: row.owner,
    createdBy: row.created_by,
  }
}
