import type { WorkspaceBatch } from '../events/event-log.ts'
import { campaignStatus, type Run, type RunState } from './campaign.ts'

/** Tells open pages that a campaign is no longer what they show. */
export function campaignChanged(
  campaign: { workspaceId: number; id: number },
  run: Pick<Run, 'id' | 'state'> | { id: number; state: RunState } | null,
  more: { deleted?: boolean } = {},
): WorkspaceBatch {
  const data = { campaign_id: campaign.id, status: campaignStatus(run), run_id: run?.id ?? null, ...more }
  return {
    workspaceId: campaign.workspaceId,
    totals: [],
    events: [{ kind: 'campaign.changed', visibleTo: null, data }],
  }
}
