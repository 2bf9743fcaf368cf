/** What a restored database has waiting, and what of it the carrier did already. */
import { arrayOf, column, transaction, type Queryable, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'

export type Pair = { to: string; from: string }

/** Those of `sids` that this database knows. */
export async function knownSids(
  sql: Queryable,
  carrierAccountId: number,
  sids: string[],
): Promise<Set<string>> {
  const rows = await sql<{ sid: string }[]>`
    select carrier_sid as sid from calls
     where carrier_account_id = ${carrierAccountId} and carrier_sid = any(${arrayOf(sids)}::text[])
    union
    select carrier_sid from texts
     where carrier_account_id = ${carrierAccountId} and carrier_sid = any(${arrayOf(sids)}::text[])
     limit ${sids.length * 2}`
  return new Set(rows.map(({ sid }) => sid))
}

/** What the carrier is asked about anyway, and will be bound to what it has. */
export async function openPairs(sql: Queryable, carrierAccountId: number): Promise<Pair[]> {
  return sql<Pair[]>`
    select to_number as to, from_number as from from calls
     where carrier_account_id = ${carrierAccountId} and phase = 'open'
    union
    select to_number, from_number from texts
     where carrier_account_id = ${carrierAccountId} and phase = 'open'
     limit 1000000`
}

export type Waiting = { workspaceId: number; id: string }

/** Single calls that wait to be made to one of `numbers`. */
export async function waitingCallsTo(sql: Queryable, account: number, numbers: string[]): Promise<Waiting[]> {
  return sql<Waiting[]>`
    select workspace_id as "workspaceId", id from calls
     where carrier_account_id = ${account} and phase = 'waiting' and to_number = any(${arrayOf(numbers)}::text[])
     limit 1000000`
}

/** Single texts that wait and say what the carrier sent to the same number. */
export async function waitingTextsLike(
  sql: Queryable,
  account: number,
  sent: readonly { to: string; bodyHash: Buffer }[],
): Promise<Waiting[]> {
  return sql<Waiting[]>`
    select t.workspace_id as "workspaceId", t.id
      from texts t
      join unnest(${column(sent, ({ to }) => to)}::text[],
                  ${column(sent, ({ bodyHash }) => bodyHash.toString('hex'))}::text[]) as v (to_number, hash)
        on t.to_number = v.to_number and t.body_hash = decode(v.hash, 'hex')
     where t.carrier_account_id = ${account} and t.phase = 'waiting'
     limit 1000000`
}

type Moved = { workspaceId: number; campaignId: number; was: string }

/** Sets aside the numbers of campaigns that were reached meanwhile, by calls or by texts. Returns how many. */
export async function setNumbersAside(
  sql: Sql,
  { service, numbers, now }: { service: 'PHONE' | 'SMS'; numbers: string[]; now: Date },
): Promise<number> {
  return transaction(sql, async (tx) => {
    const moved = await moveReached(tx, service, numbers)
    await closeBatch(tx, {
      now,
      workspaces: moved.map(({ workspaceId, campaignId, was }) => ({
        workspaceId,
        events: [],
        totals: [0, campaignId].flatMap((place) => [
          { campaignId: place, subject: 'number' as const, state: was, delta: -1 },
          { campaignId: place, subject: 'number' as const, state: 'skipped', delta: 1 },
        ]),
      })),
    })
    return moved.length
  })
}

function moveReached(tx: Tx, service: 'PHONE' | 'SMS', numbers: string[]): Promise<Moved[]> {
  return tx<Moved[]>`
    with reached as (
      select n.workspace_id, n.id, n.campaign_id, n.status
        from campaign_numbers n
        join campaigns c on c.workspace_id = n.workspace_id and c.id = n.campaign_id
       where c.service = ${service} and n.e164 = any(${arrayOf(numbers)}::text[])
         and n.status in ('not_started', 'queued')
       order by n.workspace_id, n.id
       limit 1000000
         for update of n)
    update campaign_numbers n
       set status = 'skipped', reason = 'reached_before_restore', due_at = null
      from reached r
     where n.workspace_id = r.workspace_id and n.id = r.id
    returning n.workspace_id as "workspaceId", n.campaign_id as "campaignId", r.status as was`
}

export async function writeSwept(
  sql: Queryable,
  found: { unknown: number; setAside: number },
): Promise<void> {
  await sql`
    update installation
       set swept_at = clock_timestamp(), unknown_calls = ${found.unknown}, set_aside = ${found.setAside}
     where held_since is not null`
}

/** Who let it go is whoever may run commands here. */
export async function releaseHold(sql: Sql, channels: readonly string[]): Promise<void> {
  await transaction(sql, async (tx) => {
    await tx`update installation set held_since = null`
    await tx`
      update carrier_accounts set blocked_until = null, blocked_reason = null where blocked_reason = ${heldReason}`
    for (const channel of channels) await tx`select pg_notify(${channel}, '')`
  })
}

/** The account dials for nobody until it is let go. */
export async function holdAccount(sql: Queryable, id: number): Promise<void> {
  await sql`
    update carrier_accounts set blocked_until = '9999-12-31', blocked_reason = ${heldReason} where id = ${id}`
}

/** What the console shows as the reason, and what no trouble of the carrier replaces. */
export const heldReason = 'restored'
