/** What is to happen to numbers, and what came of it: every change of their state. */
import type { CarrierNumber } from '../carriers/carrier.ts'
import { arrayOf, codeOf, type Queryable, type Tx } from '../db/sql.ts'
import { capabilityList, type OwnedState, type PhoneNumber } from './owned-number.ts'
import { toPhoneNumber, type NumberRow } from './owned-number-store.ts'

export type Asking = { owner: number | null; request: Buffer | null }

/** Notes that the carrier is about to be asked for a number. False when it has an owner already. The row is locked. */
export async function markBuying(tx: Tx, number: PhoneNumber, asking: Asking): Promise<boolean> {
  try {
    await tx.savepoint(
      (inner) => inner`
        update phone_numbers
           set state = 'buying', reason = null, owner = ${asking.owner}, request = ${asking.request},
               asked_at = clock_timestamp()
         where workspace_id = ${number.workspaceId} and sid = ${number.sid} and state = 'seen'`,
    )
    return true
  } catch (error) {
    if (codeOf(error) === uniqueViolation) return false
    throw error
  }
}

const uniqueViolation = '23505'

/** Notes that the carrier is about to be asked to take a number back. The row is locked. */
export async function markReleasing(tx: Tx, number: PhoneNumber, owner: number | null): Promise<void> {
  await tx`
    update phone_numbers
       set state = 'releasing', reason = null, owner = ${owner}, asked_at = clock_timestamp()
     where workspace_id = ${number.workspaceId} and sid = ${number.sid} and state in ('owned', 'pending')`
}

/** Writes that the workspace has a number. False when it is known already. */
export async function markOwned(
  tx: Tx,
  number: { workspaceId: number; sid: string },
  carrierNumber: CarrierNumber,
  paid: { now: Date; paidUntil: Date | null },
): Promise<boolean> {
  const state: OwnedState = carrierNumber.isPending ? 'pending' : 'owned'
  const result = await tx`
    update phone_numbers
       set state = ${state}, reason = null, carrier_sid = ${carrierNumber.sid}, owner = null, was_bought = true,
           friendly_name = ${carrierNumber.friendlyName}, capabilities = ${arrayOf(capabilityList(carrierNumber.capabilities))},
           call_url = ${carrierNumber.callUrl}, call_method = ${carrierNumber.callMethod},
           owned_at = ${paid.now}, paid_until = ${paid.paidUntil}
     where workspace_id = ${number.workspaceId} and sid = ${number.sid} and state = 'buying'`
  return result.count === 1
}

/** Writes that the workspace has not, or no longer, a number. False when that is known already. */
export async function markSeen(
  tx: Tx,
  number: { workspaceId: number; sid: string },
  change: { from: readonly OwnedState[]; reason: string | null },
): Promise<boolean> {
  const result = await tx`
    update phone_numbers
       set state = 'seen', reason = ${change.reason}, carrier_sid = null, owner = null, owned_at = null, paid_until = null,
           was_bought = false
     where workspace_id = ${number.workspaceId} and sid = ${number.sid} and state = any(${arrayOf(change.from)}::text[])`
  return result.count === 1
}

/** Writes that a number stays, because the carrier did not take it back. */
export async function markKept(
  tx: Tx,
  number: { workspaceId: number; sid: string },
  reason: string,
): Promise<void> {
  await tx`
    update phone_numbers set state = 'owned', reason = ${reason}, owner = null
     where workspace_id = ${number.workspaceId} and sid = ${number.sid} and state = 'releasing'`
}

export type Unsettled = PhoneNumber & { owner: number | null; askedMsAgo: number }

/** What was begun and is not over: purchases, releases, and numbers the carrier has not made ready yet. */
export async function unsettled(
  sql: Queryable,
  carrierAccountId: number,
  limit: number,
): Promise<Unsettled[]> {
  const rows = await sql<(NumberRow & { owner: number | null; asked_ms_ago: number })[]>`
    select *, coalesce(extract(epoch from clock_timestamp() - asked_at) * 1000, 0)::float8 as asked_ms_ago
      from phone_numbers
     where carrier_account_id = ${carrierAccountId} and state in ('buying', 'releasing', 'pending')
     order by asked_at
     limit ${limit}`
  return rows.map((row) => ({ ...toPhoneNumber(row), owner: row.owner, askedMsAgo: row.asked_ms_ago }))
}

/** Bought numbers whose month is over, locked. */
export async function lockUnpaid(
  tx: Tx,
  carrierAccountId: number,
  query: { now: Date; limit: number },
): Promise<(PhoneNumber & { paidUntil: Date })[]> {
  const rows = await tx<(NumberRow & { paid_until: Date })[]>`
    select * from phone_numbers
     where carrier_account_id = ${carrierAccountId} and paid_until <= ${query.now}
     order by paid_until
     limit ${query.limit}
       for update skip locked`
  return rows.map((row) => ({ ...toPhoneNumber(row), paidUntil: row.paid_until }))
}

export async function savePaidUntil(tx: Tx, number: PhoneNumber, paidUntil: Date): Promise<void> {
  await tx`
    update phone_numbers set paid_until = ${paidUntil}
     where workspace_id = ${number.workspaceId} and sid = ${number.sid}`
}
