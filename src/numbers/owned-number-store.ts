/** The numbers of workspaces. Ownership is decided here, by the index that lets a number have one owner. */
import type { CarrierNumber, OfferedNumber } from '../carriers/carrier.ts'
import { arrayOf, column, type Queryable, type Tx } from '../db/sql.ts'
import { capabilitiesIn, capabilityList, type OwnedState, type PhoneNumber } from './owned-number.ts'

/** Remembers numbers that a workspace was shown, so that their sids can be named. Those it has stay as they are. */
export async function rememberOffered(
  sql: Queryable,
  shown: { workspaceId: number; carrierAccountId: number; now: Date },
  offered: readonly (OfferedNumber & { sid: string })[],
): Promise<void> {
  if (offered.length === 0) return
  await sql`
    with turn as materialized (select ${turnOf(sql, shown.carrierAccountId)})
    insert into phone_numbers as n (workspace_id, sid, number, carrier_account_id, country, friendly_name, capabilities,
                                    state, seen_at)
    select ${shown.workspaceId}, sid, number, ${shown.carrierAccountId}, country, friendly_name,
           string_to_array(capabilities, ','), 'seen', ${shown.now}
      from unnest(${column(offered, (one) => one.sid)}::text[], ${column(offered, (one) => one.number)}::text[],
                  ${column(offered, (one) => one.country)}::text[], ${column(offered, (one) => one.friendlyName)}::text[],
                  ${column(offered, (one) => capabilityList(one.capabilities).join())}::text[])
           as v (sid, number, country, friendly_name, capabilities), turn
     order by sid
        on conflict (workspace_id, sid) do update
       set carrier_account_id = excluded.carrier_account_id, country = excluded.country,
           friendly_name = excluded.friendly_name, capabilities = excluded.capabilities, seen_at = excluded.seen_at
     where n.state = 'seen'`
}

/**
 * Whoever writes numbers down for the first time takes turns: a number is unique by its sid and by itself, and
 * `on conflict` sees to one of the two.
 */
function turnOf(sql: Queryable, carrierAccountId: number) {
  return sql`pg_advisory_xact_lock(hashtextextended(${`numbers of carrier account ${carrierAccountId}`}, 0))`
}

/** By our sid, or by the carrier's own. */
export async function findPhoneNumber(
  sql: Queryable,
  workspaceId: number,
  sid: string,
): Promise<PhoneNumber | null> {
  const [row] = await sql<NumberRow[]>`
    select * from phone_numbers
     where workspace_id = ${workspaceId} and (sid = ${sid.toLowerCase()} or carrier_sid = ${sid})
     limit 1`
  return row ? toPhoneNumber(row) : null
}

/** The same, locked. */
export async function lockPhoneNumber(
  tx: Tx,
  workspaceId: number,
  sid: string,
): Promise<(PhoneNumber & { request: Buffer | null }) | null> {
  const [row] = await tx<NumberRow[]>`
    select * from phone_numbers where workspace_id = ${workspaceId} and sid = ${sid} for update`
  return row ? { ...toPhoneNumber(row), request: row.request } : null
}

/** The workspace's numbers, oldest first. */
export async function listOwned(
  sql: Queryable,
  workspaceId: number,
  carrierAccountId: number,
): Promise<PhoneNumber[]> {
  const rows = await sql<NumberRow[]>`
    select * from phone_numbers
     where workspace_id = ${workspaceId} and carrier_account_id = ${carrierAccountId}
       and state in ('pending', 'owned', 'releasing')
     order by owned_at, number
     limit 1000`
  return rows.map(toPhoneNumber)
}

/** Numbers the workspace was shown and does not have, of those named. In no order. */
export async function listSeen(
  sql: Queryable,
  workspaceId: number,
  sids: readonly string[],
): Promise<PhoneNumber[]> {
  const rows = await sql<NumberRow[]>`
    select * from phone_numbers
     where workspace_id = ${workspaceId} and sid = any(${arrayOf(sids)}::text[]) and state = 'seen'
     limit 1000`
  return rows.map(toPhoneNumber)
}

/** The first number at the carrier that belongs to everybody, because nobody bought it here; null when there is none. */
export async function sharedNumber(sql: Queryable, carrierAccountId: number): Promise<string | null> {
  const [row] = await sql<{ number: string }[]>`
    select number from phone_numbers
     where carrier_account_id = ${carrierAccountId} and state = 'owned' and not was_bought
     order by owned_at, number
     limit 1`
  return row?.number ?? null
}

/** Brings what is stored of owned numbers up to what the carrier says of them. */
export async function refreshOwned(
  tx: Tx,
  carrierAccountId: number,
  found: readonly CarrierNumber[],
): Promise<void> {
  await tx`
    update phone_numbers n
       set friendly_name = v.friendly_name, capabilities = string_to_array(v.capabilities, ','), call_url = v.call_url,
           call_method = v.call_method, carrier_sid = v.sid,
           state = case when n.state = 'pending' and v.pending = 'false' then 'owned' else n.state end
      from unnest(${column(found, (one) => one.number)}::text[], ${column(found, (one) => one.sid)}::text[],
                  ${column(found, (one) => one.friendlyName)}::text[],
                  ${column(found, (one) => capabilityList(one.capabilities).join())}::text[],
                  ${column(found, (one) => one.callUrl)}::text[], ${column(found, (one) => one.callMethod)}::text[],
                  ${column(found, (one) => String(one.isPending))}::text[])
           as v (number, sid, friendly_name, capabilities, call_url, call_method, pending)
     where n.carrier_account_id = ${carrierAccountId} and n.number = v.number and n.state in ('owned', 'pending')
       and (n.friendly_name, n.capabilities, n.call_url, n.call_method, n.carrier_sid, n.state = 'pending')
           is distinct from
           (v.friendly_name, string_to_array(v.capabilities, ','), v.call_url, v.call_method, v.sid, v.pending = 'true')`
}

