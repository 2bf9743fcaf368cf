/** The rows that joining two phones reads and writes. */
import type { Tx } from '../db/sql.ts'
import type { CallName } from '../calls/call-reference.ts'
import { appendEntries, callColumns, toCall, type CallRow } from '../calls/call-store.ts'
import type { Call } from '../calls/call.ts'

/** An agent's call that was answered, and whom it is to be joined with. */
export type Joining = {
  workspaceId: number
  callId: string
  carrierAccountId: number
  agentId: string | null
  createdBy: string | null
  owner: number
  planId: number | null
  from: string
  to: string
  /** Who is called, as the agent's call already says. */
  name: string | null
  settings: unknown
  /** Somebody of ours is called: no rule protects them. */
  agreed: boolean
  /** The second call was made already. */
  joined: boolean
}

/** Whom a call is joined with that was not made for it. */
export type Transfer = { to: string; agentId: string | null }

/** Locks the first call. Null when it is over, or joins nobody. */
export async function lockJoining(
  tx: Tx,
  { workspaceId, callId }: CallName,
  transfer: Transfer | null,
): Promise<Joining | null> {
  const [row] = await tx<Joining[]>`
    select c.workspace_id as "workspaceId", c.id as "callId", c.carrier_account_id as "carrierAccountId",
           coalesce(${transfer?.agentId ?? null}::uuid, c.agent_id) as "agentId", c.created_by as "createdBy", c.owner, c.plan_id as "planId", c.from_number as from,
           coalesce(${transfer?.to ?? null}, c.joins_number) as to, c.customer_name as name, w.settings,
           ${transfer !== null} as agreed,
           exists (select from calls second where second.workspace_id = c.workspace_id and second.parent_id = c.id) as joined
      from calls c
      join workspaces w on w.id = c.workspace_id
     where c.workspace_id = ${workspaceId} and c.id = ${callId} and c.phase = 'open'
       and (c.joins_number is not null or ${transfer !== null})
       for update of c`
  return row ?? null
}

/**
 * Writes the intent of the second call: before the agent's phone is told, so that it is dialed at most once. Null when
 * the two numbers are in another call already.
 */
export async function insertJoined(
  tx: Tx,
  joining: Joining,
  birth: { id: string; now: Date },
): Promise<Call | null> {
  const [row] = await tx<CallRow[]>`
    insert into calls as c (workspace_id, id, carrier_account_id, agent_id, created_by, to_number, from_number,
                            customer_name, plan_id, parent_id, state, owner, created_at, intended_at, entries)
    values (${joining.workspaceId}, ${birth.id}, ${joining.carrierAccountId}, ${joining.agentId}, ${joining.createdBy},
            ${joining.to}, ${joining.from}, ${joining.name}, ${joining.planId}, ${joining.callId}, 'placing',
            ${joining.owner}, ${birth.now}, clock_timestamp(), 1)
    on conflict do nothing
    returning ${tx.unsafe(callColumns)}`
  if (row === undefined) return null
  const call = toCall(row)
  await appendEntries(tx, [
    {
      workspaceId: call.workspaceId,
      callId: call.id,
      sequence: call.entries,
      at: birth.now,
      kind: 'intended',
      source: 'dialer',
      state: call.state,
      detail: { joins: joining.callId },
    },
  ])
  return call
}
