/** Moving what the leads' own tables keep of one lead to another. */
import type { Tx } from '../db/sql.ts'

export type Merge = { workspaceId: number; from: number; into: number }

/** The messages and changes of `from`, and the leads that were merged into it before, belong to `into` from here on. */
export async function moveStory(tx: Tx, { workspaceId, from, into }: Merge): Promise<void> {
  await tx`
    update dialer_intake set lead_id = ${into} where workspace_id = ${workspaceId} and lead_id = ${from}`
  await tx`
    update lead_changes set lead_id = ${into} where workspace_id = ${workspaceId} and lead_id = ${from}`
  await tx`
    update leads set merged_into = ${into} where workspace_id = ${workspaceId} and merged_into = ${from}`
}

/** Lets go of the dialer's id, which one lead has at a time. */
export async function releaseDialerId(tx: Tx, lead: { workspaceId: number; id: number }): Promise<void> {
  await tx`
    update leads set dialer_lead_id = null where workspace_id = ${lead.workspaceId} and id = ${lead.id}`
}
