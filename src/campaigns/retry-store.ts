/** Which of the attempts that ended are followed by another one, by the policy their run began with. */
import { machineReason } from '../calls/report.ts'
import { column, type Tx } from '../db/sql.ts'
import type { Ended } from './number-outcomes.ts'
import { decideRetry, readRetry, type RetriedOutcome } from './retry.ts'

/** The same attempts; those that are repeated have become queued ones. */
export async function retryEnded(
  tx: Tx,
  ended: readonly Ended[],
  { of, now }: { of: 'calls' | 'texts'; now: Date },
): Promise<readonly Ended[]> {
  const asked = ended.flatMap((one) => {
    const { retriedAs } = one.outcome
    return retriedAs === null ? [] : [{ ...one, retriedAs }]
  })
  if (asked.length === 0) return ended
  const facts = await factsOf(tx, asked, of)
  return ended.map((one) => {
    const fact = facts.get(keyOf(one))
    const outcome = one.outcome.retriedAs
    const policy = readRetry(fact?.retry ?? null)
    if (fact === undefined || outcome === null || !policy) return one
    const { attempt: attempts } = one
    const retry = decideRetry(policy, { outcome, attempts, sameOutcome: fact.same })
    if (!retry.again) return one
    const dueAt = new Date(now.getTime() + retry.delayMs)
    return { ...one, outcome: { ...one.outcome, status: 'queued', reason: `retry_after_${outcome}`, dueAt } }
  })
}

type Fact = { workspaceId: number; runId: number; numberId: number; retry: unknown; same: number }

/** Only of runs that repeat something and go on: the rest have nothing to decide. */
async function factsOf(
  tx: Tx,
  asked: readonly (Ended & { retriedAs: RetriedOutcome })[],
  of: 'calls' | 'texts',
): Promise<Map<string, Fact>> {
  const rows = await tx<Fact[]>`
    select given.workspace_id as "workspaceId", given.run_id as "runId", given.number_id as "numberId", r.retry,
           same.count as same
      from unnest(${column(asked, (one) => one.workspaceId)}::bigint[], ${column(asked, (one) => one.runId)}::bigint[],
                  ${column(asked, (one) => one.numberId)}::bigint[], ${column(asked, (one) => one.retriedAs)}::text[])
           as given (workspace_id, run_id, number_id, outcome)
      join runs r on r.workspace_id = given.workspace_id and r.id = given.run_id and r.retry is not null
                 and r.state in ('running', 'paused')
     cross join lateral (${of === 'calls' ? sameCalls(tx) : sameTexts(tx)}) same`
  return new Map(rows.map((row) => [keyOf(row), row]))
}

function sameCalls(tx: Tx) {
  return tx`
    select count(*)::int as count from calls c
     where c.workspace_id = given.workspace_id and c.run_id = given.run_id and c.number_id = given.number_id
       and c.phase <> 'void'
       and case given.outcome
             when 'machine' then c.state = 'completed' and c.reason = ${machineReason}
             when 'hungup' then c.state = 'completed' and not c.heard and c.pressed is null and c.reason is distinct from ${machineReason}
             else c.state = given.outcome end`
}

function sameTexts(tx: Tx) {
  return tx`
    select count(*)::int as count from texts t
     where t.workspace_id = given.workspace_id and t.run_id = given.run_id and t.number_id = given.number_id
       and t.phase <> 'void' and t.state in ('failed', 'undelivered')`
}

function keyOf(one: { workspaceId: number; runId: number; numberId: number }): string {
  return `${one.workspaceId} ${one.runId} ${one.numberId}`
}
