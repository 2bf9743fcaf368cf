/** Deliveries: what is due, what became of it, and their log. */
import { arrayOf, type Queryable, type Sql, type Tx } from '../db/sql.ts'
import { triedForMs } from '../events/notice-store.ts'
import type { Attempt, Outcome } from './delivery.ts'

export type Due = {
  workspaceId: number
  id: string
  endpointId: string
  messageId: string
  body: string
  attempts: number
  giveUpAt: Date
  url: string
  generation: number
  overlapEndsAt: Date | null
  failingSince: Date | null
}

/** An attempt that a dead process had begun is made again after so long. */
const takenForMs = 60_000

/**
 * Takes what is due: of each endpoint the oldest, as many as it has room for. `busy` counts what this process has under way
 * for endpoints. `now` is product time.
 */
export async function takeDue(
  sql: Sql,
  { perEndpoint, busy, limit }: { perEndpoint: number; busy: ReadonlyMap<string, number>; limit: number },
  now: Date,
): Promise<Due[]> {
  const [ids, counts] = [[...busy.keys()], [...busy.values()]]
  return sql<Due[]>`
    with under_way as (
      select * from unnest(${arrayOf(ids)}::uuid[], ${arrayOf(counts)}::int[]) as given (endpoint_id, count)
    ), room as (
      select endpoint.*, greatest(0, ${perEndpoint} - coalesce(under_way.count, 0)) as free
        from webhook_endpoints endpoint
        left join under_way on under_way.endpoint_id = endpoint.id
       where endpoint.disabled_at is null
    ), due as (
      select found.workspace_id, found.id, room.url, room.generation, room.overlap_ends_at, room.failing_since
        from room cross join lateral (
          select workspace_id, id from webhook_deliveries delivery
           where delivery.workspace_id = room.workspace_id and delivery.endpoint_id = room.id
             and delivery.state = 'waiting' and delivery.due_at <= ${now}
           order by delivery.due_at
           limit room.free
             for update skip locked) found
       limit ${limit}
    )
    update webhook_deliveries delivery
       set attempts = delivery.attempts + 1, due_at = ${new Date(now.getTime() + takenForMs)}
      from due
     where delivery.workspace_id = due.workspace_id and delivery.id = due.id
    returning delivery.workspace_id as "workspaceId", delivery.id, delivery.endpoint_id as "endpointId",
              delivery.message_id as "messageId", delivery.body, delivery.attempts, delivery.give_up_at as "giveUpAt",
              due.url, due.generation, due.overlap_ends_at as "overlapEndsAt", due.failing_since as "failingSince"`
}

/**
 * Writes what an attempt came to. One that was taken up again meanwhile, or sent again by hand, is left alone. The endpoint
 * is always locked before its deliveries.
 */
export async function settle(
  tx: Tx,
  due: Due,
  { attempt, outcome, now }: { attempt: Attempt; outcome: Outcome; now: Date },
): Promise<void> {
  await noteHealth(tx, due, attempt.problem === null, now)
  const isOver = outcome.state !== 'waiting'
  await tx`
    update webhook_deliveries
       set state = ${outcome.state}, ended_at = ${isOver ? now : null}, tried_at = ${now},
           due_at = ${isOver ? now : outcome.dueAt}, answer_status = ${attempt.status},
           answer_body = ${attempt.answer}, answer_ms = ${attempt.ms}, problem = ${attempt.problem}
     where workspace_id = ${due.workspaceId} and id = ${due.id}
       and state = 'waiting' and attempts = ${due.attempts}`
}

/** When the endpoint took something last, to the minute, or since when it takes nothing. */
async function noteHealth(
  tx: Tx,
  { workspaceId, endpointId }: Due,
  isTaken: boolean,
  now: Date,
): Promise<void> {
  if (isTaken) {
    await tx`
      update webhook_endpoints set last_delivered_at = ${now}, failing_since = null
       where workspace_id = ${workspaceId} and id = ${endpointId}
         and (failing_since is not null or last_delivered_at is null
              or last_delivered_at < ${new Date(now.getTime() - 60_000)})`
    return
  }
  await tx`
    update webhook_endpoints set failing_since = ${now}
     where workspace_id = ${workspaceId} and id = ${endpointId} and failing_since is null`
}

export type Delivery = {
  id: string
  messageId: string
  kind: string
  state: 'waiting' | 'delivered' | 'failed'
  attempts: number
  createdAt: Date
  dueAt: Date
  endedAt: Date | null
  triedAt: Date | null
  body: string
  url: string
  answerStatus: number | null
  answerBody: string | null
  answerMs: number | null
  problem: string | null
}

type Place = { workspaceId: number; endpointId: string }

function columns(sql: Queryable) {
  return sql`
    delivery.id, delivery.message_id as "messageId", delivery.kind, delivery.state, delivery.attempts,
    delivery.created_at as "createdAt", delivery.due_at as "dueAt", delivery.ended_at as "endedAt",
    delivery.tried_at as "triedAt", delivery.body, endpoint.url, delivery.answer_status as "answerStatus",
    delivery.answer_body as "answerBody", delivery.answer_ms as "answerMs", delivery.problem`
}

/** The deliveries of an endpoint, newest first, and how many there are. */
export async function listDeliveries(
  sql: Queryable,
  { workspaceId, endpointId }: Place,
  page: { state: Delivery['state'] | null; offset: number; limit: number },
): Promise<{ count: number; deliveries: Delivery[] }> {
  const which = sql`
    delivery.workspace_id = ${workspaceId} and delivery.endpoint_id = ${endpointId}
    ${page.state === null ? sql`` : sql`and delivery.state = ${page.state}`}`
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from webhook_deliveries delivery where ${which}`
  const deliveries = await sql<Delivery[]>`
    select ${columns(sql)}
      from webhook_deliveries delivery
      join webhook_endpoints endpoint on endpoint.workspace_id = delivery.workspace_id and endpoint.id = delivery.endpoint_id
     where ${which}
     order by delivery.id desc
    offset ${page.offset} limit ${page.limit}`
  return { count: total?.count ?? 0, deliveries }
}

/** Makes a delivery due at once, with three more days; null when there is no such delivery. */
export async function sendAgain(
  tx: Tx,
  { workspaceId, endpointId }: Place,
  id: string,
  now: Date,
): Promise<Delivery | null> {
  await tx`
    update webhook_deliveries
       set state = 'waiting', ended_at = null, due_at = ${now}, attempts = 0,
           give_up_at = ${new Date(now.getTime() + triedForMs)}
     where workspace_id = ${workspaceId} and endpoint_id = ${endpointId} and id = ${id}`
  const [row] = await tx<Delivery[]>`
    select ${columns(tx)}
      from webhook_deliveries delivery
      join webhook_endpoints endpoint on endpoint.workspace_id = delivery.workspace_id and endpoint.id = delivery.endpoint_id
     where delivery.workspace_id = ${workspaceId} and delivery.endpoint_id = ${endpointId} and delivery.id = ${id}`
  return row ?? null
}

const keptMs = 7 * 24 * 60 * 60 * 1_000
const rowsPerStep = 10_000

/** Deletes deliveries that ended a week ago. */
export async function dropOldDeliveries(sql: Sql, now: Date): Promise<void> {
  const before = new Date(now.getTime() - keptMs)
  for (let count = rowsPerStep; count === rowsPerStep;) {
    const dropped = await sql`
      delete from webhook_deliveries
       where (workspace_id, id) in (
         select workspace_id, id from webhook_deliveries where ended_at < ${before} limit ${rowsPerStep})`
    count = dropped.count
  }
}
