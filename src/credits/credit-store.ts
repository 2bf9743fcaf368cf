/** The ledger and its sums. Every function locks the workspace's sums first, and adds to both in one transaction. */
import { parseSettings } from '../accounts/settings.ts'
import type { PriceList } from '../accounts/price-list.ts'
import { arrayOf, column, type Queryable, type Tx } from '../db/sql.ts'
import type { CreditKind, CreditSubject, Usage } from './credit.ts'

export type Hold = CreditSubject & { amount: number; prices: PriceList; limit: number | null }

export type Held = { ok: true } | { ok: false; available: number }

/**
 * Puts credits on hold; more of them when the subject has some already. Not when used and held would pass the limit:
 * then nothing is written. Parallel holds wait for each other.
 */
export async function holdCredits(tx: Tx, hold: Hold, now: Date): Promise<Held> {
  const { workspaceId, kind, subject, amount, limit } = hold
  await lockAccounts(tx, [workspaceId])
  const { used, held } = await readCredits(tx, workspaceId)
  const available = limit === null ? null : Math.max(0, limit - used - held)
  if (available !== null && amount > available) return { ok: false, available }
  await tx`
    with sums as (
      update credit_accounts set held = held + ${amount} where workspace_id = ${workspaceId}
    ), holding as (
      insert into credit_holds as h (workspace_id, kind, subject, held, prices, created_at)
      values (${workspaceId}, ${kind}, ${subject}, ${amount}, ${JSON.stringify(hold.prices)}::text::jsonb, ${now})
          on conflict (workspace_id, kind, subject) do update set held = h.held + excluded.held
    )
    insert into credit_entries (workspace_id, at, entry, kind, subject, used, held)
    values (${workspaceId}, ${now}, 'hold', ${kind}, ${subject}, 0, ${amount})`
  return { ok: true }
}

/**
 * Charges what was used, all of it together: one ledger row for each subject, whatever number of calls it stands for.
 * What costs more than was held is charged all the same, because it was used.
 */
export async function settleCredits(tx: Tx, usages: readonly Usage[], now: Date): Promise<void> {
  const merged = merge(usages)
  if (merged.length === 0) return
  await lockAccounts(tx, [...new Set(merged.map((one) => one.workspaceId))])
  await tx`
    with given as materialized (
      select * from unnest(
        ${column(merged, (one) => one.workspaceId)}::bigint[], ${column(merged, (one) => one.kind)}::text[],
        ${column(merged, (one) => one.subject)}::text[], ${column(merged, (one) => one.cost)}::bigint[],
        ${column(merged, (one) => one.items)}::int[], ${column(merged, (one) => one.ends)}::bool[])
        as given (workspace_id, kind, subject, cost, items, ends)
    ), changes as materialized (
      select given.*, coalesce(case when ends then h.held else least(coalesce(h.held, 0), cost) end, 0) as from_hold
        from given
        left join credit_holds h using (workspace_id, kind, subject)
    ), less as (
      update credit_holds h
         set held = h.held - c.from_hold
        from changes c
       where not c.ends and c.from_hold > 0
         and h.workspace_id = c.workspace_id and h.kind = c.kind and h.subject = c.subject
    ), over as (
      delete from credit_holds h
       using changes c
       where c.ends and h.workspace_id = c.workspace_id and h.kind = c.kind and h.subject = c.subject
    ), entries as (
      insert into credit_entries (workspace_id, at, entry, kind, subject, items, used, held)
      select workspace_id, ${now}, case when cost > 0 then 'settle' else 'release' end, kind, subject, items, cost, -from_hold
        from changes
       where cost > 0 or from_hold > 0
    )
    update credit_accounts a
       set used = a.used + sums.cost, held = a.held - sums.from_hold
      from (select workspace_id, sum(cost)::bigint as cost, sum(from_hold)::bigint as from_hold
              from changes group by workspace_id) sums
     where a.workspace_id = sums.workspace_id and (sums.cost > 0 or sums.from_hold > 0)`
}

