/** The endpoints of a workspace. */
import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'

export type Endpoint = {
  workspaceId: number
  id: string
  url: string
  kinds: string[]
  generation: number
  overlapEndsAt: Date | null
  createdAt: Date
  disabledAt: Date | null
  disabledReason: string | null
  lastDeliveredAt: Date | null
  failingSince: Date | null
}

const most = 20

function columns(sql: Queryable) {
  return sql`
    workspace_id as "workspaceId", id, url, kinds, generation, overlap_ends_at as "overlapEndsAt",
    created_at as "createdAt", disabled_at as "disabledAt", disabled_reason as "disabledReason",
    last_delivered_at as "lastDeliveredAt", failing_since as "failingSince"`
}

/** Newest first; a workspace has 20 at most. */
export async function listEndpoints(sql: Queryable, workspaceId: number): Promise<Endpoint[]> {
  return sql<Endpoint[]>`
    select ${columns(sql)} from webhook_endpoints
     where workspace_id = ${workspaceId}
     order by created_at desc, id desc
     limit ${most}`
}

export async function findEndpoint(
  sql: Queryable,
  { workspaceId, id }: Pick<Endpoint, 'workspaceId' | 'id'>,
): Promise<Endpoint | null> {
  const [endpoint] = await sql<Endpoint[]>`
    select ${columns(sql)} from webhook_endpoints where workspace_id = ${workspaceId} and id = ${id}`
  return endpoint ?? null
}

/** Until the commit nobody else changes it or switches it off. */
export async function lockEndpoint(
  tx: Tx,
  { workspaceId, id }: Pick<Endpoint, 'workspaceId' | 'id'>,
): Promise<Endpoint | null> {
  const [endpoint] = await tx<Endpoint[]>`
    select ${columns(tx)} from webhook_endpoints
     where workspace_id = ${workspaceId} and id = ${id}
       for no key update`
  return endpoint ?? null
}

type NewEndpoint = Pick<Endpoint, 'workspaceId' | 'id' | 'url' | 'kinds' | 'createdAt'>

/** Throws AppError conflict `too_many_webhooks`. */
export async function insertEndpoint(tx: Tx, endpoint: NewEndpoint): Promise<Endpoint> {
  const { workspaceId, id, url, kinds, createdAt } = endpoint
  await tx`select id from workspaces where id = ${workspaceId} for update`
  if ((await listEndpoints(tx, workspaceId)).length >= most) {
    const sentence = `There are ${most} webhooks already. Delete those nobody uses.`
    throw new AppError('conflict', 'too_many_webhooks', sentence)
  }
  const [row] = await tx<Endpoint[]>`
    insert into webhook_endpoints (workspace_id, id, url, kinds, created_at)
    values (${workspaceId}, ${id}, ${url}, ${kinds}, ${createdAt})
    returning ${columns(tx)}`
  if (row === undefined) throw new Error('the endpoint was not written')
  return row
}

/** Switches on again with a clean record, or off. */
export async function changeEndpoint(
  tx: Tx,
  endpoint: Endpoint,
  change: { url: string; kinds: string[]; isOn: boolean },
  now: Date,
): Promise<Endpoint> {
  const wasOn = endpoint.disabledAt === null
  const { workspaceId, id } = endpoint
  const [row] = await tx<Endpoint[]>`
    update webhook_endpoints
       set url = ${change.url}, kinds = ${change.kinds},
           disabled_at = ${change.isOn ? null : (endpoint.disabledAt ?? now)},
           disabled_reason = ${change.isOn ? null : wasOn ? 'by_person' : endpoint.disabledReason},
           failing_since = ${change.isOn && !wasOn ? null : endpoint.failingSince}
     where workspace_id = ${workspaceId} and id = ${id}
    returning ${columns(tx)}`
  if (row === undefined) throw new Error('the endpoint went away')
  if (wasOn && !change.isOn) await endWaiting(tx, endpoint, 'webhook_off', now)
  return row
}

/** A new secret; the old one signs as well until `overlapEndsAt`. */
export async function rotateEndpoint(
  tx: Tx,
  { workspaceId, id }: Pick<Endpoint, 'workspaceId' | 'id'>,
  overlapEndsAt: Date,
): Promise<Endpoint | null> {
  const [row] = await tx<Endpoint[]>`
    update webhook_endpoints set generation = generation + 1, overlap_ends_at = ${overlapEndsAt}
     where workspace_id = ${workspaceId} and id = ${id}
    returning ${columns(tx)}`
  return row ?? null
}

/** With everything it was told. False when there is no such endpoint. */
export async function deleteEndpoint(
  tx: Queryable,
  { workspaceId, id }: Pick<Endpoint, 'workspaceId' | 'id'>,
): Promise<boolean> {
  const gone = await tx`delete from webhook_endpoints where workspace_id = ${workspaceId} and id = ${id}`
  return gone.count > 0
}

/** Switches an endpoint off that takes nothing any more. */
export async function disableEndpoint(
  tx: Tx,
  { workspaceId, id }: Pick<Endpoint, 'workspaceId' | 'id'>,
  reason: string,
  now: Date,
): Promise<void> {
  await tx`
    update webhook_endpoints set disabled_at = ${now}, disabled_reason = ${reason}
     where workspace_id = ${workspaceId} and id = ${id} and disabled_at is null`
  await endWaiting(tx, { workspaceId, id }, 'webhook_off', now)
}

/** What waits for an endpoint that is off has failed; it can be sent again by hand. */
async function endWaiting(
  tx: Tx,
  { workspaceId, id }: Pick<Endpoint, 'workspaceId' | 'id'>,
  problem: string,
  now: Date,
): Promise<void> {
  await tx`
    update webhook_deliveries set state = 'failed', ended_at = ${now}, problem = ${problem}
     where workspace_id = ${workspaceId} and endpoint_id = ${id} and state = 'waiting'`
}
