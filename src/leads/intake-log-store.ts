/** Reading the log of what dialers sent, and taking one of its entries up again. */
import type { Queryable, Tx } from '../db/sql.ts'
import type { IntakeBody } from './intake-store.ts'

export type IntakeStatus = 'taken' | 'rejected'

export type IntakeEntry = {
  id: number
  receivedAt: Date
  method: string
  address: string
  keyName: string | null
  status: IntakeStatus
  errorCode: string | null
  error: string | null
  note: string | null
  leadId: number | null
  replays: number
  replayedAt: Date | null
  body: IntakeBody
}

export type IntakeFilter = {
  workspaceId: number
  status: IntakeStatus | null
  errorCode: string | null
  user: string | null
}

/** Newest first. */
export async function listIntake(
  sql: Queryable,
  filter: IntakeFilter,
  page: { limit: number; offset: number },
): Promise<{ count: number; entries: IntakeEntry[] }> {
  const where = sql`
    entry.workspace_id = ${filter.workspaceId}
    and (${filter.status}::text is null or entry.status = ${filter.status})
    and (${filter.errorCode}::text is null or entry.error_code = ${filter.errorCode})
    and (${filter.user}::text is null
         or ${filter.user} in (entry.body -> 'members' ->> 'user', entry.body -> 'members' ->> 'agent_username',
                               entry.body -> 'members' ->> 'dialer_user_id'))`
  const [total] = await sql<
    { count: number }[]
  >`select count(*) as count from dialer_intake entry where ${where}`
  const entries = await sql<IntakeEntry[]>`
    select ${entryColumns(sql)}
      from dialer_intake entry
      ${entryJoins(sql)}
     where ${where}
     order by entry.id desc
     limit ${page.limit} offset ${page.offset}`
  return { count: total?.count ?? 0, entries }
}

export async function findIntake(
  sql: Queryable,
  workspaceId: number,
  id: number,
): Promise<IntakeEntry | null> {
  const [row] = await sql<IntakeEntry[]>`
    select ${entryColumns(sql)}
      from dialer_intake entry
      ${entryJoins(sql)}
     where entry.workspace_id = ${workspaceId} and entry.id = ${id}`
  return row ?? null
}

/** The entry, held until the transaction ends: it is taken up once. */
export async function lockIntake(tx: Tx, workspaceId: number, id: number): Promise<IntakeEntry | null> {
  const [row] = await tx`
    select from dialer_intake where workspace_id = ${workspaceId} and id = ${id} for no key update`
  return row ? findIntake(tx, workspaceId, id) : null
}

export type ReplayOutcome =
  | { status: 'taken'; leadId: number; callKey: string | null; note: string | null }
  | { status: 'rejected'; code: string; message: string }

/** Writes what came of taking an entry up again. */
export async function noteReplay(
  sql: Queryable,
  entry: { workspaceId: number; id: number; by: string | null; now: Date },
  outcome: ReplayOutcome,
): Promise<void> {
  const taken = outcome.status === 'taken' ? outcome : null
  const rejected = outcome.status === 'rejected' ? outcome : null
  await sql`
    update dialer_intake
       set status = ${outcome.status}, error_code = ${rejected?.code ?? null}, error = ${rejected?.message ?? null},
           lead_id = ${taken?.leadId ?? null}, call_key = ${taken?.callKey ?? null}, note = ${taken?.note ?? null},
           replays = replays + 1, replayed_at = ${entry.now}, replayed_by = ${entry.by}
     where workspace_id = ${entry.workspaceId} and id = ${entry.id}`
}

function entryColumns(sql: Queryable) {
  return sql`
    entry.id, entry.received_at as "receivedAt", entry.method, entry.address, key.name as "keyName", entry.status,
    entry.error_code as "errorCode", entry.error, entry.note, entry.lead_id as "leadId", entry.replays,
    entry.replayed_at as "replayedAt", entry.body`
}

function entryJoins(sql: Queryable) {
  return sql`left join dialer_keys key on key.workspace_id = entry.workspace_id and key.id = entry.key_id`
}
