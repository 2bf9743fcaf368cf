/** Writes what a claim decided: intents, numbers set aside, direct calls taken up. */
import { column, type Tx } from '../db/sql.ts'
import type { TotalChange, WorkspaceBatch } from '../events/event-log.ts'

export type NewCall = {
  workspaceId: number
  id: string
  campaignId: number
  runId: number
  numberId: number
  attempt: number
  to: string
  from: string
  name: string | null
  messageSeconds: number
}
export type Birth = { carrierAccountId: number; owner: number; now: Date }

/** Inserts intents. Returns the ids that were born; a missing one met a call that was born elsewhere meanwhile. */
export async function insertIntents(tx: Tx, calls: readonly NewCall[], birth: Birth): Promise<Set<string>> {
  if (calls.length === 0) return new Set()
  const rows = await tx<{ id: string }[]>`
    insert into calls (workspace_id, id, carrier_account_id, campaign_id, run_id, number_id, attempt, to_number,
                       from_number, customer_name, message_seconds, state, owner, created_at, intended_at, entries)
    select workspace_id, id, ${birth.carrierAccountId}, campaign_id, run_id, number_id, attempt, to_number, from_number,
           customer_name, message_seconds, 'placing', ${birth.owner}, ${birth.now}, clock_timestamp(), 1
      from unnest(
             ${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.id)}::uuid[],
             ${column(calls, (call) => call.campaignId)}::bigint[], ${column(calls, (call) => call.runId)}::bigint[],
             ${column(calls, (call) => call.numberId)}::bigint[], ${column(calls, (call) => call.attempt)}::smallint[],
             ${column(calls, (call) => call.to)}::text[], ${column(calls, (call) => call.from)}::text[],
             ${column(calls, (call) => call.name)}::text[], ${column(calls, (call) => call.messageSeconds)}::int[])
           as v (workspace_id, id, campaign_id, run_id, number_id, attempt, to_number, from_number, customer_name,
                 message_seconds)
    on conflict do nothing
    returning id`
  return new Set(rows.map((row) => row.id))
}

/** Takes up direct calls that waited; they become intents. */
export async function placeWaiting(
  tx: Tx,
  calls: readonly { workspaceId: number; id: string }[],
  birth: Birth,
): Promise<void> {
  if (calls.length === 0) return
  await tx`
    update calls c
       set state = 'placing', owner = ${birth.owner}, intended_at = clock_timestamp(), reason = null,
           reported_at = clock_timestamp(), entries = c.entries + 1
      from unnest(${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.id)}::uuid[])
           as v (workspace_id, id)
     where c.workspace_id = v.workspace_id and c.id = v.id and c.state = 'queued'`
}

/** Direct calls that may not be dialed now. */
export async function postponeWaiting(
  tx: Tx,
  calls: readonly { workspaceId: number; id: string; reason: string; dueAt: Date }[],
): Promise<void> {
  if (calls.length === 0) return
  await tx`
    update calls c
       set due_at = v.due_at, reason = v.reason
      from unnest(${column(calls, (call) => call.workspaceId)}::bigint[], ${column(calls, (call) => call.id)}::uuid[],
                  ${column(calls, (call) => call.dueAt)}::timestamptz[], ${column(calls, (call) => call.reason)}::text[])
           as v (workspace_id, id, due_at, reason)
     where c.workspace_id = v.workspace_id and c.id = v.id and c.state = 'queued'`
}

export type NumberChange = {
  workspaceId: number
  campaignId: number
  runId: number
  id: number
  was: string
  status: 'calling' | 'queued' | 'skipped'
  reason: string | null
  dueAt: Date | null
}

/** Moves claimed numbers. A number that is new to its run starts with no attempts used. */
export async function moveNumbers(tx: Tx, changes: readonly NumberChange[]): Promise<void> {
  if (changes.length === 0) return
  const result = await tx`
    update campaign_numbers n
       set status = v.status, reason = v.reason, due_at = v.due_at,
           attempts = case when n.run_id is not distinct from v.run_id then n.attempts else 0 end, run_id = v.run_id
      from unnest(
             ${column(changes, (change) => change.workspaceId)}::bigint[], ${column(changes, (change) => change.id)}::bigint[],
             ${column(changes, (change) => change.runId)}::bigint[], ${column(changes, (change) => change.status)}::text[],
             ${column(changes, (change) => change.reason)}::text[], ${column(changes, (change) => change.dueAt)}::timestamptz[])
           as v (workspace_id, id, run_id, status, reason, due_at)
     where n.workspace_id = v.workspace_id and n.id = v.id`
  if (result.count !== changes.length) throw new Error('claimed numbers vanished under their lock')
}

/** What moved numbers change in the counts. */
export function numberTotals(changes: readonly NumberChange[]): WorkspaceBatch[] {
  return changes
    .filter((change) => change.was !== change.status)
    .map((change) => ({ workspaceId: change.workspaceId, totals: totalsOf(change), events: [] }))
}

function totalsOf({ campaignId, was, status }: NumberChange): TotalChange[] {
  return [0, campaignId].flatMap((place) => [
    { campaignId: place, subject: 'number' as const, state: was, delta: -1 },
    { campaignId: place, subject: 'number' as const, state: status, delta: 1 },
  ])
}
