import { arrayOf, type Sql } from '../db/sql.ts'
import { bucket, type Bucket, type CallState } from './call.ts'

export type Totals = {
  calls: Record<Bucket, number>
  campaigns: { campaign_id: number; numbers: Record<string, number> }[]
}

/** The exact counts of a workspace's board and of some campaigns' numbers, by their wire words. */
export async function readTotals(
  sql: Sql,
  workspaceId: number,
  campaignIds: readonly number[],
): Promise<Totals> {
  const rows = await sql<{ campaign_id: number; subject: string; state: string; count: number }[]>`
    select campaign_id, subject, state, count from totals
     where workspace_id = ${workspaceId}
       and ((subject = 'call' and campaign_id = 0) or (subject = 'number' and campaign_id = any(${arrayOf(campaignIds)}::bigint[])))
     limit 5000`
  const calls: Record<Bucket, number> = { pending: 0, active: 0, completed: 0, failed: 0 }
  const campaigns = new Map<number, Record<string, number>>(campaignIds.map((id) => [id, {}]))
  for (const row of rows) {
    if (row.subject === 'call') {
      const place = bucket(row.state as CallState)
      if (place) calls[place] += row.count
    } else {
      const numbers = campaigns.get(row.campaign_id)
      if (numbers) numbers[row.state] = row.count
    }
  }
  return { calls, campaigns: [...campaigns].map(([campaign_id, numbers]) => ({ campaign_id, numbers })) }
}
