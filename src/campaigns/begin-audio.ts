/** The audio of a campaign. */
import type { Queryable } from '../db/sql.ts'
import { findFile } from '../speech/audio-store.ts'
import type { Campaign } from './campaign-store.ts'

/** Seconds of the audio that a campaign would play; none for texts. */
export async function soundSecondsOf(
  sql: Queryable,
  campaign: Campaign,
  audioId: number | null,
): Promise<number> {
  if (campaign.service === 'SMS' || audioId === null) return 0
  const file = await findFile(sql, campaign.workspaceId, audioId)
  return file === null ? 0 : Math.ceil(file.durationMs / 1_000)
}
