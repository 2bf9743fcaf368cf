/** The ledger and its sums. Every function locks the workspace's sums first, and adds to both in one transaction. */
import { parseSettings } from '../accounts/settings.ts'
import type { PriceList } from '../accounts/price-list.ts'
import { arrayOf, column, type Queryable, type Tx } from '../db/sql.ts'
import { keyOfSubject, type CreditKind, type CreditSubject, type Usage } from './credit.ts'

export type Hold = CreditSubject & { amount: number; prices: PriceList; limit: number | null }

export type Held = { ok: true } | { ok: false; available: number }

/**
 * Puts credits on hold; more of them when the subject has some already. Not when used and held would pass the limit:
 * then nothing is written. Parallel holds wait for each other.
 */
export async function holdCredits(tx: Tx, hold: Hold, now: Date): Promise<Held> {
  const { workspaceId, amount, limit } = hold
  const { used, held } = (await lockCredits(tx, [workspaceId])).get(workspaceId) ?? { used: 0, held: 0 }
  const available = limit === null ? null : Math.max(0, limit - used - held)
  if (available !== null && amount > available) return { ok: false, available }
  await addHolds(tx, [hold], now)
  return { ok: true }
}

/** Adds holds, one for each subject, whose workspaces' sums are locked and were found to allow them. */
export async function addHolds(tx: Tx, holds: readonly Omit<Hold, 'limit'>[], now: Date): Promise<void> {
  if (holds.length === 0) return
  await tx`
    with given as materialized (
      select * from unnest(
        ${column(holds, (one) => one.workspaceId)}::bigint[], ${column(holds, (one) => one.kind)}::text[],
        ${column(holds, (one) => one.subject)}::text[], ${column(holds, (one) => one.amount)}::bigint[],
        ${column(holds, (one) => JSON.stringify(one.prices))}::text[])
        as given (workspace_id, kind, subject, amount, prices)
    ), sums as (
      update credit_accounts a set held = a.held + more.amount
        from (select workspace_id, sum(amount)::bigint as amount from given group by workspace_id) more
       where a.workspace_id = more.workspace_id
    ), holding as (
      insert into credit_holds as h (workspace_id, kind, subject, held, prices, created_at)
      select workspace_id, kind, subject, amount, prices::jsonb, ${now} from given
          on conflict (workspace_id, kind, subject) do update set held = h.held + excluded.held
    )
    insert into credit_entries (workspace_id, at, entry, kind, subject, used, held)
    select workspace_id, ${now}, 'hold', kind, subject, 0, amount from given`
}

/**
 * Charges what was used, all of it together: one ledger row for each subject, whatever number of calls it stands for.
 * What costs more than was held is charged all the same, because it was used.
 */
export async function settleCredits(tx: Tx, usages: readonly Usage[], now: Date): Promise<void> {
  const merged = merge(usages)
  if (merged.length === 0) return
  await lockCredits(tx, [...new Set(merged.map((one) => one.workspaceId))])
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

/** What these subjects have on hold, and at which prices; none of those that have nothing. Keys: `workspace kind subject`. */
export async function findHolds(
  sql: Queryable,
  subjects: readonly CreditSubject[],
): Promise<Map<string, { held: number; prices: PriceList }>> {
  if (subjects.length === 0) return new Map()
  const rows = await sql<(CreditSubject & { held: number; prices: PriceList })[]>`
    select h.workspace_id as "workspaceId", h.kind, h.subject, h.held, h.prices
      from unnest(${column(subjects, (one) => one.workspaceId)}::bigint[], ${column(subjects, (one) => one.kind)}::text[],
                  ${column(subjects, (one) => one.subject)}::text[]) as given (workspace_id, kind, subject)
      join credit_holds h
        on h.workspace_id = given.workspace_id and h.kind = given.kind and h.subject = given.subject
     limit ${subjects.length}`
  return new Map(rows.map((row) => [keyOfSubject(row), { held: row.held, prices: row.prices }]))
}

/** Those of the subjects that have something on hold. */
export async function heldAmong<One extends CreditSubject>(
  sql: Queryable,
  subjects: readonly One[],
): Promise<One[]> {
  const holds = await findHolds(sql, subjects)
  return subjects.filter((subject) => holds.has(keyOfSubject(subject)))
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

/** What each of these workspaces has used and on hold, locked in one order, so that two batches never wait in a circle. */
export async function lockCredits(
  tx: Tx,
  workspaceIds: readonly number[],
): Promise<Map<number, { used: number; held: number }>> {
  const ids = [...workspaceIds].sort((a, b) => a - b)
  const lock = () => tx<{ id: number; used: number; held: number }[]>`
    select workspace_id as id, used, held from credit_accounts
     where workspace_id = any(${arrayOf(ids)}::bigint[]) order by workspace_id for update`
  let locked = await lock()
  if (locked.length < ids.length) {
    await tx`
      insert into credit_accounts (workspace_id)
      select id from unnest(${arrayOf(ids)}::bigint[]) as given (id) order by id
          on conflict do nothing`
    locked = await lock()
  }
  return new Map(locked.map(({ id, used, held }) => [id, { used, held }]))
}

type Merged = Usage & { items: number }

/** One for each subject. */
function merge(usages: readonly Usage[]): Merged[] {
  const merged = new Map<string, Merged>()
  for (const usage of usages) {
    const key = keyOfSubject(usage)
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
