/** Reads an uploaded file into a campaign. Its cursor is the number of records done, header aside. */
import { performance } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch, type NewEvent } from '../events/event-log.ts'
import { addJobProblems, advanceJob, finishJob, type JobProblem } from '../jobs/job-store.ts'
import type { JobHandler } from '../jobs/job-loop.ts'
import type { Job } from '../jobs/job.ts'
import { numberTotal } from './campaign-store.ts'
import { CsvReader } from './csv-reader.ts'
import { mergeDuplicates, recipientOf, type FileLayout, type Recipient } from './recipient-import.ts'
import { insertRecipients } from './recipient-store.ts'
import { discardReadUpload, findUpload, readChunk } from './upload-store.ts'

/** What an import keeps between its steps. */
export type ImportState = {
  uploadId: number
  region: string
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

const progressEveryMs = 300

/**
 * Makes the handler of import jobs. Each step inserts a batch, moves the cursor and tells the totals in one
 * transaction, so a process that dies leaves whole steps behind; the next one reads the file again up to the cursor.
 */
export function importHandler({ sql, clock, batchSize = 5_000 }: ImportOptions): JobHandler {
  return async (started, { isStopping }) => {
    const upload = await findUpload(sql, started.workspaceId, readState(started).uploadId)
    if (upload === null) throw new Error('The upload of an import is gone')
    const steps = new ImportSteps({ sql, clock }, started, upload.layout)
    for await (const records of batchesOf(sql, upload, { skip: started.done, size: batchSize })) {
      if (isStopping() || steps.isLost) break
      await steps.add(records)
    }
    if (!(await steps.settle())) return 'lost'
    return steps.isComplete ? steps.finish() : 'stopped'
  }
}

/** The steps of one import. While PostgreSQL works on one, the next is read. */
class ImportSteps {
  readonly #sql: Sql
  readonly #clock: Clock
  readonly #layout: FileLayout
  #job: Job
  #writing: Promise<Job | null> | null = null
  #lost = false
  #toldAtMs = -Infinity

  constructor(tools: { sql: Sql; clock: Clock }, job: Job, layout: FileLayout) {
    this.#sql = tools.sql
    this.#clock = tools.clock
    this.#job = job
    this.#layout = layout
  }

  get isLost(): boolean {
    return this.#lost
  }

  get isComplete(): boolean {
    return this.#job.done >= this.#layout.rows
  }

  async add(records: readonly { record: string[]; row: number }[]): Promise<void> {
    const read = readBatch(records, this.#layout, readState(this.#job).region)
    if (!(await this.settle())) return
    const job = this.#job
    this.#writing = this.#write(job, records.length, read)
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
    const now = this.#clock.now()
    return transaction(this.#sql, async (tx) => {
      if (!(await finishJob(tx, job, { status: 'done', error: null, now }))) return 'lost'
      await discardReadUpload(tx, job.workspaceId, readState(job).uploadId)
      await closeBatch(tx, {
        now,
        workspaces: [{ workspaceId: job.workspaceId, totals: [], events: [progressEvent(job, 'done')] }],
      })
      return 'done'
    })
  }

  /** Null when the job was canceled or taken over: then nothing of the step is written. */
  async #write(job: Job, records: number, read: ReadBatch): Promise<Job | null> {
    const now = this.#clock.now()
    const tell = performance.now() - this.#toldAtMs >= progressEveryMs
    if (tell) this.#toldAtMs = performance.now()
    try {
      return await transaction(this.#sql, (tx) => writeStep(tx, { job, records, read, now, tell }))
    } catch (error) {
      if (error instanceof LostJob) return null
      throw error
    }
  }
}

class LostJob extends Error {}

type ReadBatch = { recipients: Recipient[]; merged: number; problems: JobProblem[] }

function readBatch(
  records: readonly { record: string[]; row: number }[],
  layout: FileLayout,
  region: string,
): ReadBatch {
  const recipients: Recipient[] = []
  const problems: JobProblem[] = []
  for (const { record, row } of records) {
    const recipient = recipientOf(record, layout, region)
    if (recipient === null) continue
    if (recipient.reason !== null) problems.push({ row, given: recipient.given, error: recipient.reason })
    recipients.push(recipient)
  }
  const merged = mergeDuplicates(recipients)
  return { recipients: merged, merged: recipients.length - merged.length, problems }
}

async function writeStep(
  tx: Tx,
  step: { job: Job; records: number; read: ReadBatch; now: Date; tell: boolean },
): Promise<Job> {
  const { job, read, now } = step
  const campaignId = job.campaignId ?? 0
  const state = readState(job)
  const inserted = await insertRecipients(
    tx,
    { workspaceId: job.workspaceId, campaignId },
    read.recipients,
    now,
  )
  await addJobProblems(tx, job, read.problems)
  const next: ImportState = {
    ...state,
    accepted: state.accepted + inserted.accepted,
    invalid: state.invalid + inserted.invalid,
    duplicates: state.duplicates + inserted.duplicates + read.merged,
  }
  const done = job.done + step.records
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
  return moved
}

function progressEvent(job: Job, status: 'running' | 'done'): NewEvent {
  const { accepted, invalid, duplicates } = readState(job)
  const data = { job_id: job.id, campaign_id: job.campaignId, status, done: job.done, total: job.total }
  return { kind: 'import.progress', visibleTo: null, data: { ...data, accepted, invalid, duplicates } }
}

/** The records of a file behind the first `skip`, in groups. Rows are numbered as a spreadsheet shows them. */
async function* batchesOf(
  sql: Sql,
  upload: { workspaceId: number; id: number; layout: FileLayout },
  { skip, size }: { skip: number; size: number },
): AsyncGenerator<{ record: string[]; row: number }[]> {
  const before = skip + (upload.layout.hasHeader ? 1 : 0)
  let waiting: { record: string[]; row: number }[] = []
  const reader = new CsvReader(upload.layout.delimiter, (record, row) => {
    if (row > before) waiting.push({ record, row })
  })
  try {
    let next = readChunk(sql, upload, 0)
    for (let sequence = 1; ; sequence++) {
      const chunk = await next
      if (chunk === null) break
      next = readChunk(sql, upload, sequence)
      // The failure is seen when it is awaited; a consumer that leaves first never does.
      next.catch(() => {})
      await reader.write(chunk)
      for (; waiting.length >= size; waiting = waiting.slice(size)) yield waiting.slice(0, size)
    }
    await reader.end()
    for (; waiting.length > 0; waiting = waiting.slice(size)) yield waiting.slice(0, size)
  } finally {
    reader.destroy()
  }
}

/** The state is written by this file and addImport alone. */
export function readState(job: Job): ImportState {
  return job.state as ImportState
}
