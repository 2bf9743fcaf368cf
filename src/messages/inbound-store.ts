import type { Queryable, Tx } from '../db/sql.ts'
import type { SmsWord } from './sms-words.ts'

export type InboundRow = {
  workspaceId: number
  id: string
  carrierAccountId: number
  sid: string
  from: string
  to: string
  body: string
  word: SmsWord | null
  receivedAt: Date
}

/** False when this text was taken before. */
export async function insertInbound(tx: Tx, row: InboundRow): Promise<boolean> {
  const result = await tx`
    insert into inbound_texts (workspace_id, id, carrier_account_id, carrier_sid, from_number, to_number, body, word, received_at)
    values (${row.workspaceId}, ${row.id}, ${row.carrierAccountId}, ${row.sid}, ${row.from}, ${row.to}, ${row.body},
            ${row.word}, ${row.receivedAt})
        on conflict (workspace_id, carrier_account_id, carrier_sid) do nothing`
  return result.count === 1
}

export type TextedWorkspace = { id: number; name: string; texted: boolean }

/** Every workspace, the oldest first, and whether it texted or called this person from this number. */
export async function findTextedWorkspaces(
  tx: Tx,
  { to, person }: { to: string; person: string },
): Promise<TextedWorkspace[]> {
  return tx<TextedWorkspace[]>`
    select w.id, w.name,
           exists (select from texts t
                    where t.workspace_id = w.id and t.to_number = ${person} and t.from_number = ${to})
           or exists (select from calls c
                       where c.workspace_id = w.id and c.to_number = ${person} and c.from_number = ${to}) as texted
      from workspaces w
     order by w.id
     limit 100000`
}

export type ReceivedText = {
  id: string
  sid: string
  from: string
  to: string
  body: string
  word: SmsWord | null
  receivedAt: Date
}

/** Newest first; `from` narrows to one person, `olderThan` goes on after an id. */
export async function listInbound(
  sql: Queryable,
  query: { workspaceId: number; from: string | null; olderThan: string | null; limit: number },
): Promise<ReceivedText[]> {
  return sql<ReceivedText[]>`
    select id, carrier_sid as sid, from_number as from, to_number as to, body, word, received_at as "receivedAt"
      from inbound_texts
     where workspace_id = ${query.workspaceId}
       and (${query.from}::text is null or from_number = ${query.from})
       and (${query.olderThan}::uuid is null or id < ${query.olderThan}::uuid)
     order by id desc
     limit ${query.limit}`
}
