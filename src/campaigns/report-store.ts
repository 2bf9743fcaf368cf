/** The figures of a campaign: each table of it is read once, and counted where it lies. */
import { machineReason } from '../calls/report.ts'
import type { Queryable } from '../db/sql.ts'
import type { EndedIn } from './burn-up.ts'
import type { NumberStatus, RunState, Service } from './campaign.ts'

/** `runId`: of that run alone. */
export type ReportOf = { workspaceId: number; id: number; runId: number | null }

export type NumberGroup = {
  status: NumberStatus
  reason: string | null
  attempts: number
  count: number
}

export async function numberGroups(sql: Queryable, of: ReportOf): Promise<NumberGroup[]> {
  return sql<NumberGroup[]>`
    select status, reason, attempts::int, count(*)::int as count from campaign_numbers
     where workspace_id = ${of.workspaceId} and campaign_id = ${of.id}
       and (${of.runId}::bigint is null or run_id = ${of.runId})
     group by status, reason, attempts
     order by count(*) desc
     limit 1000`
}

/** What is counted together: attempts by caller id and outcome, by seconds talked, by seconds heard, by the hour. */
export type AttemptGroup = {
  kind: 'caller' | 'talked' | 'heard' | 'hour'
  caller: string | null
  outcome: string | null
  seconds: number | null
  hour: Date | null
  count: number
  answered: number
  talked: number
}

export async function callGroups(sql: Queryable, of: ReportOf): Promise<AttemptGroup[]> {
  return sql<AttemptGroup[]>`
    select case when grouping(caller) = 0 then 'caller' when grouping(duration) = 0 then 'talked'
                when grouping(playback) = 0 then 'heard' else 'hour' end as kind,
           caller, outcome, coalesce(duration, playback) as seconds, hour, count(*)::int as count,
           count(*) filter (where answered)::int as answered,
           coalesce(sum(talked) filter (where answered), 0)::bigint as talked
      from (
        select c.from_number as caller,
               case when c.phase = 'open' then 'open' when c.state <> 'completed' then c.state
                    when c.reason = ${machineReason} then 'machine'
                    when c.heard or c.pressed is not null then 'completed' else 'hungup' end as outcome,
               case when c.state = 'completed' then c.duration end as duration, c.duration as talked,
               case when c.state = 'completed' then c.playback end as playback,
               c.started_at is not null or c.state = 'completed' as answered,
               date_bin('1 hour', c.created_at, '1970-01-01T00:00:00Z') as hour
          from calls c
         where c.workspace_id = ${of.workspaceId} and c.campaign_id = ${of.id}
           and (${of.runId}::bigint is null or c.run_id = ${of.runId})
           and c.phase in ('open', 'completed', 'failed')
      ) attempts
     group by grouping sets ((caller, outcome), (duration), (playback), (hour))
     limit 20000`
}

export async function textGroups(sql: Queryable, of: ReportOf): Promise<AttemptGroup[]> {
  return sql<AttemptGroup[]>`
    select case when grouping(caller) = 0 then 'caller' else 'hour' end as kind, caller, outcome,
           null::int as seconds, hour, count(*)::int as count,
           count(*) filter (where outcome = 'delivered')::int as answered, sum(segments)::bigint as talked
      from (
        select t.from_number as caller, case when t.phase in ('open', 'sent') then 'open' else t.state end as outcome,
               t.segments, date_bin('1 hour', t.created_at, '1970-01-01T00:00:00Z') as hour
          from texts t
         where t.workspace_id = ${of.workspaceId} and t.campaign_id = ${of.id}
           and (${of.runId}::bigint is null or t.run_id = ${of.runId})
           and t.phase in ('open', 'sent', 'done')
      ) attempts
     group by grouping sets ((caller, outcome), (hour))
     limit 20000`
}

export type RunFigures = {
  id: number
  ordinal: number
  state: RunState
  message: string
  startedAt: Date | null
  endedAt: Date | null
  used: number
  held: number
}

/** The runs of a campaign, newest first, with what they cost. */
export async function runFigures(sql: Queryable, of: ReportOf): Promise<RunFigures[]> {
  return sql<RunFigures[]>`
    select r.id, r.ordinal, r.state, r.message, r.started_at as "startedAt", r.ended_at as "endedAt",
           coalesce((select sum(e.used) from credit_entries e
                      where e.workspace_id = r.workspace_id and e.kind = 'run' and e.subject = r.id::text), 0)::bigint as used,
           coalesce((select h.held from credit_holds h
                      where h.workspace_id = r.workspace_id and h.kind = 'run' and h.subject = r.id::text), 0)::bigint as held
      from runs r
     where r.workspace_id = ${of.workspaceId} and r.campaign_id = ${of.id}
       and (${of.runId}::bigint is null or r.id = ${of.runId})
     order by r.ordinal desc
     limit 100`
}

/**
 * The numbers of a run by the step in which their latest call was over, or their latest text had left the carrier. Steps of
 * so many seconds since `from`; what was over before it counts into the first.
 */
export async function endedInSteps(
  sql: Queryable,
  run: { workspaceId: number; runId: number; service: Service },
  { from, stepSeconds }: { from: Date; stepSeconds: number },
): Promise<EndedIn[]> {
  const latest =
    run.service === 'SMS'
      ? sql`
        select max(coalesce(sent_at, ended_at)) as at from texts
         where workspace_id = ${run.workspaceId} and run_id = ${run.runId} and phase in ('sent', 'done')
         group by number_id`
      : sql`
        select max(ended_at) as at from calls
         where workspace_id = ${run.workspaceId} and run_id = ${run.runId} and phase in ('completed', 'failed')
         group by number_id`
  return sql<EndedIn[]>`
    select greatest(0, floor(extract(epoch from at - ${from}::timestamptz) / ${stepSeconds}))::int as step,
           count(*)::int as count
      from (${latest}) latest
     where at is not null
     group by 1
     order by 1
     limit 20000`
}

/** How many calls had which keys pressed in them, each once and in their order. */
export async function keyGroups(sql: Queryable, of: ReportOf): Promise<{ pressed: string; count: number }[]> {
  return sql<{ pressed: string; count: number }[]>`
    select pressed, count(*)::int as count from calls
     where workspace_id = ${of.workspaceId} and campaign_id = ${of.id} and pressed is not null
       and (${of.runId}::bigint is null or run_id = ${of.runId})
     group by pressed
     limit 10000`
}
