/** Reads an uploaded file into a campaign. Its cursor is the number of records done, header aside. */
import { performance } from 'node:perf_hooks'
import { failpoint } from '../failpoint.ts'
import type { Clock } from '../clock.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch, type NewEvent } from '../events/event-log.ts'
import { addJobProblems, advanceJob, finishJob } from '../jobs/job-store.ts'
import type { JobHandler } from '../jobs/job-loop.ts'
import type { Job } from '../jobs/job.ts'
import { campaignVersion, numberTotal } from './campaign-store.ts'
import { joined, NumberSet, readBatch, type ImportBatch, type NumberedRecord } from './import-batch.ts'
import { batchesOf } from './upload-records.ts'
import { withNumberColumn, type FileLayout } from './recipient-import.ts'
import {
  copyRecipients,
  insertRecipients,
  listE164,
  tellPlanner,
  type InsertedRecipients,
} from './recipient-store.ts'
import { discardReadUpload, findUpload } from './upload-store.ts'

/** What an import keeps between its steps. */
export type ImportState = {
  uploadId: number
  region: string
  /** Chosen instead of the one that was found in the file. */
  numberColumn?: number | null
  accepted: number
  invalid: number
  duplicates: number
}

export type ImportOptions = {
  sql: Sql
  clock: Clock
  /** Records of one transaction. */
  batchSize?: number
}

/** Records of one transaction, unless said otherwise. */
export const usualBatchSize = 5_000
const progressEveryMs = 300
const knownToPlannerFrom = 1_000
const pieceSize = 250
/** Numbers that room is made for at once. */
const mostExpected = 2_000_000

/**
 * Makes the handler of import jobs. Each step inserts a batch, moves the cursor and tells the totals in one
 * transaction, so a process that dies leaves whole steps behind; the next one reads the file again up to the cursor.
 */
export function importHandler({ sql, clock, batchSize = usualBatchSize }: ImportOptions): JobHandler {
  return async (started, { isStopping }) => {
    const { uploadId, numberColumn = null } = readState(started)
    const upload = await findUpload(sql, started.workspaceId, uploadId)
    if (upload === null) throw new Error('The upload of an import is gone')
    const place = { workspaceId: started.workspaceId, campaignId: started.campaignId ?? 0 }
    const version = await campaignVersion(sql, place)
    const seen = await numbersOf(sql, place, { expected: upload.layout.rows, isStopping })
    const file = { layout: withNumberColumn(upload.layout, numberColumn), seen, version }
    const steps = new ImportSteps({ sql, clock, batchSize }, started, file)
    const part = { skip: started.done, size: Math.min(batchSize, pieceSize), isStopping }
    for await (const records of batchesOf(sql, upload, part)) {
      if (isStopping() || steps.isLost) break
      await steps.add(records)
    }
    if (!isStopping()) await steps.addRest()
    if (!(await steps.settle())) return 'lost'
    return steps.isComplete && !isStopping() ? steps.finish() : 'stopped'
  }
}

const nothingRead: ImportBatch = { records: 0, fresh: [], repeated: [], duplicates: 0, problems: [] }

type KnownFile = {
  layout: FileLayout
  /** The numbers of the campaign, as of `version` of its row. */
  seen: NumberSet
  version: string | null
}

/** The steps of one import. While PostgreSQL works on one, the next is read. */
class ImportSteps {
  readonly #sql: Sql
  readonly #clock: Clock
  readonly #batchSize: number
  readonly #layout: FileLayout
  readonly #seen: NumberSet
  readonly #version: string | null
  #job: Job
  #waiting: ImportBatch = nothingRead
  #writing: Promise<Job | null> | null = null
  #lost = false
  #toldAtMs = -Infinity

  constructor(tools: Required<ImportOptions>, job: Job, file: KnownFile) {
    this.#sql = tools.sql
    this.#clock = tools.clock
    this.#batchSize = tools.batchSize
    this.#job = job
    this.#layout = file.layout
    this.#seen = file.seen
    this.#version = file.version
  }

  get isLost(): boolean {
    return this.#lost
  }

  get isComplete(): boolean {
    return this.#job.done >= this.#layout.rows
  }