/** Releases what is left of a hold. Nothing happens when there is none. */
export async function releaseCredits(tx: Tx, subject: CreditSubject, now: Date): Promise<void> {
  await settleCredits(tx, [{ ...subject, cost: 0, ends: true }], now)
}

/** Lets a hold go on under another subject: the call that follows one that was given back. */
export async function moveHolds(
  tx: Tx,
  moves: readonly { workspaceId: number; kind: CreditKind; from: string; to: string }[],
): Promise<void> {
  if (moves.length === 0) return
  await tx`
    update credit_holds h
       set subject = given.new_subject
      from unnest(${column(moves, (one) => one.workspaceId)}::bigint[], ${column(moves, (one) => one.kind)}::text[],
                  ${column(moves, (one) => one.from)}::text[], ${column(moves, (one) => one.to)}::text[])
           as given (workspace_id, kind, old_subject, new_subject)
     where h.workspace_id = given.workspace_id and h.kind = given.kind and h.subject = given.old_subject`
}

/**
 * The prices that hold for each subject: as they were agreed when its credits were held, else the workspace's of now. In
 * the order of the subjects.
 */
export async function pricesFor(sql: Queryable, subjects: readonly CreditSubject[]): Promise<PriceList[]> {
  if (subjects.length === 0) return []
  const rows = await sql<{ agreed: PriceList | null; settings: unknown }[]>`
    select h.prices as agreed, case when h.prices is null then w.settings end as settings
      from unnest(${column(subjects, (one) => one.workspaceId)}::bigint[], ${column(subjects, (one) => one.kind)}::text[],
                  ${column(subjects, (one) => one.subject)}::text[]) with ordinality
           as given (workspace_id, kind, subject, place)
      join workspaces w on w.id = given.workspace_id
      left join credit_holds h
        on h.workspace_id = given.workspace_id and h.kind = given.kind and h.subject = given.subject
     order by given.place`
  return rows.map((row) => row.agreed ?? parseSettings(row.settings).creditPrices)
}

/** What is used and on hold. */
export async function readCredits(
  sql: Queryable,
  workspaceId: number,
): Promise<{ used: number; held: number }> {
  const [row] = await sql<{ used: number; held: number }[]>`
    select used, held from credit_accounts where workspace_id = ${workspaceId}`
  return row ?? { used: 0, held: 0 }
}

export type CreditEntry = {
  id: number
  at: Date
  entry: 'hold' | 'settle' | 'release'
  kind: CreditKind
  subject: string
  items: number
  used: number
  held: number
}

/** The ledger, newest first, from before the entry `before` on. */
export async function listEntries(
  sql: Queryable,
  workspaceId: number,
  { before, limit }: { before: number | null; limit: number },
): Promise<CreditEntry[]> {
  return sql<CreditEntry[]>`
    select id, at, entry, kind, subject, items, used, held from credit_entries
     where workspace_id = ${workspaceId} and (${before}::bigint is null or id < ${before})
     order by id desc
     limit ${limit}`
}

/** In one order, so that two batches never wait for each other in a circle. */
async function lockAccounts(tx: Tx, workspaceIds: readonly number[]): Promise<void> {
  const ids = [...workspaceIds].sort((a, b) => a - b)
  const locked = await tx`
    select from credit_accounts where workspace_id = any(${arrayOf(ids)}::bigint[]) order by workspace_id for update`
  if (locked.length === ids.length) return
  await tx`
    insert into credit_accounts (workspace_id)
    select id from unnest(${arrayOf(ids)}::bigint[]) as given (id) order by id
        on conflict do nothing`
  await tx`select from credit_accounts where workspace_id = any(${arrayOf(ids)}::bigint[]) order by workspace_id for update`
}

type Merged = Usage & { items: number }

/** One for each subject. */
function merge(usages: readonly Usage[]): Merged[] {
  const merged = new Map<string, Merged>()
  for (const usage of usages) {
    const key = `${usage.workspaceId} ${usage.kind} ${usage.subject}`
    const known = merged.get(key)
    if (known === undefined) merged.set(key, { ...usage, items: 1 })
    else {
      known.cost += usage.cost
      known.ends ||= usage.ends
      known.items += 1
    }
  }
  return [...merged.values()]
}