export async function saveFriendlyName(tx: Tx, number: PhoneNumber, friendlyName: string): Promise<void> {
  await tx`
    update phone_numbers set friendly_name = ${friendlyName}
     where workspace_id = ${number.workspaceId} and sid = ${number.sid}`
}

/** The numbers of an account that have an owner, whoever that is. */
export async function ownedAt(sql: Queryable, carrierAccountId: number): Promise<PhoneNumber[]> {
  const rows = await sql<NumberRow[]>`
    select * from phone_numbers where carrier_account_id = ${carrierAccountId} and state <> 'seen' limit 100000`
  return rows.map(toPhoneNumber)
}

/**
 * Gives a number that was found at the carrier to the workspace that asked for it last, else to the first one. Nothing
 * happens when it has an owner meanwhile.
 */
export async function adopt(
  tx: Tx,
  account: { carrierAccountId: number; sidOf: (workspaceId: number) => string; now: Date },
  found: CarrierNumber & { country: string },
): Promise<boolean> {
  await tx`select ${turnOf(tx, account.carrierAccountId)}`
  const [home] = await tx<{ id: number; asked: boolean }[]>`
    (select workspace_id as id, true as asked from phone_numbers
      where carrier_account_id = ${account.carrierAccountId} and number = ${found.number} and asked_at is not null
      order by asked_at desc limit 1)
    union all
    (select id, false from workspaces order by id limit 1)
    limit 1`
  if (home === undefined) return false
  const result = await tx`
    insert into phone_numbers as n (workspace_id, sid, number, carrier_account_id, carrier_sid, country, friendly_name,
                                    capabilities, call_url, call_method, state, was_bought, owned_at, seen_at)
    select ${home.id}, ${account.sidOf(home.id)}, ${found.number}, ${account.carrierAccountId}, ${found.sid}, ${found.country},
           ${found.friendlyName}, ${arrayOf(capabilityList(found.capabilities))}, ${found.callUrl}, ${found.callMethod},
           ${found.isPending ? 'pending' : 'owned'}, ${home.asked}, ${account.now}, ${account.now}
     where not exists (select from phone_numbers other
                        where other.carrier_account_id = ${account.carrierAccountId} and other.number = ${found.number}
                          and other.state <> 'seen')
        on conflict (workspace_id, sid) do update
       set carrier_account_id = excluded.carrier_account_id, carrier_sid = excluded.carrier_sid,
           friendly_name = excluded.friendly_name, capabilities = excluded.capabilities, call_url = excluded.call_url,
           call_method = excluded.call_method, state = excluded.state, was_bought = excluded.was_bought, reason = null,
           owned_at = excluded.owned_at, seen_at = excluded.seen_at, owner = null
     where n.state = 'seen'`
  return result.count === 1
}

/** Holds these numbers as they are until the caller commits, and returns those that are not the workspace's any more. */
export async function lostNumbers(
  tx: Tx,
  workspaceId: number,
  numbers: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ number: string; state: OwnedState }[]>`
    select number, state from phone_numbers
     where workspace_id = ${workspaceId} and number = any(${arrayOf(numbers)}::text[])
     order by sid
       for share`
  return rows.filter((row) => row.state !== 'owned').map((row) => row.number)
}

/** Forgets numbers that were shown long ago and never bought. */
export async function dropOldSeen(sql: Queryable, now: Date): Promise<number> {
  const result = await sql`
    delete from phone_numbers
     where (workspace_id, sid) in (
       select workspace_id, sid from phone_numbers
        where state = 'seen' and asked_at is null and seen_at < ${new Date(now.getTime() - seenKeptMs)}
        limit 10000)`
  return result.count
}

const seenKeptMs = 30 * 24 * 60 * 60 * 1000

export interface NumberRow {
  workspace_id: number
  sid: string
  number: string
  carrier_sid: string | null
  country: string
  friendly_name: string
  capabilities: string[]
  call_url: string
  call_method: string
  state: OwnedState
  reason: string | null
  was_bought: boolean
  request: Buffer | null
  owned_at: Date | null
}

export function toPhoneNumber(row: NumberRow): PhoneNumber {
  return {
    workspaceId: row.workspace_id,
    sid: row.sid,
    number: row.number,
    carrierSid: row.carrier_sid,
    country: row.country,
    friendlyName: row.friendly_name,
    capabilities: capabilitiesIn(row.capabilities),
    callUrl: row.call_url,
    callMethod: row.call_method,
    state: row.state,
    reason: row.reason,
    wasBought: row.was_bought,
    ownedAt: row.owned_at,
  }
}
