import { failpoint } from '../failpoint.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import { numberTotal } from './campaign-store.ts'
import { lockRun, markSwept, terminateUncalled } from './run-store.ts'

type RunKey = { workspaceId: number; id: number }

/** The most numbers that one transaction terminates, so that no lock is held for long. */
export const sweepBatch = 5_000

/**
 * Terminates up to `limit` numbers that a stopped run has not called. Closes the batch, so it must end the caller's
 * transaction. `finished` once nothing was left; the run is noted as swept then.
 */
export async function sweepStoppedRun(
  tx: Tx,
  key: RunKey,
  { limit, now }: { limit: number; now: Date },
): Promise<{ terminated: number; finished: boolean }> {
  const run = await lockRun(tx, key)
  if (run === null || run.state !== 'stopped' || run.swept) return { terminated: 0, finished: true }
  const ended = await terminateUncalled(tx, run, Math.min(limit, sweepBatch))
  failpoint('run.sweep')
  const terminated = [...ended.values()].reduce((sum, count) => sum + count, 0)
  // A batch may be short because others hold some of its rows; only an empty one proves that nothing is left.
  if (terminated === 0) await markSwept(tx, run)
  const gone = [...ended].flatMap(([status, count]) => numberTotal(run.campaignId, status, -count))
  const totals = [...gone, ...numberTotal(run.campaignId, 'terminated', terminated)]
  await closeBatch(tx, { now, workspaces: [{ workspaceId: run.workspaceId, totals, events: [] }] })
  return { terminated, finished: terminated === 0 }
}

/** Sweeps in steps, each a transaction of its own, until `most` numbers are done; the dial loop does the rest. */
export async function sweepInSteps(
  sql: Sql,
  key: RunKey,
  { most, now }: { most: number; now: Date },
): Promise<number> {
  let terminated = 0
  while (terminated < most) {
    const step = await transaction(sql, (tx) => sweepStoppedRun(tx, key, { limit: sweepBatch, now }))
    terminated += step.terminated
    if (step.finished) break
  }
  return terminated
}

/** Goes on with every stopped run that has numbers left, a step for each. Returns how many were terminated. */
export async function sweepStoppedRuns(sql: Sql, now: Date): Promise<number> {
  const runs = await sql<{ workspaceId: number; id: number }[]>`
    select workspace_id as "workspaceId", id from runs where state = 'stopped' and not swept order by id limit 20`
  let terminated = 0
  for (const run of runs) terminated += await sweepInSteps(sql, run, { most: sweepBatch, now })
  return terminated
}
