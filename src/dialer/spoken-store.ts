import type { Sql } from '../db/sql.ts'
import type { CallName } from '../calls/call-reference.ts'
import type { Spoken } from '../calls/call-instructions.ts'
import { isOpen, type CallState } from '../calls/call.ts'
import { parseMessage, renderMessage } from '../campaigns/message.ts'

/** What is said on a call that is under way; null when there is no such call or it must not be (any more). */
export async function findSpoken(sql: Sql, name: CallName): Promise<Spoken | null> {
  const [row] = await sql<
    {
      state: CallState
      message: string | null
      run_message: string | null
      voice: string | null
      run_voice: string | null
      tags: Record<string, unknown> | null
      joins: string | null
    }[]
  >`
    select c.state, c.message, c.voice, r.message as run_message, r.voice as run_voice, n.tags,
           c.joins_number as joins
      from calls c
      left join runs r on r.workspace_id = c.workspace_id and r.id = c.run_id
      left join campaign_numbers n on n.workspace_id = c.workspace_id and n.id = c.number_id
     where c.workspace_id = ${name.workspaceId} and c.id = ${name.callId}`
  if (row === undefined || !isOpen(row.state)) return null
  if (row.run_message === null) return { text: row.message ?? '', voice: row.voice, joins: row.joins }
  const rendered = renderMessage(parseMessage(row.run_message), row.tags ?? {})
  return rendered.ok ? { text: rendered.text, voice: row.run_voice, joins: null } : null
}
