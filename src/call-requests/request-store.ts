/** The rows of call requests. */
import { arrayOf, type Queryable, type Tx } from '../db/sql.ts'
import type { CallRequest, Outcome, Proposal, Side, Status, Times } from './call-request.ts'

type RequestRow = {
  workspace_id: number
  id: number
  user_id: string
  hero_id: number
  hero_user_id: string
  message: string
  estimated_length: number
  status: Status
  reason: string
  cancel_reason: string | null
  cancelled_by: string | null
  rounds: number
  agreed_time: Date | null
  agreed_round: number | null
  agreements: number
  outcome: Outcome | null
  outcome_reason: string | null
  call_id: string | null
  joined_at: Date | null
  created_at: Date
  updated_at: Date
}

type ProposalRow = {
  request_id: number
  round: number
  user_id: string
  one: Date | null
  two: Date | null
  three: Date | null
  created_at: Date
}

export type RequestName = { workspaceId: number; id: number }

export type NewRequest = {
  workspaceId: number
  userId: string
  heroId: number
  heroUserId: string
  message: string
  estimatedLength: number
  now: Date
}

export async function insertRequest(tx: Tx, request: NewRequest): Promise<CallRequest> {
  const [row] = await tx<RequestRow[]>`
    insert into call_requests (workspace_id, user_id, hero_id, hero_user_id, message, estimated_length, created_at,
                               updated_at)
    values (${request.workspaceId}, ${request.userId}, ${request.heroId}, ${request.heroUserId}, ${request.message},
            ${request.estimatedLength}, ${request.now}, ${request.now})
    returning *`
  if (row === undefined) throw new Error('the request was not inserted')
  return toRequest(row, [])
}

export async function findRequest(sql: Queryable, name: RequestName): Promise<CallRequest | null> {
  const [row] = await sql<RequestRow[]>`
    select * from call_requests where workspace_id = ${name.workspaceId} and id = ${name.id}`
  return row ? withProposals(sql, row) : null
}

/** Those of these that there are, in no order. */
export async function findRequests(
  sql: Queryable,
  workspaceId: number,
  ids: readonly number[],
): Promise<CallRequest[]> {
  const rows = await sql<RequestRow[]>`
    select * from call_requests
     where workspace_id = ${workspaceId} and id = any(${arrayOf(ids)}::bigint[])
     limit ${ids.length}`
  const proposals = await proposalsOf(sql, workspaceId, ids)
  return rows.map((row) => toRequest(row, proposals.get(row.id) ?? []))
}

/** The request, locked until the transaction ends: moves of one request follow each other. */
export async function lockRequest(tx: Tx, name: RequestName): Promise<CallRequest | null> {
  const [row] = await tx<RequestRow[]>`
    select * from call_requests where workspace_id = ${name.workspaceId} and id = ${name.id} for no key update`
  return row ? withProposals(tx, row) : null
}

export type RequestFilter = {
  workspaceId: number
  /** Only requests in which this person is a party; null: all of the workspace. */
  partyId: string | null
  /** The side on which `sideOf` has to be. */
  side: { userId: string; side: Side } | null
  status: Status | null
  offset: number
  limit: number
}

/** Requests, newest first, and how many there are. */
export async function listRequests(
  sql: Queryable,
  filter: RequestFilter,
): Promise<{ count: number; requests: CallRequest[] }> {
  const { workspaceId, partyId, side } = filter
  const among = sql`
    from call_requests
   where workspace_id = ${workspaceId}
     and (${partyId}::uuid is null or user_id = ${partyId}::uuid or hero_user_id = ${partyId}::uuid)
     and (${side?.side ?? null}::text is null
          or case ${side?.side ?? null}::text when 'user' then user_id else hero_user_id end = ${side?.userId ?? null}::uuid)
     and (${filter.status}::text is null or status = ${filter.status})`
  const [total] = await sql<{ count: number }[]>`select count(*) as count ${among}`
  const rows = await sql<RequestRow[]>`
    select * ${among} order by id desc offset ${filter.offset} limit ${filter.limit}`
  const proposals = await proposalsOf(
    sql,
    workspaceId,
    rows.map((row) => row.id),
  )
  return {
    count: total?.count ?? 0,
    requests: rows.map((row) => toRequest(row, proposals.get(row.id) ?? [])),
  }
}

/** Adds the next proposal of a locked request. */
export async function insertProposal(
  tx: Tx,
  request: CallRequest,
  proposal: { userId: string; times: Times; now: Date },
): Promise<void> {
  await tx`
    insert into call_request_proposals (workspace_id, request_id, round, user_id, times, created_at)
    values (${request.workspaceId}, ${request.id}, ${request.rounds + 1}, ${proposal.userId},
            ${arrayOf(proposal.times)}::timestamptz[], ${proposal.now})`
  await tx`
    update call_requests set rounds = rounds + 1, status = 'a', updated_at = ${proposal.now}
     where workspace_id = ${request.workspaceId} and id = ${request.id}`
}