  async add(records: readonly NumberedRecord[]): Promise<void> {
    const file = { layout: this.#layout, region: readState(this.#job).region }
    this.#waiting = joined(this.#waiting, readBatch(records, file, this.#seen))
    if (this.#waiting.records >= this.#batchSize) await this.addRest()
  }

  /** Writes what waits, although it is no whole batch. */
  async addRest(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = nothingRead
    if (batch.records === 0 || !(await this.settle())) return
    this.#writing = this.#write(this.#job, batch)
    // The failure is seen by settle; until then it must not count as unhandled.
    this.#writing.catch(() => {})
  }

  /** Waits for the step in flight. False when the job is no longer ours. */
  async settle(): Promise<boolean> {
    const writing = this.#writing
    this.#writing = null
    if (writing !== null) {
      const job = await writing
      if (job === null) this.#lost = true
      else this.#job = job
    }
    return !this.#lost
  }

  async finish(): Promise<'done' | 'lost'> {
    const job = this.#job
    // The planner must know of a large list before the first claim, not a minute later. Counted on its own, so that
    // whoever cancels meanwhile does not wait for it.
    if (job.done > knownToPlannerFrom) await tellPlanner(this.#sql)
    const now = this.#clock.now()
    return transaction(this.#sql, async (tx) => {
      if (!(await finishJob(tx, job, { status: 'done', error: null, now }))) return 'lost'
      await discardReadUpload(tx, job.workspaceId, readState(job).uploadId)
      failpoint('import.finishing')
      await closeBatch(tx, {
        now,
        workspaces: [{ workspaceId: job.workspaceId, totals: [], events: [progressEvent(job, 'done')] }],
      })
      return 'done'
    })
  }

  /** Null when the job was canceled or taken over: then nothing of the step is written. */
  async #write(job: Job, batch: ImportBatch): Promise<Job | null> {
    const now = this.#clock.now()
    const tell = performance.now() - this.#toldAtMs >= progressEveryMs
    if (tell) this.#toldAtMs = performance.now()
    const step = { job, batch, now, tell, version: this.#version }
    try {
      return await transaction(this.#sql, (tx) => writeStep(tx, step))
    } catch (error) {
      if (error instanceof LostJob) return null
      throw error
    }
  }
}

class LostJob extends Error {}

type Step = { job: Job; batch: ImportBatch; now: Date; tell: boolean; version: string | null }

async function writeStep(tx: Tx, step: Step): Promise<Job> {
  const { job, batch, now } = step
  const campaignId = job.campaignId ?? 0
  const state = readState(job)
  const fresh = await insertFresh(tx, step, { workspaceId: job.workspaceId, campaignId })
  const [again] = await Promise.all([
    insertRecipients(tx, { workspaceId: job.workspaceId, campaignId }, batch.repeated, now),
    addJobProblems(tx, job, batch.problems),
  ])
  failpoint('import.inserted')
  const inserted = {
    accepted: fresh.accepted + again.accepted,
    invalid: fresh.invalid,
    duplicates: fresh.duplicates + batch.duplicates - again.accepted,
  }
  const next: ImportState = {
    ...state,
    accepted: state.accepted + inserted.accepted,
    invalid: state.invalid + inserted.invalid,
    duplicates: state.duplicates + inserted.duplicates,
  }
  const done = job.done + batch.records
  if (!(await advanceJob(tx, job, { done, state: next }))) throw new LostJob()
  const moved = { ...job, done, state: next }
  await closeBatch(tx, {
    now,
    workspaces: [
      {
        workspaceId: job.workspaceId,
        totals: [
          ...numberTotal(campaignId, 'not_started', inserted.accepted),
          ...numberTotal(campaignId, 'invalid', inserted.invalid),
        ],
        events: step.tell ? [progressEvent(moved, 'running')] : [],
      },
    ],
  })
  failpoint('import.stepped')
  return moved
}

/**
 * A crash of PostgreSQL may take such a step away, together with its cursor: it is then done again. Whoever commits
 * later, as the last step does, makes it durable too. A step that tells something is waited for, because what was
 * told must not be taken back.
 */
async function commitWithoutWaiting(tx: Tx): Promise<void> {
  await tx`set local synchronous_commit = off`
}

type Place = { workspaceId: number; campaignId: number }

/**
 * The numbers that were not seen before. Once somebody has added or changed numbers of the campaign, what was seen is not
 * all there is, and every number is looked up. So are the repeated ones, which only bring their tags: by `on conflict`,
 * because a join with a table that was not analyzed yet would read all of it.
 */
async function insertFresh(tx: Tx, step: Step, place: Place): Promise<InsertedRecipients> {
  // Asked together: PostgreSQL would wait for each word of ours in between, and it has the longer part of the work.
  const [version] = await Promise.all([
    campaignVersion(tx, place),
    step.tell ? undefined : commitWithoutWaiting(tx),
  ])
  const insert = version === step.version ? copyRecipients : insertRecipients
  return insert(tx, place, step.batch.fresh, step.now)
}

/** Every number the campaign has before the first step: added by hand, or by a process that died. */
async function numbersOf(
  sql: Sql,
  place: Place,
  { expected, isStopping }: { expected: number; isStopping: () => boolean },
): Promise<NumberSet> {
  const seen = new NumberSet(Math.min(expected, mostExpected))
  for (let after = ''; ;) {
    if (isStopping()) return seen
    const numbers = await listE164(sql, place, { after, limit: 20_000 })
    for (const number of numbers) seen.add(number)
    const last = numbers.at(-1)
    if (last === undefined) return seen
    after = last
  }
}

function progressEvent(job: Job, status: 'running' | 'done'): NewEvent {
  const { accepted, invalid, duplicates } = readState(job)
  const data = { job_id: job.id, campaign_id: job.campaignId, status, done: job.done, total: job.total }
  return { kind: 'import.progress', visibleTo: null, data: { ...data, accepted, invalid, duplicates } }
}

/** The state is written by this file and addImport alone. */
export function readState(job: Job): ImportState {
  return job.state as ImportState
}
