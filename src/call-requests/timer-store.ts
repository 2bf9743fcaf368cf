/** Times that are promises: rows that are due, taken in the transaction that keeps the promise. */
import type { Queryable, Sql, Tx } from '../db/sql.ts'
import { wereTogether } from '../calls/room-store.ts'
import type { CallRequest, Outcome, Side } from './call-request.ts'
import type { Leg, Legs } from './call-step.ts'
import type { RequestName } from './request-store.ts'

/** Requests whose reminder is due, the oldest first, locked; those that another process has are passed over. */
export function takeReminders(tx: Tx, now: Date, limit: number): Promise<RequestName[]> {
  return tx<RequestName[]>`
    select workspace_id as "workspaceId", id from call_requests
     where remind_at <= ${now}
     order by remind_at
     limit ${limit}
       for no key update skip locked`
}

/** The reminder was written, or has no point any more. */
export async function clearReminder(tx: Tx, name: RequestName): Promise<void> {
  await tx`
    update call_requests set remind_at = null where workspace_id = ${name.workspaceId} and id = ${name.id}`
}

/** Requests whose call needs its next step, locked likewise. */
export function takeSteps(tx: Tx, now: Date, limit: number): Promise<RequestName[]> {
  return tx<RequestName[]>`
    select workspace_id as "workspaceId", id from call_requests
     where step_at <= ${now}
     order by step_at
     limit ${limit}
       for no key update skip locked`
}

/** When the next promise is due; null when there is none. */
export async function nextDue(sql: Queryable): Promise<Date | null> {
  const [row] = await sql<{ at: Date | null }[]>`
    select least((select remind_at from call_requests where remind_at is not null order by remind_at limit 1),
                 (select step_at from call_requests where step_at is not null order by step_at limit 1)) as at`
  return row?.at ?? null
}

/** What is known of the calls to both parties for the time that stands. */
export async function findLegs(tx: Tx, request: CallRequest): Promise<Legs> {
  const { workspaceId } = request
  const room = roomOf(request)
  const rows = await tx<(Leg & { side: Side })[]>`
    select distinct on (room_side) room_side as side, id as "callId", carrier_sid as sid, state,
           started_at as "startedAt", ended_at as "endedAt"
      from calls
     where workspace_id = ${workspaceId} and room = ${room} and room_side is not null
     order by room_side, id desc
     limit 2`
  const legOf = (side: Side) => rows.find((row) => row.side === side) ?? null
  const [hero, user] = [legOf('hero'), legOf('user')]
  const together =
    hero !== null &&
    user !== null &&
    (await wereTogether(tx, { workspaceId, room, calls: [hero.callId, user.callId] }))
  return { hero, user, together }
}

/** Each agreement has a room of its own. */
export function roomOf(request: CallRequest): string {
  return `request-${request.id}-${request.agreements}`
}

export async function stepLater(tx: Tx, name: RequestName, at: Date | null): Promise<void> {
  await tx`
    update call_requests set step_at = ${at} where workspace_id = ${name.workspaceId} and id = ${name.id}`
}

export async function noteRinging(
  tx: Tx,
  name: RequestName,
  ring: { side: Side; callId: string; lookAt: Date; now: Date },
): Promise<void> {
  const heroCall = ring.side === 'hero' ? ring.callId : null
  await tx`
    update call_requests
       set call_id = coalesce(${heroCall}, call_id), step_at = ${ring.lookAt}, remind_at = null, updated_at = ${ring.now}
     where workspace_id = ${name.workspaceId} and id = ${name.id}`
}

export async function noteJoined(
  tx: Tx,
  name: RequestName,
  joined: { until: Date; now: Date },
): Promise<void> {
  await tx`
    update call_requests
       set status = 's', outcome = 'held', joined_at = ${joined.now}, step_at = ${joined.until}, remind_at = null,
           updated_at = ${joined.now}
     where workspace_id = ${name.workspaceId} and id = ${name.id}`
}

/** The call came to nothing. The next step, at `endAt`, ends whatever is still open. */
export async function noteMissed(
  tx: Tx,
  name: RequestName,
  missed: { outcome: Outcome; reason: string; endAt: Date; now: Date },
): Promise<void> {
  await tx`
    update call_requests
       set outcome = ${missed.outcome}, outcome_reason = ${missed.reason}, step_at = ${missed.endAt}, remind_at = null,
           updated_at = ${missed.now}
     where workspace_id = ${name.workspaceId} and id = ${name.id}`
}

/** Which of these agreements still stand and have not begun; asked in the moment in which a reminder is sent. */
export async function standingAgreements(
  tx: Tx,
  asked: readonly { workspaceId: number; id: number; agreements: number }[],
  now: Date,
): Promise<boolean[]> {
  return Promise.all(
    asked.map(async ({ workspaceId, id, agreements }) => {
      const rows = await tx`
        select from call_requests
         where workspace_id = ${workspaceId} and id = ${id} and agreements = ${agreements} and status = 'a'
           and outcome is null and agreed_time > ${now}`
      return rows.length > 0
    }),
  )
}

export type DueFee = {
  workspaceId: number
  requestId: number
  userId: string
  amount: number
  currency: string
  attempts: number
}

/** Takes fees that are due; one that a dead process had taken comes back. Its charge has one key, so it is made once. */
export function takeFees(sql: Sql, limit: number): Promise<DueFee[]> {
  return sql<DueFee[]>`
    update cancellation_fees fee
       set attempts = fee.attempts + 1, due_at = clock_timestamp() + make_interval(mins => least(60, 2 ^ fee.attempts)::int)
      from (select workspace_id, request_id from cancellation_fees
             where state = 'due' and due_at <= clock_timestamp()
             order by due_at
             limit ${limit}
               for update skip locked) due
     where fee.workspace_id = due.workspace_id and fee.request_id = due.request_id
    returning fee.workspace_id as "workspaceId", fee.request_id as "requestId", fee.user_id as "userId", fee.amount,
              fee.currency, fee.attempts`
}

export async function settleFee(
  sql: Sql,
  fee: DueFee,
  outcome: { state: 'due' | 'charged' | 'failed'; chargeId: string | null; reason: string | null },
): Promise<void> {
  await sql`
    update cancellation_fees
       set state = ${outcome.state}, charge_id = ${outcome.chargeId}, reason = ${outcome.reason}
     where workspace_id = ${fee.workspaceId} and request_id = ${fee.requestId} and state = 'due'`
}
