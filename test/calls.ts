/** Calls as the engine would leave them, written at once. */
import { closeBatch } from '../src/events/event-log.ts'
import { isFinal, isOpen, type CallState } from '../src/calls/call.ts'
import { arrayOf, column, type Sql } from '../src/db/sql.ts'
import { uuidV7 } from '../src/random.ts'

export type TestCall = {
  state: CallState
  createdAt: Date
  to?: string
  customerName?: string
  agentId?: string
  campaignId?: number
  duration?: number
}

/** The account and the worker that every written call belongs to. */
export async function ensureCarrierAccount(
  sql: Sql,
): Promise<{ carrierAccountId: number; workerId: number }> {
  const [account] = await sql<{ id: number }[]>`
    insert into carrier_accounts (account_sid, calls_per_second, max_concurrent_calls) values ('ACtest', 1, 1)
    on conflict (account_sid) do update set calls_per_second = 1 returning id`
  const [worker] = await sql<{ id: number }[]>`
    insert into workers (name, settled_at) values ('test', clock_timestamp()) returning id`
  return { carrierAccountId: account?.id ?? 0, workerId: worker?.id ?? 0 }
}

let nextNumber = 0

/** Writes the calls with their counts; returns their ids in the same order. */
export async function insertCalls(
  sql: Sql,
  workspaceId: number,
  calls: readonly TestCall[],
): Promise<string[]> {
  const { carrierAccountId, workerId } = await ensureCarrierAccount(sql)
  const ids = calls.map((call) => uuidV7(call.createdAt.getTime()))
  const talked = (call: TestCall) => call.state === 'in_progress' || call.state === 'completed'
  const startedAt = (call: TestCall) => (talked(call) ? new Date(call.createdAt.getTime() + 5_000) : null)
  const endedAt = (call: TestCall) =>
    isFinal(call.state) ? new Date(call.createdAt.getTime() + 5_000 + (call.duration ?? 0) * 1_000) : null
  await sql.begin(async (tx) => {
    await tx`
      insert into calls (workspace_id, id, carrier_account_id, agent_id, campaign_id, to_number, from_number, customer_name,
                         state, carrier_sid, owner, due_at, created_at, started_at, ended_at, duration, entries)
      select ${workspaceId}, id, ${carrierAccountId}, agent_id, campaign_id, to_number, '+18005550100', customer_name, state,
             case when state not in ('queued', 'placing', 'not_placed') then 'CA' || md5(id::text) end,
             case when state <> 'queued' then ${workerId}::bigint end, created_at, created_at, started_at, ended_at, duration, 0
        from unnest(
               ${arrayOf(ids)}::uuid[], ${column(calls, (call) => call.agentId ?? null)}::uuid[],
               ${column(calls, (call) => call.campaignId ?? null)}::bigint[],
               ${calls.map((call) => call.to ?? `+1212${String(5_000_000 + nextNumber++)}`)}::text[],
               ${column(calls, (call) => call.customerName ?? null)}::text[], ${column(calls, (call) => call.state)}::text[],
               ${column(calls, (call) => call.createdAt)}::timestamptz[],
               ${column(calls, startedAt)}::timestamptz[], ${column(calls, endedAt)}::timestamptz[],
               ${column(calls, (call) => call.duration ?? 0)}::int[])
             as v (id, agent_id, campaign_id, to_number, customer_name, state, created_at, started_at, ended_at, duration)`
    const totals = calls.flatMap(({ state, campaignId }) =>
      [0, ...(campaignId === undefined ? [] : [campaignId])].map((place) => ({
        campaignId: place,
        subject: 'call' as const,
        state,
        delta: 1,
      })),
    )
    await closeBatch(tx, { now: new Date(), workspaces: [{ workspaceId, totals, events: [] }] })
  })
  return ids
}

/** Open calls must not share their pair of numbers; tests that need many use final ones. */
export function manyCalls(count: number, states: readonly CallState[], from: Date): TestCall[] {
  return Array.from({ length: count }, (_, index) => {
    const state = states[index % states.length] ?? 'completed'
    return {
      state,
      createdAt: new Date(from.getTime() + index * 10),
      customerName: `Customer ${index}`,
      duration: isOpen(state) || state !== 'completed' ? 0 : 30,
    }
  })
}
