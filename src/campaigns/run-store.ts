import { arrayOf, type Queryable, type Tx } from '../db/sql.ts'
import type { PauseReason } from './breaker.ts'
import { rulesToWire, type CampaignRules } from './campaign-rules.ts'
import { jsonOrNull } from './campaign-store.ts'
import type { NumberStatus, Priority, Run, RunState, Selection } from './campaign.ts'

/** The channel on which dial loops are woken. */
export const dialChannel = 'trunkline_dial'

export type NewRun = Selection & {
  workspaceId: number
  campaignId: number
  state: 'scheduled' | 'running'
  message: string
  voice: string
  audioId: number | null
  priority: Priority
  spokenBy: 'carrier' | 'voice'
  rules: CampaignRules
  /** E.164, at least one. */
  fromNumbers: readonly string[]
  scheduledFor: Date | null
  timeZone: string | null
  createdBy: string | null
}

/** Writes a run and wakes the dial loops when the caller's transaction commits. The campaign must be locked. */
export async function insertRun(tx: Tx, run: NewRun, now: Date): Promise<Run> {
  const rules = rulesToWire(run.rules)
  const [row] = await tx<RunRow[]>`
    with added as (
      insert into runs (workspace_id, campaign_id, ordinal, state, message, voice, audio_id, priority,
                        spoken_by, from_numbers, statuses, individual, calling_hours, retry, breaker,
                        scheduled_for, time_zone, created_by, created_at, started_at)
      values (${run.workspaceId}, ${run.campaignId},
              (select coalesce(max(ordinal), 0) + 1 from runs
                where workspace_id = ${run.workspaceId} and campaign_id = ${run.campaignId}),
              ${run.state}, ${run.message}, ${run.voice}, ${run.audioId}, ${run.priority},
              ${run.spokenBy}, ${[...run.fromNumbers]}, ${[...run.statuses]},
              ${run.individual === null ? null : [...run.individual]}::bigint[],
              ${jsonOrNull(rules.calling_hours)}::text::jsonb, ${jsonOrNull(rules.retry)}::text::jsonb,
              ${jsonOrNull(rules.breaker)}::text::jsonb,
              ${run.scheduledFor}, ${run.timeZone}, ${run.createdBy}, ${now},
              ${run.state === 'running' ? now : null})
      returning *
    )
    select added.*, pg_notify(${dialChannel}, '') from added`
  if (!row) throw new Error('A run was not inserted')
  return toRun(row)
}

export async function newestRun(
  sql: Queryable,
  workspaceId: number,
  campaignId: number,
): Promise<Run | null> {
  const [row] = await sql<RunRow[]>`
    select * from runs
     where workspace_id = ${workspaceId} and campaign_id = ${campaignId}
     order by ordinal desc
     limit 1`
  return row ? toRun(row) : null
}

/** The same, locked. The campaign must be locked before. */
export async function lockNewestRun(tx: Tx, workspaceId: number, campaignId: number): Promise<Run | null> {
  const [row] = await tx<RunRow[]>`
    select * from runs
     where workspace_id = ${workspaceId} and campaign_id = ${campaignId}
     order by ordinal desc
     limit 1
       for no key update`
  return row ? toRun(row) : null
}

/** Locks a run by its id. */
export async function lockRun(tx: Tx, run: { workspaceId: number; id: number }): Promise<Run | null> {
  const [row] = await tx<RunRow[]>`
    select * from runs where workspace_id = ${run.workspaceId} and id = ${run.id} for no key update`
  return row ? toRun(row) : null
}

/**
 * Moves a run on a person's command. One that goes on is judged by what it does from then. Dial loops are woken when the
 * caller's transaction commits; one that stands is named to them, so that they send nothing more of what they hold.
 */
export async function setRunState(tx: Tx, run: Run, state: RunState, now: Date): Promise<void> {
  const endedAt = state === 'stopped' ? now : null
  await tx`
    with moved as (
      update runs
         set state = ${state}, ended_at = ${endedAt},
             pause_reason = case when ${state} = 'paused' then null else pause_reason end,
             resumed_at = case when ${state} = 'running' then ${now} else resumed_at end
       where workspace_id = ${run.workspaceId} and id = ${run.id} and state = ${run.state}
      returning id
    )
    select pg_notify(${dialChannel}, ${state === 'running' ? '' : String(run.id)}) from moved`
}

