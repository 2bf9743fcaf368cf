/** Call requests as the people in them see them: by whose turn it is. */
import type { Queryable } from '../db/sql.ts'

export const stages = ['needs_me', 'waiting', 'agreed', 'closed'] as const
/** Whose turn it is, as one person sees it. Who is no party has no turn: what is not agreed or closed waits. */
export type Stage = (typeof stages)[number]

export type DeskFilter = {
  workspaceId: number
  userId: string | null
  /** Only requests in which the person is a party. */
  ownOnly: boolean
}

export type Staged = { id: number; stage: Stage }

/** Those of a stage, the latest moved first. */
export async function listStage(
  sql: Queryable,
  filter: DeskFilter & { stage: Stage },
  page: { limit: number; offset: number },
): Promise<Staged[]> {
  return sql<Staged[]>`
    select id, stage from (${staged(sql, filter)}) known
     where stage = ${filter.stage}
     order by updated_at desc, id desc
    offset ${page.offset} limit ${page.limit}`
}

export async function countStages(sql: Queryable, filter: DeskFilter): Promise<Record<Stage, number>> {
  const rows = await sql<{ stage: Stage; count: number }[]>`
    select stage, count(*)::int as count from (${staged(sql, filter)}) known group by stage limit ${stages.length}`
  const counts = { needs_me: 0, waiting: 0, agreed: 0, closed: 0 }
  for (const { stage, count } of rows) counts[stage] = count
  return counts
}

export async function stageOf(sql: Queryable, filter: DeskFilter, id: number): Promise<Stage | null> {
  const [row] = await sql<Staged[]>`
    select id, stage from (${staged(sql, filter)}) known where id = ${id} limit 1`
  return row?.stage ?? null
}

/** A proposal that is newer than the last agreement waits for the one who did not make it; so does a call that was missed. */
function staged(sql: Queryable, { workspaceId, userId, ownOnly }: DeskFilter) {
  return sql`
    select request.id, request.updated_at,
           case when request.status in ('d', 'c', 's') then 'closed'
                when request.status = 'o'
                  then case when request.hero_user_id = ${userId} then 'needs_me' else 'waiting' end
                when request.rounds > coalesce(request.agreed_round, 0)
                  then case when latest.user_id = ${userId}
                              or ${userId}::uuid not in (request.user_id, request.hero_user_id) then 'waiting'
                            else 'needs_me' end
                when request.outcome is not null
                  then case when ${userId}::uuid in (request.user_id, request.hero_user_id) then 'needs_me'
                            else 'waiting' end
                else 'agreed' end as stage
      from call_requests request
      left join call_request_proposals latest
        on latest.workspace_id = request.workspace_id and latest.request_id = request.id and latest.round = request.rounds
     where request.workspace_id = ${workspaceId}
       and (not ${ownOnly} or ${userId}::uuid in (request.user_id, request.hero_user_id))`
}