export async function declineRequest(
  tx: Tx,
  name: RequestName,
  decline: { reason: string; now: Date },
): Promise<void> {
  await tx`
    update call_requests set status = 'd', reason = ${decline.reason}, updated_at = ${decline.now}
     where workspace_id = ${name.workspaceId} and id = ${name.id}`
}

/**
 * Takes the time of both parties for a call. False when one of them has another agreed call then: nothing was taken.
 * The constraint on the bookings is what makes an overlap impossible, whoever else agrees at the same moment; the people
 * are locked first, in one order, so that agreements which cross do not wait for each other in a circle.
 */
export async function takeTime(
  tx: Tx,
  request: CallRequest,
  during: { from: Date; to: Date },
): Promise<boolean> {
  const people = [request.userId, request.heroUserId]
  await tx`
    select from users
     where workspace_id = ${request.workspaceId} and id = any(${arrayOf(people)}::uuid[])
     order by id
       for no key update`
  await freeTime(tx, request)
  const taken = await tx`
    insert into call_request_bookings (workspace_id, request_id, user_id, during)
    select ${request.workspaceId}, ${request.id}, person, tstzrange(${during.from}, ${during.to})
      from unnest(${arrayOf(people)}::uuid[]) as person
    on conflict do nothing`
  return taken.count === people.length
}

/** Gives the time of both parties back. */
export async function freeTime(tx: Tx, name: RequestName): Promise<void> {
  await tx`
    delete from call_request_bookings where workspace_id = ${name.workspaceId} and request_id = ${name.id}`
}

/** The time stands: whatever was planned for another one is overwritten. */
export async function agreeOn(
  tx: Tx,
  request: CallRequest,
  agreed: { time: Date; remindAt: Date; now: Date },
): Promise<void> {
  await tx`
    update call_requests
       set agreed_time = ${agreed.time}, agreed_round = rounds, agreements = agreements + 1, outcome = null,
           outcome_reason = null, call_id = null, joined_at = null, remind_at = ${agreed.remindAt},
           step_at = ${agreed.time}, updated_at = ${agreed.now}
     where workspace_id = ${request.workspaceId} and id = ${request.id}`
}

/** Closes the request. A call that is under way is looked at once more, so that it ends. */
export async function cancelRequest(
  tx: Tx,
  request: CallRequest,
  cancel: { by: string; reason: string; counts: boolean; now: Date },
): Promise<void> {
  await tx`
    update call_requests
       set status = 'c', cancel_reason = ${cancel.reason}, cancelled_by = ${cancel.by}, cancelled_at = ${cancel.now},
           counts_as_cancellation = ${cancel.counts}, remind_at = null,
           step_at = case when call_id is null then null else ${cancel.now}::timestamptz end, updated_at = ${cancel.now}
     where workspace_id = ${request.workspaceId} and id = ${request.id}`
}

async function withProposals(sql: Queryable, row: RequestRow): Promise<CallRequest> {
  const proposals = await proposalsOf(sql, row.workspace_id, [row.id])
  return toRequest(row, proposals.get(row.id) ?? [])
}

/** Proposals by request, in order. A request has a hundred at most. */
async function proposalsOf(
  sql: Queryable,
  workspaceId: number,
  ids: readonly number[],
): Promise<Map<number, Proposal[]>> {
  const rows = await sql<ProposalRow[]>`
    select request_id, round, user_id, times[1] as one, times[2] as two, times[3] as three, created_at from call_request_proposals
     where workspace_id = ${workspaceId} and request_id = any(${arrayOf(ids)}::bigint[])
     order by request_id, round
     limit ${ids.length * 100}`
  const byRequest = new Map<number, Proposal[]>()
  for (const row of rows) {
    const proposal: Proposal = {
      round: row.round,
      userId: row.user_id,
      times: [row.one, row.two, row.three],
      createdAt: row.created_at,
    }
    byRequest.set(row.request_id, [...(byRequest.get(row.request_id) ?? []), proposal])
  }
  return byRequest
}

export function toRequest(row: RequestRow, proposals: readonly Proposal[]): CallRequest {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    userId: row.user_id,
    heroId: row.hero_id,
    heroUserId: row.hero_user_id,
    message: row.message,
    estimatedLength: row.estimated_length,
    status: row.status,
    reason: row.reason,
    cancelReason: row.cancel_reason,
    cancelledBy: row.cancelled_by,
    rounds: row.rounds,
    agreedTime: row.agreed_time,
    agreedRound: row.agreed_round,
    agreements: row.agreements,
    outcome: row.outcome,
    outcomeReason: row.outcome_reason,
    callId: row.call_id,
    joinedAt: row.joined_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    proposals,
  }
}