/** Wakes the dial loops when the caller's transaction commits. */
export async function wakeDialers(tx: Tx): Promise<void> {
  await tx`select pg_notify(${dialChannel}, '')`
}

/** How many numbers a selection holds now. */
export async function countSelected(
  sql: Queryable,
  campaign: { workspaceId: number; id: number },
  selection: Selection,
): Promise<number> {
  if (selection.individual === null) {
    const [row] = await sql<{ count: number }[]>`
      select coalesce(sum(count), 0)::bigint as count from totals
       where workspace_id = ${campaign.workspaceId} and subject = 'number' and campaign_id = ${campaign.id}
         and state = any(${arrayOf(selection.statuses)}::text[])`
    return row?.count ?? 0
  }
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from campaign_numbers
     where workspace_id = ${campaign.workspaceId} and campaign_id = ${campaign.id}
       and id = any(${[...selection.individual]}::bigint[]) and status = any(${arrayOf(selection.statuses)}::text[])`
  return row?.count ?? 0
}

/** The first numbers of a campaign within a range of E.164 numbers. */
export async function numbersWithin(
  sql: Queryable,
  campaign: { workspaceId: number; id: number },
  range: { first: string; last: string },
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ e164: string }[]>`
    select e164 from campaign_numbers
     where workspace_id = ${campaign.workspaceId} and campaign_id = ${campaign.id}
       and e164 between ${range.first} and ${range.last}
     order by e164
     limit ${limit}`
  return rows.map((row) => row.e164)
}

/**
 * Terminates up to `limit` numbers that a stopped run had not called, and notes when none is left. Those being
 * called end by themselves. Returns what was terminated, by the status it had.
 */
export async function terminateUncalled(tx: Tx, run: Run, limit: number): Promise<Map<NumberStatus, number>> {
  const takesFresh = run.statuses.includes('not_started')
  const individual = run.individual === null ? null : [...run.individual]
  const rows = await tx<{ was: NumberStatus; count: number }[]>`
    with uncalled as (
      (select workspace_id, id, status from campaign_numbers
        where workspace_id = ${run.workspaceId} and campaign_id = ${run.campaignId}
          and status = 'queued' and run_id = ${run.id}
        order by id limit ${limit})
      union all
      (select workspace_id, id, status from campaign_numbers
        where workspace_id = ${run.workspaceId} and campaign_id = ${run.campaignId}
          and status = 'not_started' and ${takesFresh}
          and (${individual}::bigint[] is null or id = any(${individual}::bigint[]))
        order by id limit ${limit})
    ), picked as (
      select n.workspace_id, n.id, n.status from campaign_numbers n
        join (select workspace_id, id from uncalled order by id limit ${limit}) u using (workspace_id, id)
       where n.status in ('queued', 'not_started')
       order by n.id
         for update of n
    ), ended as (
      update campaign_numbers n
         set status = 'terminated', reason = 'stopped', due_at = null, run_id = ${run.id}
        from picked p
       where n.workspace_id = p.workspace_id and n.id = p.id
      returning p.status as was
    )
    select was, count(*) as count from ended group by was`
  return new Map(rows.map((row) => [row.was, row.count]))
}

export async function markSwept(tx: Tx, run: Run): Promise<void> {
  await tx`update runs set swept = true where workspace_id = ${run.workspaceId} and id = ${run.id}`
}

interface RunRow {
  workspace_id: number
  id: number
  campaign_id: number
  state: RunState
  message: string
  voice: string | null
  audio_id: number | null
  priority: Priority
  spoken_by: 'carrier' | 'voice'
  statuses: NumberStatus[]
  individual: number[] | null
  scheduled_for: Date | null
  time_zone: string | null
  pause_reason: PauseReason | null
  swept: boolean
}

function toRun(row: RunRow): Run {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    campaignId: row.campaign_id,
    state: row.state,
    message: row.message,
    voice: row.voice,
    audioId: row.audio_id,
    priority: row.priority,
    spokenBy: row.spoken_by,
    statuses: row.statuses,
    individual: row.individual,
    scheduledFor: row.scheduled_for,
    timeZone: row.time_zone,
    pauseReason: row.state === 'paused' ? row.pause_reason : null,
    swept: row.swept,
  }
}
