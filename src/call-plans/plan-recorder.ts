/**
 * Records the calls of many requests together: those that arrive while one batch is being committed are written with the
 * next, in one transaction. A promise resolves only after the commit.
 */
import type { Clock } from '../clock.ts'
import { isConnectionFailure, transaction, type Sql } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import { recordCalls, type Recording } from './plan-recording.ts'
import type { Plan } from './plan.ts'

type Waiting = { recording: Recording; done: (plan: Plan | null) => void; failed: (error: unknown) => void }

export type PlanRecorder = {
  /** The plan after it, or null when there is no such plan. Rejects when nothing was written. */
  record(recording: Recording): Promise<Plan | null>
}

const mostPerBatch = 200

export function createPlanRecorder({ sql, clock }: { sql: Sql; clock: Clock }): PlanRecorder {
  let waiting: Waiting[] = []
  let writing = false

  async function pump(): Promise<void> {
    if (writing) return
    writing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostPerBatch)
      waiting = waiting.slice(mostPerBatch)
      await writeAll(batch)
    }
    writing = false
  }

  /** One that cannot be written must not take its neighbours with it. */
  async function writeAll(batch: readonly Waiting[]): Promise<void> {
    try {
      const plans = await write(batch.map((one) => one.recording))
      for (const [index, one] of batch.entries()) one.done(plans[index] ?? null)
    } catch (error) {
      if (batch.length > 1 && !isConnectionFailure(error)) {
        for (const one of batch) await writeAll([one])
        return
      }
      for (const one of batch) one.failed(error)
    }
  }

  function write(recordings: readonly Recording[]): Promise<(Plan | null)[]> {
    return transaction(sql, async (tx) => {
      const now = clock.now()
      const recorded = await recordCalls(tx, recordings, now)
      await closeBatch(tx, { now, workspaces: recorded.batches })
      return recorded.plans
    })
  }

  return {
    record: (recording) =>
      new Promise((done, failed) => {
        waiting.push({ recording, done, failed })
        // What else this turn of the process has read comes along.
        setImmediate(() => void pump())
      }),
  }
}
