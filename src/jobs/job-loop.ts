import { failpoint } from '../failpoint.ts'
import type { Clock } from '../clock.ts'
import { createLoop, type Loop } from '../db/loop.ts'
import { isConnectionFailure, type Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Job, JobKind, JobWorker } from './job.ts'
import {
  claimQueuedJob,
  finishJob,
  jobsChannel,
  keyOf,
  listRunningJobs,
  releaseJob,
  takeOverJob,
} from './job-store.ts'

const mostSurprises = 3

/**
 * Does one job from its cursor on. `done` it ended itself, in its last transaction; `stopped` it saw `isStopping`, which
 * turns true when the process stops or the job is canceled, and is to be asked several times a second; `lost` it was
 * canceled or taken over. An AppError fails the job with its sentence, anything else
 * after a few tries.
 */
export type JobHandler = (
  job: Job,
  context: { isStopping(): boolean },
) => Promise<'done' | 'stopped' | 'lost'>

export type JobLoopOptions = {
  sql: Sql
  clock: Clock
  log: Log
  worker: JobWorker
  handlers: Record<JobKind, JobHandler>
  /** Jobs done side by side, so that a short one need not wait for a long one. */
  lanes?: number
  /** Milliseconds between looks when nobody wakes the loop. */
  idleMs?: number
}

/**
 * Does queued jobs, and goes on with those of processes that died. `stop` lets the step in flight end, gives the job
 * back and returns.
 */
export class JobLoop {
  readonly #options: JobLoopOptions
  readonly #working = new Set<string>()
  readonly #canceled = new Set<string>()
  /** How often in a row something went wrong in a job that nobody expected. */
  readonly #surprises = new Map<string, number>()
  #lanes: Loop[] = []
  #unlisten: (() => Promise<void>) | null = null
  #stopping = false

  constructor(options: JobLoopOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#stopping = false
    const listening = await this.#options.sql.listen(jobsChannel, (canceled) => this.#hear(canceled))
    this.#unlisten = listening.unlisten
    this.#lanes = Array.from({ length: this.#options.lanes ?? 2 }, () => this.#lane())
    for (const lane of this.#lanes) lane.start()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#lanes.map((lane) => lane.stop()))
    await this.#unlisten?.()
    this.#unlisten = null
  }

  /** Makes idle lanes look at once. */
  wake(): void {
    for (const lane of this.#lanes) lane.wake()
  }

  /** A word that is lost costs time only: the next step of a canceled job finds it so, and writes nothing. */
  #hear(canceled: string): void {
    if (this.#working.has(canceled)) this.#canceled.add(canceled)
    if (canceled === '') this.wake()
  }

  /** Does one job to its end. False when there was none to do. */
  async runOnce(): Promise<boolean> {
    const owner = this.#options.worker.current()
    if (owner === null) return false
    const job = (await this.#claim(owner)) ?? (await this.#takeOver(owner))
    if (job === null) return false
    failpoint('job.taken')
    const key = keyOf(job)
    this.#working.add(key)
    try {
      await this.#work(job)
    } finally {
      this.#working.delete(key)
      this.#canceled.delete(key)
    }
    return true
  }

  #lane(): Loop {
    const { log, idleMs = 1_000 } = this.#options
    const turn = async () => ((await this.runOnce()) ? 0 : idleMs)
    return createLoop({ name: 'jobs', log, turn, errorPauseMs: idleMs })
  }

  async #claim(owner: number): Promise<Job | null> {
    const { sql, clock } = this.#options
    return claimQueuedJob(sql, owner, clock.now())
  }

  /** A job of our own that no lane works on was left by an error of the database: it goes on as well. */
  async #takeOver(owner: number): Promise<Job | null> {
    const { sql, worker } = this.#options
    for (const job of await listRunningJobs(sql)) {
      if (this.#working.has(keyOf(job))) continue
      if (job.owner !== owner && !(await worker.isGone(job.owner))) continue
      const key = keyOf(job)
      this.#working.add(key)
      const taken = await takeOverJob(sql, job, owner).finally(() => this.#working.delete(key))
      if (taken !== null) return taken
    }
    return null
  }

  /** Whether the job is gone on with, from its last step, after what nobody expected: a deadlock, say. */
  #mayPass(job: Job, error: unknown): boolean {
    if (error instanceof AppError) return false
    const times = (this.#surprises.get(keyOf(job)) ?? 0) + 1
    this.#surprises.set(keyOf(job), times)
    return times < mostSurprises
  }

  async #work(job: Job): Promise<void> {
    const { sql, clock, log, handlers } = this.#options
    const isStopping = () => this.#stopping || this.#canceled.has(keyOf(job))
    try {
      const end = await handlers[job.kind](job, { isStopping })
      this.#surprises.delete(keyOf(job))
      if (end === 'stopped') await releaseJob(sql, job)
    } catch (error) {
      if (isConnectionFailure(error) || this.#mayPass(job, error)) throw error
      this.#surprises.delete(keyOf(job))
      if (!(error instanceof AppError)) log.error({ err: error, jobId: job.id, kind: job.kind }, 'job failed')
      const sentence =
        error instanceof AppError ? error.message : 'Something went wrong on our side; the log has the cause.'
      await finishJob(sql, job, { status: 'failed', error: sentence, now: clock.now() })
    }
  }
}
