/** Leads for tests of what hangs on them, written straight into their table. */
import type { Sql } from '../src/db/sql.ts'
import type { LeadStatus } from '../src/leads/lead.ts'

export type LeadRow = {
  workspaceId: number
  name?: string
  company?: string
  phone?: string | null
  status?: LeadStatus
  assignedTo?: string | null
}

/** Adds a lead and returns its id. */
export async function addLead(sql: Sql, lead: LeadRow): Promise<number> {
  const now = new Date()
  const [row] = await sql<{ id: number }[]>`
    insert into leads (workspace_id, full_name, company_name, phone, phone_e164, status, assigned_to, source, created_at, updated_at)
    values (${lead.workspaceId}, ${lead.name ?? ''}, ${lead.company ?? ''}, ${lead.phone ?? ''}, ${lead.phone ?? null},
            ${lead.status ?? 'cold_call'}, ${lead.assignedTo ?? null}, 'person', ${now}, ${now})
    returning id`
  if (row === undefined) throw new Error('the lead was not inserted')
  return row.id
}
