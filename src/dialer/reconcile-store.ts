import { failpoint } from '../failpoint.ts'
import { arrayOf, transaction, type Sql } from '../db/sql.ts'
import type { CallState } from '../calls/call.ts'
import { workerLockClass } from './worker.ts'

export type OpenCall = {
  workspaceId: number
  callId: string
  state: CallState
  to: string
  from: string
  sid: string | null
  /** The carrier's id of the call that dialed it, when one did. */
  parentSid: string | null
  owner: number
  /** Nothing was heard of it since its process was found gone: what the carrier told meanwhile may have come to nobody. */
  bereft: boolean
  hangUp: boolean
  /** Database time of the intent. */
  intendedAt: Date
  /** Milliseconds of database time since anything was heard of it. */
  silentMs: number
  settings: unknown
}

/**
 * Open calls that need somebody to look: unknown ones, silent ones, those that are to be ended. Only calls of this
 * worker and of workers that are known to be gone; the others are looked after by their own.
 */
export async function callsToLookAt(
  sql: Sql,
  query: { carrierAccountId: number; workerId: number; silentMs: number; limit: number },
): Promise<OpenCall[]> {
  return sql<OpenCall[]>`
    select c.workspace_id as "workspaceId", c.id as "callId", c.state, c.to_number as to, c.from_number as from,
           c.carrier_sid as sid, p.carrier_sid as "parentSid", c.owner,
           c.reported_at < o.settled_at is true as bereft, c.hang_up as "hangUp", c.intended_at as "intendedAt",
           (extract(epoch from clock_timestamp() - c.reported_at) * 1000)::float8 as "silentMs", w.settings
      from calls c
      join workspaces w on w.id = c.workspace_id
      join workers o on o.id = c.owner
      left join calls p on p.workspace_id = c.workspace_id and p.id = c.parent_id
     where c.carrier_account_id = ${query.carrierAccountId} and c.phase = 'open'
       and (c.owner = ${query.workerId} or o.settled_at is not null)
       and (c.state = 'unknown' or c.hang_up or c.reported_at < o.settled_at
            or c.reported_at < clock_timestamp() - ${query.silentMs} * interval '1 millisecond')
     order by c.reported_at
     limit ${query.limit}`
}

/**
 * Workers that are provably gone: their lock could be taken. From here on nobody can dial in their name, and their
 * calls may be looked after by others.
 */
export async function settleGoneWorkers(sql: Sql, own: number | null): Promise<number[]> {
  // Who holds a lock is only seen here, in one statement however many there are; whether it is free is tried below.
  const unheld = await sql<{ id: number }[]>`
    select id from workers
     where settled_at is null and id is distinct from ${own}
       and id <> all(array(
             select objid::int from pg_locks
              where locktype = 'advisory' and classid = ${workerLockClass}::int::oid and objsubid = 2 and granted
                and database = (select oid from pg_database where datname = current_database())))
     order by id limit 100`
  const gone: number[] = []
  for (const { id } of unheld) {
    const settled = await transaction(sql, async (tx) => {
      const [lock] = await tx<{ taken: boolean }[]>`
        select pg_try_advisory_xact_lock(${workerLockClass}, ${id}) as taken`
      if (lock?.taken !== true) return false
      await tx`update workers set settled_at = clock_timestamp() where id = ${id}`
      return true
    })
    if (settled) {
      gone.push(id)
      failpoint('worker.settled')
    }
  }
  return gone
}

/** Whether a worker is known to be gone, so that others may take over what it was doing. */
export async function isWorkerGone(sql: Sql, id: number): Promise<boolean> {
  const rows = await sql`select from workers where id = ${id} and settled_at is null`
  return rows.length === 0
}

/** Attempts of settled workers whose answer nobody waits for any more. */
export async function orphanedIntents(
  sql: Sql,
  carrierAccountId: number,
): Promise<{ workspaceId: number; callId: string }[]> {
  return sql<{ workspaceId: number; callId: string }[]>`
    select c.workspace_id as "workspaceId", c.id as "callId"
      from calls c
      join workers o on o.id = c.owner
     where c.carrier_account_id = ${carrierAccountId} and c.phase = 'open' and c.state = 'placing'
       and o.settled_at is not null
     limit 5000`
}

/**
 * Which of these carrier ids belong to which calls between the same two numbers. An id that is bound to a call between
 * others was bound by a wrong answer, and does not prove that the call looked for is absent.
 */
export async function boundBetween(
  sql: Sql,
  carrierAccountId: number,
  asked: { to: string; from: string; sids: readonly string[] },
): Promise<Map<string, string>> {
  if (asked.sids.length === 0) return new Map()
  const rows = await sql<{ carrier_sid: string; id: string }[]>`
    select carrier_sid, id from calls
     where carrier_account_id = ${carrierAccountId} and carrier_sid = any(${arrayOf(asked.sids)}::text[])
       and to_number = ${asked.to} and from_number = ${asked.from}
     limit ${asked.sids.length}`
  return new Map(rows.map((row) => [row.carrier_sid, row.id]))
}

export type Stray = { workspaceId: number; callId: string; sid: string }

export async function straysToEnd(sql: Sql): Promise<Stray[]> {
  return sql<Stray[]>`
    select workspace_id as "workspaceId", call_id as "callId", carrier_sid as sid
      from stray_calls where ended_at is null order by found_at limit 100`
}

export async function markStrayEnded(sql: Sql, stray: Stray): Promise<void> {
  await sql`
    update stray_calls set ended_at = clock_timestamp()
     where workspace_id = ${stray.workspaceId} and call_id = ${stray.callId} and carrier_sid = ${stray.sid}`
}
