/** Makes the calls of a list. Its cursor is the number of records done, header aside. */
import { findSettings } from '../accounts/workspace-store.ts'
import { holdForCall } from '../calls/call-credits.ts'
import { tellMoves, type Move } from '../calls/call-telling.ts'
import type { NewCall, NewCallFacts } from '../calls/new-call.ts'
import { insertWaitingCall, wakeDialers } from '../calls/new-call-store.ts'
import type { Carrier } from '../carriers/carrier.ts'
import type { Clock } from '../clock.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { JobHandler } from '../jobs/job-loop.ts'
import { addJobProblems, advanceJob, finishJob, type JobProblem } from '../jobs/job-store.ts'
import type { Job } from '../jobs/job.ts'
import { uuidV7 } from '../random.ts'
import { readBulkRow, type BulkOrder } from './bulk-calls.ts'
import { NumberSet, type NumberedRecord } from './import-batch.ts'
import { batchesOf } from './upload-records.ts'
import { discardReadUpload, findUpload, type Upload } from './upload-store.ts'

/** What the job keeps between its steps. */
export type BulkState = BulkOrder & {
  uploadId: number
  /** A list that was sent as JSON has no header that would count as a row. */
  isJson: boolean
  made: number
}

export type BulkOptions = {
  sql: Sql
  clock: Clock
  carrierAccountId: number
  carrier: Pick<Carrier, 'live'>
  /** Records of one transaction. */
  batchSize?: number
}

/** The order of the list is the order in which it is read again after a crash; what was done before is only remembered. */
export function bulkCallsHandler(options: BulkOptions): JobHandler {
  const { sql, batchSize = 500 } = options
  return async (started, { isStopping }) => {
    const upload = await findUpload(sql, started.workspaceId, readState(started).uploadId)
    if (upload === null) throw new Error('The upload of a list of calls is gone')
    const seen = new NumberSet()
    let job = started
    let read = 0
    for await (const records of batchesOf(sql, upload, { skip: 0, size: batchSize, isStopping })) {
      if (isStopping()) return 'stopped'
      const step = await readStep(options, { job, upload, records, seen })
      const doneOfThese = Math.min(records.length, Math.max(0, job.done - read))
      read += records.length
      if (doneOfThese === records.length) continue
      const next = await write(options, job, { ...step, rows: step.rows.slice(doneOfThese) })
      if (next === null) return 'lost'
      job = next
    }
    return isStopping() ? 'stopped' : finish(options, job)
  }
}

type ReadRow = { row: number; cells: readonly string[]; read: ReturnType<typeof readBulkRow> }
type Step = { rows: ReadRow[]; facts: NewCallFacts }
type Reading = { job: Job; upload: Upload; records: readonly NumberedRecord[]; seen: NumberSet }

async function readStep(options: BulkOptions, { job, upload, records, seen }: Reading): Promise<Step> {
  const order = readState(job)
  const { defaultRegion, callingHours, timeZone } = await findSettings(options.sql, job.workspaceId)
  const facts: NewCallFacts = {
    now: options.clock.now(),
    timeZone,
    defaultRegion,
    callingHours,
    carrierIsLive: options.carrier.live,
    callerIds: { owned: [order.from], verified: [], chosen: order.from },
  }
  const rows = records.map(({ record, row }) => ({
    row: order.isJson ? row - 1 : row,
    cells: record,
    read: readBulkRow(record, { layout: upload.layout, order, facts }, (e164) => seen.add(e164)),
  }))
  return { rows, facts }
}

class LostJob extends Error {}

/** Null when the job was canceled or taken over: then nothing of the step is written. */
async function write(options: BulkOptions, job: Job, step: Step): Promise<Job | null> {
  try {
    return await transaction(options.sql, (tx) => writeStep(tx, options, { job, step }))
  } catch (error) {
    if (error instanceof LostJob) return null
    throw error
  }
}

async function writeStep(
  tx: Tx,
  options: BulkOptions,
  { job, step }: { job: Job; step: Step },
): Promise<Job> {
  const { now } = step.facts
  const problems: JobProblem[] = []
  const moves: Move[] = []
  for (const { row, cells, read } of step.rows) {
    if (read.kind === 'blank') continue
    const made = read.kind === 'call' ? await make(tx, options, { job, now, ...read }) : read.error
    if (typeof made === 'string') {
      const given = read.kind === 'call' ? read.call.to : read.given
      problems.push({ row, given, error: made, cells })
    } else moves.push(made)
  }
  await addJobProblems(tx, job, problems)
  const state = { ...readState(job), made: readState(job).made + moves.length }
  const done = job.done + step.rows.length
  if (!(await advanceJob(tx, job, { done, state }))) throw new LostJob()
  if (moves.length > 0) {
    await wakeDialers(tx)
    await closeBatch(tx, { now, workspaces: tellMoves(moves) })
  }
  return { ...job, done, state }
}

type Order = { job: Job; now: Date; call: NewCall; notes: string | null }

/** The call that was made, or why there is none. */
async function make(tx: Tx, options: BulkOptions, { job, now, call, notes }: Order): Promise<Move | string> {
  const { workspaceId, createdBy } = job
  const id = uuidV7(now.getTime())
  try {
    await holdForCall(
      tx,
      { ...call, workspaceId, id },
      { settings: await findSettings(tx, workspaceId), now },
    )
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
  const { carrierAccountId } = options
  const birth = { workspaceId, id, carrierAccountId, createdBy, now, join: null, notes }
  return { before: null, after: await insertWaitingCall(tx, call, birth) }
}

async function finish({ sql, clock }: BulkOptions, job: Job): Promise<'done' | 'lost'> {
  return transaction(sql, async (tx) => {
    const isOurs = await finishJob(tx, job, { status: 'done', error: null, now: clock.now() })
    if (!isOurs) return 'lost'
    await discardReadUpload(tx, job.workspaceId, readState(job).uploadId)
    return 'done'
  })
}

/** The state is written by this file and by the route alone. */
function readState(job: Job): BulkState {
  return job.state as BulkState
}
