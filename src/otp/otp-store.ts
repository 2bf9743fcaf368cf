import { column, type Queryable, type Tx } from '../db/sql.ts'
import type { OtpKind, OtpPurpose, OtpUse, StoredCode } from './otp-code.ts'
import { breaker, liveMs, perNumber, perPrefix } from './otp-limits.ts'

export type Otp = StoredCode & {
  workspaceId: number
  purpose: OtpPurpose
  holder: string | null
  number: string
  channel: 'text' | 'voice'
  template: string
  createdAt: Date
  expiresAt: Date
  sends: number
  attempts: number
  verifiedAt: Date | null
  closedAt: Date | null
}

/** Counts one send of the local day, and is the lock under which all limits of the workspace are counted. */
export async function countDay(tx: Tx, workspaceId: number, day: string): Promise<number> {
  const [row] = await tx<{ sends: number }[]>`
    insert into otp_days as d (workspace_id, day, sends) values (${workspaceId}, ${day}, 1)
        on conflict (workspace_id, day) do update set sends = d.sends + 1
    returning sends`
  return row?.sends ?? 1
}

/** When codes were sent to a number and to its prefix, oldest first, as far as the limits look back. */
export async function recentSends(
  tx: Tx,
  to: { workspaceId: number; number: string; prefix: string },
  now: Date,
): Promise<{ toNumber: Date[]; toPrefix: Date[] }> {
  const since = (ms: number) => new Date(now.getTime() - ms)
  const rows = await tx<{ at: Date; own: boolean }[]>`
    (select at, true as own from otp_sends
      where workspace_id = ${to.workspaceId} and number = ${to.number} and at > ${since(perNumber.windowMs)}
      order by at desc limit ${perNumber.most})
    union all
    (select at, false from otp_sends
      where workspace_id = ${to.workspaceId} and prefix = ${to.prefix} and at > ${since(perPrefix.windowMs)}
      order by at desc limit ${perPrefix.most})
    order by at`
  return {
    toNumber: rows.filter((row) => row.own).map((row) => row.at),
    toPrefix: rows.filter((row) => !row.own).map((row) => row.at),
  }
}

/** How many of the last codes of a prefix were verified; null while the workspace has verified none for a month. */
export async function conversionOf(
  tx: Tx,
  to: { workspaceId: number; prefix: string },
  now: Date,
): Promise<{ codes: number; verified: number } | null> {
  const [row] = await tx<{ codes: number; verified: number; verifies: boolean }[]>`
    with last as (
      select distinct otp_id from (
        select otp_id, at from otp_sends
         where workspace_id = ${to.workspaceId} and prefix = ${to.prefix}
           and at between ${new Date(now.getTime() - breaker.windowMs)} and ${new Date(now.getTime() - liveMs)}
         order by at desc limit ${breaker.codes}) sends
    )
    select count(*)::int as codes, count(c.verified_at)::int as verified,
           exists (select from otp_codes o where o.workspace_id = ${to.workspaceId} and o.verified_at is not null
                      and o.created_at > ${new Date(now.getTime() - 30 * breaker.windowMs)}) as verifies
      from last join otp_codes c on c.workspace_id = ${to.workspaceId} and c.id = last.otp_id`
  return row?.verifies === true ? { codes: row.codes, verified: row.verified } : null
}

/** The code of a number for this use that is not closed, locked. */
export async function lockOpenCode(
  tx: Tx,
  workspaceId: number,
  { number, purpose, holder }: OtpUse & { number: string },
): Promise<Otp | null> {
  const [row] = await tx<OtpRow[]>`
    select * from otp_codes
     where workspace_id = ${workspaceId} and number = ${number} and closed_at is null
       and purpose = ${purpose} and holder is not distinct from ${holder}::uuid
       for update`
  return row ? toOtp(row) : null
}

/** By its id, locked; one of another use is not there. */
export async function lockCode(
  tx: Tx,
  workspaceId: number,
  { id, purpose, holder }: OtpUse & { id: string },
): Promise<Otp | null> {
  const [row] = await tx<OtpRow[]>`
    select * from otp_codes
     where workspace_id = ${workspaceId} and id = ${id}::uuid
       and purpose = ${purpose} and holder is not distinct from ${holder}::uuid
       for update`
  return row ? toOtp(row) : null
}

export async function findCode(sql: Queryable, workspaceId: number, id: string): Promise<Otp | null> {
  const [row] = await sql<OtpRow[]>`
    select * from otp_codes where workspace_id = ${workspaceId} and id = ${id}::uuid`
  return row ? toOtp(row) : null
}

/** For texts that are about to be sent: the codes they are about. */
export async function findCodes(
  sql: Queryable,
  keys: readonly { workspaceId: number; id: string }[],
): Promise<Map<string, Otp>> {
  const rows = await sql<OtpRow[]>`
    select c.* from otp_codes c
      join unnest(${column(keys, (key) => key.workspaceId)}::bigint[], ${column(keys, (key) => key.id)}::uuid[])
           as given (workspace_id, id) on c.workspace_id = given.workspace_id and c.id = given.id
     limit ${keys.length}`
  return new Map(rows.map((row) => [row.id, toOtp(row)]))
}

