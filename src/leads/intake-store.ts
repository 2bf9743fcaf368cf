/** The log of what dialers sent, and finding whom they speak of. */
import type { Queryable, Sql, Tx } from '../db/sql.ts'
import type { IntakeMessage } from './intake-message.ts'

export type IntakeBody = Readonly<Record<string, unknown>>

export type NewIntake = {
  workspaceId: number
  keyId: string | null
  receivedAt: Date
  method: string
  address: string
  /** Without anything secret. */
  body: IntakeBody
  callKey: string | null
  remarks: readonly string[]
  outcome: { status: 'taken'; leadId: number } | { status: 'rejected'; code: string; message: string }
}

const longestRemark = 2_000

/** Returns the entry's id. */
export async function insertIntake(sql: Queryable, intake: NewIntake): Promise<number> {
  const { outcome } = intake
  const rejected = outcome.status === 'rejected' ? outcome : null
  const [row] = await sql<{ id: number }[]>`
    insert into dialer_intake (workspace_id, key_id, received_at, method, address, body, status, error_code, error,
                               note, lead_id, call_key)
    values (${intake.workspaceId}, ${intake.keyId}, ${intake.receivedAt}, ${intake.method}, ${intake.address},
            ${JSON.stringify(intake.body)}::text::jsonb, ${outcome.status}, ${rejected?.code ?? null},
            ${rejected?.message.slice(0, longestRemark) ?? null}, ${remarkOf(intake.remarks)},
            ${outcome.status === 'taken' ? outcome.leadId : null}, ${intake.callKey})
    returning id`
  if (!row) throw new Error('An intake was not kept')
  return row.id
}

function remarkOf(remarks: readonly string[]): string | null {
  return remarks.length === 0 ? null : remarks.join(' ').slice(0, longestRemark)
}

/**
 * Holds everything the message names until the transaction ends, so that two messages about one person are taken one
 * after the other. In one order, so that none waits in a circle.
 */
export async function lockIdentity(tx: Tx, workspaceId: number, message: IntakeMessage): Promise<void> {
  for (const name of identityOf(message).toSorted()) {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`lead ${workspaceId} ${name}`}, 0))`
  }
}

/** What tells the person of a message from others: the number, the dialer's id, else the call. */
export function identityOf({ dialerLeadId, phone, fields }: IntakeMessage): string[] {
  const named = [
    ...(phone === null ? [] : [`phone ${phone.e164 ?? phone.text}`]),
    ...(dialerLeadId === null ? [] : [`id ${dialerLeadId}`]),
  ]
  const uniqueid = fields['uniqueid']
  return named.length > 0 || uniqueid === undefined ? named : [`call ${uniqueid}`]
}

/** The lead that a message speaks of; null when it is somebody new. */
export async function findIntakeLead(
  tx: Tx,
  workspaceId: number,
  message: IntakeMessage,
): Promise<number | null> {
  const { dialerLeadId, phone } = message
  if (dialerLeadId !== null) {
    const known = await findByDialerId(tx, workspaceId, dialerLeadId)
    if (known !== null || phone === null) return known
  }
  if (phone !== null) return findByPhone(tx, workspaceId, { phone, withoutDialerId: dialerLeadId !== null })
  const uniqueid = message.fields['uniqueid']
  return uniqueid === undefined ? null : findByUniqueid(tx, workspaceId, uniqueid)
}

async function findByDialerId(tx: Tx, workspaceId: number, dialerLeadId: string): Promise<number | null> {
  const [row] = await tx<{ id: number }[]>`
    select coalesce(merged_into, id) as id from leads
     where workspace_id = ${workspaceId} and dialer_lead_id = ${dialerLeadId}
       and (deleted_at is null or merged_into is not null)`
  return row?.id ?? null
}

/** Latest updated first. Two ids with one phone are two leads: a lead with an id of its own is not another's. */
async function findByPhone(
  tx: Tx,
  workspaceId: number,
  wanted: { phone: NonNullable<IntakeMessage['phone']>; withoutDialerId: boolean },
): Promise<number | null> {
  const { e164, text } = wanted.phone
  const same =
    e164 === null ? tx`phone_e164 is null and phone <> '' and phone = ${text}` : tx`phone_e164 = ${e164}`
  const [row] = await tx<{ id: number }[]>`
    select id from leads
     where workspace_id = ${workspaceId} and ${same} and deleted_at is null
       and (not ${wanted.withoutDialerId} or dialer_lead_id is null)
     order by updated_at desc, id desc
     limit 1`
  return row?.id ?? null
}

async function findByUniqueid(tx: Tx, workspaceId: number, uniqueid: string): Promise<number | null> {
  const [row] = await tx<{ id: number }[]>`
    select id from leads
     where workspace_id = ${workspaceId} and fields ? 'uniqueid' and fields ->> 'uniqueid' = ${uniqueid}
       and deleted_at is null
     order by updated_at desc, id desc
     limit 1`
  return row?.id ?? null
}

const sessionMs = 10 * 60 * 1000

/**
 * When the dialer first told of this call of the lead; null when this is the first time. A session id names an agent's
 * seat and is used again, so it is the same call for ten minutes only.
 */
export async function findFirstTold(
  tx: Tx,
  lead: { workspaceId: number; id: number },
  call: { key: string; at: Date },
): Promise<Date | null> {
  const isSession = call.key.startsWith('session ')
  const since = new Date(call.at.getTime() - sessionMs)
  const [row] = await tx<{ received_at: Date }[]>`
    select received_at from dialer_intake
     where workspace_id = ${lead.workspaceId} and lead_id = ${lead.id} and call_key = ${call.key}
       and (not ${isSession} or received_at >= ${since})
     order by received_at, id
     limit 1`
  return row?.received_at ?? null
}

const keptTakenMs = 30 * 24 * 60 * 60 * 1000
const keptRejectedMs = 90 * 24 * 60 * 60 * 1000
const rowsPerStep = 5_000

/** Forgets what was taken after 30 days, and what was rejected after 90. */
export async function dropOldIntake(sql: Sql, now: Date): Promise<void> {
  for (;;) {
    const gone = await sql`
      delete from dialer_intake where (workspace_id, id) in (
        select workspace_id, id from dialer_intake
         where received_at < ${new Date(now.getTime() - keptTakenMs)}
           and (status = 'taken' or received_at < ${new Date(now.getTime() - keptRejectedMs)})
         limit ${rowsPerStep})`
    if (gone.count < rowsPerStep) return
  }
}
