/** The life of runs that no request moves: starting at their time, and ending. */
import { firstUuidV7 } from '../random.ts'
import { failpoint } from '../failpoint.ts'
import { dialChannel } from '../campaigns/run-store.ts'
import { settleCredits } from '../credits/credit-store.ts'
import type { PauseReason } from '../campaigns/breaker.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'

/** Starts the scheduled runs whose time has come. Returns how many. */
export async function startDueRuns(sql: Sql, now: Date): Promise<number> {
  return transaction(sql, async (tx) => {
    const rows = await tx<{ workspace_id: number; campaign_id: number }[]>`
      update runs r
         set state = 'running', started_at = ${now}
        from (select workspace_id, id from runs
               where state = 'scheduled' and scheduled_for <= ${now}
               order by workspace_id, id
               limit 100
                 for update skip locked) due
       where r.workspace_id = due.workspace_id and r.id = due.id
      returning r.workspace_id, r.campaign_id`
    if (rows.length > 0) failpoint('run.due')
    await closeBatch(tx, { now, workspaces: rows.map((row) => campaignChanged(row, 'Running')) })
    return rows.length
  })
}

/**
 * Ends a run in which nothing is left: no number it may take up, none waiting, none being called. The locks on the
 * campaign and the run keep claims and additions out while it looks, and it looks at everything, not from the
 * watermark on. When it finds something, the watermark was ahead of it and starts over.
 */
export async function completeRun(
  sql: Sql,
  run: { workspaceId: number; runId: number; campaignId: number },
  now: Date,
): Promise<boolean> {
  return transaction(sql, async (tx) => {
    const { workspaceId, runId, campaignId } = run
    await tx`select from campaigns where workspace_id = ${workspaceId} and id = ${campaignId} for no key update`
    const [row] = await tx<{ waiting: boolean; missed: boolean }[]>`
      with locked as materialized (
        select * from runs where workspace_id = ${workspaceId} and id = ${runId} and state = 'running' for no key update
      )
      select exists (
               select from campaign_numbers n
                where n.workspace_id = ${workspaceId} and n.campaign_id = ${campaignId}
                  and n.status in ('queued', 'calling') and n.run_id = ${runId}) as waiting,
             exists (
               select from campaign_numbers n
                where n.workspace_id = ${workspaceId} and n.campaign_id = ${campaignId}
                  and n.status = any(locked.statuses) and n.run_id is distinct from ${runId}
                  and (locked.individual is null or n.id = any(locked.individual))) as missed
        from locked`
    if (row === undefined || row.waiting) return false
    if (row.missed) {
      await tx`update runs set watermark = 0 where workspace_id = ${workspaceId} and id = ${runId}`
      return false
    }
    await tx`
      update runs set state = 'completed', ended_at = ${now} where workspace_id = ${workspaceId} and id = ${runId}`
    await closeBatch(tx, {
      now,
      workspaces: [campaignChanged({ workspace_id: workspaceId, campaign_id: campaignId }, 'Completed')],
    })
    failpoint('run.completing')
    return true
  })
}

/** Releases what runs that are over did not use, once none of their calls and texts may still cost something. */
export async function releaseEndedRuns(sql: Sql, now: Date): Promise<void> {
  const over = await sql<{ workspace_id: number; subject: string }[]>`
    select h.workspace_id, h.subject
      from credit_holds h
      join runs r on h.kind = 'run' and r.workspace_id = h.workspace_id and r.id::text = h.subject
     where r.state in ('completed', 'stopped')
       and not exists (select from calls c
                        where c.workspace_id = r.workspace_id and c.campaign_id = r.campaign_id and c.phase = 'open'
                          and c.run_id = r.id)
       and not exists (select from texts t
                        where t.workspace_id = r.workspace_id and t.campaign_id = r.campaign_id and t.run_id = r.id
                          and t.phase in ('open', 'sent'))
     limit 100`
  if (over.length === 0) return
  await transaction(sql, async (tx) => {
    const holds = over.map((one) => ({
      workspaceId: one.workspace_id,
      kind: 'run' as const,
      subject: one.subject,
    }))
    await settleCredits(
      tx,
      holds.map((hold) => ({ ...hold, cost: 0, ends: true })),
      now,
    )
    const events = [{ kind: 'credits.changed', visibleTo: null, data: {} }]
    const workspaces = holds.map(({ workspaceId }) => ({ workspaceId, totals: [], events }))
    await closeBatch(tx, { now, workspaces })
  })
}

/**
 * Of the last attempts of a run that ended, since it began or was resumed: how many there are, and how many failed. Ids
 * are in the order of time, so nothing older is looked at.
 */
export async function lastEnded(
  tx: Tx,
  run: { workspaceId: number; id: number; campaignId: number; goingSince: Date },
  { of, limit }: { of: 'calls' | 'texts'; limit: number },
): Promise<{ ended: number; failed: number }> {
  const since = firstUuidV7(run.goingSince.getTime())
  const calls = (phase: string) => tx`
    (select id, state = 'failed' as failed from calls
      where workspace_id = ${run.workspaceId} and campaign_id = ${run.campaignId} and phase = ${phase}
        and id >= ${since} and run_id = ${run.id}
      order by id desc
      limit ${limit})`
  const texts = tx`
    select id, state in ('failed', 'undelivered') as failed from texts
     where workspace_id = ${run.workspaceId} and campaign_id = ${run.campaignId} and id >= ${since}
       and run_id = ${run.id} and phase in ('sent', 'done')`
  const ended = of === 'calls' ? tx`${calls('completed')} union all ${calls('failed')}` : texts
  const [row] = await tx<{ ended: number; failed: number }[]>`
    select count(*)::int as ended, count(*) filter (where failed)::int as failed 
      from (select failed from (${ended}) ended order by id desc limit ${limit}) recent`
  return row ?? { ended: 0, failed: 0 }
}

/** Pauses a run that the caller has locked, tells the dial loops, and says what else is to be told of it. */
export async function pauseRun(
  tx: Tx,
  run: { workspaceId: number; id: number; campaignId: number },
  reason: PauseReason,
): Promise<WorkspaceBatch> {
  await tx`
    with paused as (
      update runs set state = 'paused', pause_reason = ${JSON.stringify(reason)}::text::jsonb
       where workspace_id = ${run.workspaceId} and id = ${run.id} and state = 'running'
      returning id
    )
    select pg_notify(${dialChannel}, id::text) from paused`
  const data = { campaign_id: run.campaignId, status: 'Paused', run_id: run.id, reason }
  return {
    workspaceId: run.workspaceId,
    totals: [],
    events: [{ kind: 'campaign.changed', visibleTo: null, data }],
  }
}

function campaignChanged(row: { workspace_id: number; campaign_id: number }, status: string) {
  const data = { campaign_id: row.campaign_id, status }
  return {
    workspaceId: row.workspace_id,
    totals: [],
    events: [{ kind: 'campaign.changed', visibleTo: null, data }],
  }
}