export async function insertCode(
  tx: Tx,
  otp: OtpUse &
    Pick<Otp, 'workspaceId' | 'id' | 'number' | 'kind' | 'length' | 'sealed' | 'channel' | 'template'>,
  now: Date,
): Promise<Otp> {
  const [row] = await tx<OtpRow[]>`
    insert into otp_codes (workspace_id, id, purpose, holder, number, kind, length, sealed, channel, template,
                           created_at, sent_at, expires_at)
    values (${otp.workspaceId}, ${otp.id}, ${otp.purpose}, ${otp.holder}, ${otp.number}, ${otp.kind}, ${otp.length},
            ${otp.sealed}, ${otp.channel}, ${otp.template}, ${now}, ${now}, ${new Date(now.getTime() + liveMs)})
    returning *`
  if (row === undefined) throw new Error('a code was not inserted')
  return toOtp(row)
}

/** Notes that a code is sent again. */
export async function sendAgain(
  tx: Tx,
  otp: Otp,
  change: { channel: 'text' | 'voice'; template: string },
  now: Date,
): Promise<Otp> {
  const [row] = await tx<OtpRow[]>`
    update otp_codes set sends = sends + 1, sent_at = ${now}, channel = ${change.channel}, template = ${change.template}
     where workspace_id = ${otp.workspaceId} and id = ${otp.id}
    returning *`
  if (row === undefined) throw new Error('a code vanished')
  return toOtp(row)
}

export async function insertSend(tx: Tx, otp: Otp, prefix: string, now: Date): Promise<void> {
  await tx`
    insert into otp_sends (workspace_id, otp_id, number, prefix, at)
    values (${otp.workspaceId}, ${otp.id}, ${otp.number}, ${prefix}, ${now})`
}

export async function closeCode(tx: Tx, otp: Otp, now: Date): Promise<void> {
  await tx`
    update otp_codes set closed_at = ${now}
     where workspace_id = ${otp.workspaceId} and id = ${otp.id} and closed_at is null`
}

/** Counts a try at a locked code; the right one closes it, and so does the last. */
export async function saveTry(
  tx: Tx,
  otp: Otp,
  result: { isRight: boolean; closes: boolean },
  now: Date,
): Promise<void> {
  await tx`
    update otp_codes
       set attempts = attempts + 1, verified_at = ${result.isRight ? now : null},
           closed_at = ${result.isRight || result.closes ? now : null}
     where workspace_id = ${otp.workspaceId} and id = ${otp.id} and closed_at is null`
}

/** Marks a call as one that says a code: it goes first, and gets its words when it is dialed. */
export async function bindCall(
  tx: Tx,
  call: { workspaceId: number; id: string },
  otpId: string,
): Promise<void> {
  await tx`
    update calls set otp_id = ${otpId}, urgent = true where workspace_id = ${call.workspaceId} and id = ${call.id}`
}

export type LoggedOtp = Otp & { sentAt: Date; delivery: string | null; reason: string | null }

/** The log, newest first, with what became of the last text or call of each. */
export async function listCodes(
  sql: Queryable,
  workspaceId: number,
  page: { limit: number; offset: number },
): Promise<{ count: number; codes: LoggedOtp[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from otp_codes where workspace_id = ${workspaceId}`
  const rows = await sql<(OtpRow & { sent_at: Date; delivery: string | null; reason: string | null })[]>`
    select c.*, coalesce(t.state, k.state) as delivery, coalesce(t.reason, k.reason) as reason
      from (select * from otp_codes where workspace_id = ${workspaceId}
             order by created_at desc limit ${page.limit} offset ${page.offset}) c
      left join lateral (
        select state, reason from texts
         where workspace_id = c.workspace_id and kind = 'otp' and subject = c.id::text and c.channel = 'text'
         order by id desc limit 1) t on true
      left join lateral (
        select state, reason from calls
         where workspace_id = c.workspace_id and otp_id = c.id and c.channel = 'voice'
         order by id desc limit 1) k on true
     order by c.created_at desc`
  const codes = rows.map((row) => ({
    ...toOtp(row),
    sentAt: row.sent_at,
    delivery: row.delivery,
    reason: row.reason,
  }))
  return { count: total?.count ?? 0, codes }
}

/** Forgets what no limit looks at any more. Returns how many rows went. */
export async function dropOldSends(sql: Queryable, now: Date): Promise<number> {
  const result = await sql`
    delete from otp_sends where (workspace_id, id) in (
      select workspace_id, id from otp_sends where at < ${new Date(now.getTime() - 2 * breaker.windowMs)}
       order by at limit 10000)`
  return result.count
}

interface OtpRow {
  workspace_id: number
  id: string
  purpose: OtpPurpose
  holder: string | null
  number: string
  kind: OtpKind
  length: number
  sealed: Buffer | null
  channel: 'text' | 'voice'
  template: string
  created_at: Date
  expires_at: Date
  sends: number
  attempts: number
  verified_at: Date | null
  closed_at: Date | null
}

function toOtp(row: OtpRow): Otp {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    purpose: row.purpose,
    holder: row.holder,
    number: row.number,
    kind: row.kind,
    length: row.length,
    sealed: row.sealed,
    channel: row.channel,
    template: row.template,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    sends: row.sends,
    attempts: row.attempts,
    verifiedAt: row.verified_at,
    closedAt: row.closed_at,
  }
}
