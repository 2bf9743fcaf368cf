/** The leads of a demo: two restaurants without a call plan, at numbers that always answer. */
import type { Tx } from '../db/sql.ts'

const demoLeads = [
  { company: 'Everest Momo House', name: 'Sita Rai', phone: '+12025550100' },
  { company: 'Lakeside Thakali Kitchen', name: 'Bikash Gurung', phone: '+12025550101' },
] as const

/** Adds them, in the care of one person. In a new database they are leads 1 and 2. */
export async function addDemoLeads(
  tx: Tx,
  { workspaceId, assignedTo }: { workspaceId: number; assignedTo: string },
  now: Date,
): Promise<void> {
  for (const lead of demoLeads) {
    await tx`
      insert into leads (workspace_id, full_name, company_name, phone, phone_e164, assigned_to, source, created_at, updated_at)
      values (${workspaceId}, ${lead.name}, ${lead.company}, ${lead.phone}, ${lead.phone}, ${assignedTo}, 'person', ${now}, ${now})`
  }
}
