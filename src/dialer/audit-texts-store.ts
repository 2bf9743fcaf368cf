/** Reads the records of texts for the audit, a bounded part at a time. */
import { arrayOf, column, type Sql, type Tx } from '../db/sql.ts'
import { textColumns, toText, type TextRow } from '../messages/text-store.ts'
import type { TextState } from '../messages/text.ts'
import type { TextEntryRecord, TextRecord } from './judge-texts.ts'

const chunk = 2_000
const auditColumns = `${textColumns}, encode(t.body_hash, 'hex') as hash, t.intended_at,
  (extract(epoch from clock_timestamp() - t.reported_at) * 1000)::float8 as silent_ms, d.created_at as forbidden_since,
  d.stopped_at`

type AuditRow = TextRow & {
  hash: string
  intended_at: Date | null
  silent_ms: number
  forbidden_since: Date | null
  stopped_at: Date | null
}

/** All texts of a workspace with their histories, a few thousand at a time. */
export async function* textsWithHistory(
  tx: Tx,
  workspaceId: number,
): AsyncGenerator<{ texts: TextRecord[]; entries: Map<string, TextEntryRecord[]> }> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await tx<AuditRow[]>`
      select ${tx.unsafe(auditColumns)}
        from texts t
        left join do_not_call d on d.workspace_id = t.workspace_id and d.number = t.to_number
       where t.workspace_id = ${workspaceId} and t.id > ${after}
       order by t.id
       limit ${chunk}`
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
    yield { texts: rows.map(toRecord), entries: await entriesOf(tx, workspaceId, rows) }
  }
}

/** The texts to these numbers of campaigns, in the order in which they were made. */
export async function textsOfNumbers(
  tx: Tx,
  workspaceId: number,
  { campaignId, numberIds }: { campaignId: number; numberIds: readonly number[] },
): Promise<Map<number, TextRecord[]>> {
  const rows = await tx<AuditRow[]>`
    select ${tx.unsafe(auditColumns)}
      from texts t
      left join do_not_call d on d.workspace_id = t.workspace_id and d.number = t.to_number
     where t.workspace_id = ${workspaceId} and t.campaign_id = ${campaignId}
       and t.number_id = any(${arrayOf(numberIds)}::bigint[])
     order by t.created_at, t.id
     limit 1000000`
  const texts = new Map<number, TextRecord[]>()
  for (const text of rows.map(toRecord)) {
    if (text.numberId === null) continue
    const known = texts.get(text.numberId)
    if (known) known.push(text)
    else texts.set(text.numberId, [text])
  }
  return texts
}

async function entriesOf(
  tx: Tx,
  workspaceId: number,
  texts: readonly { id: string }[],
): Promise<Map<string, TextEntryRecord[]>> {
  const rows = await tx<(TextEntryRecord & { text_id: string })[]>`
    select text_id, sequence, state, kind, at, coalesce((detail->>'stray')::boolean, false) as stray
      from text_events
     where workspace_id = ${workspaceId} and text_id = any(${column(texts, (text) => text.id)}::uuid[])
     order by text_id, sequence`
  const entries = new Map<string, TextEntryRecord[]>()
  for (const { text_id, ...entry } of rows) {
    const known = entries.get(text_id)
    if (known) known.push(entry)
    else entries.set(text_id, [entry])
  }
  return entries
}

/** Texts of any workspace that are open or share their carrier id with another: what only one may have. */
export async function textsSideBySide(sql: Sql) {
  return sql<
    {
      id: string
      state: TextState
      fromNumber: string
      toNumber: string
      hash: string
      carrierSid: string | null
    }[]
  >`
    select id, state, from_number as "fromNumber", to_number as "toNumber", encode(body_hash, 'hex') as hash,
           carrier_sid as "carrierSid"
      from texts
     where phase = 'open' or carrier_sid in (
             select carrier_sid from texts
              where carrier_sid is not null group by carrier_account_id, carrier_sid having count(*) > 1)
     order by carrier_account_id, id
     limit 1000000`
}

function toRecord(row: AuditRow): TextRecord {
  const since = row.forbidden_since
  return {
    ...toText(row),
    hash: row.hash,
    intendedAt: row.intended_at,
    silentMs: row.silent_ms,
    forbidden: since === null ? null : { since, stoppedAt: row.stopped_at },
  }
}
