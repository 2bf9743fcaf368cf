/** Pauses runs of which too much fails, before a claim takes anything from them. */
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { decideBreaker } from '../campaigns/breaker.ts'
import { storedRules } from '../campaigns/campaign-rules.ts'
import type { RunningRun } from './claim-store.ts'
import { lastEnded, pauseRun } from './run-store.ts'

/** The runs that go on, and what is told of the others. The runs are locked by the claim. */
export async function pauseFailing(
  tx: Tx,
  { runs, of }: { runs: RunningRun[]; of: 'calls' | 'texts' },
): Promise<{ runs: RunningRun[]; paused: WorkspaceBatch[] }> {
  const paused: WorkspaceBatch[] = []
  const going: RunningRun[] = []
  for (const run of runs) {
    const { breaker } = storedRules({ breaker: run.breaker })
    const last = breaker === null ? null : await lastEnded(tx, run, { of, limit: breaker.ofLast })
    const reason = breaker === null || last === null ? null : decideBreaker(breaker, last)
    if (reason === null) going.push(run)
    else paused.push(await pauseRun(tx, run, reason))
  }
  return { runs: going, paused }
}
