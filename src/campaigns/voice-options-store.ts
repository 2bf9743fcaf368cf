/** The options of a campaign's calls, and the agents that keys lead to. */
import { parseSettings } from '../accounts/settings.ts'
import { storedVoiceOptions, type Key, type VoiceOptions } from '../calls/voice-options.ts'
import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'

type Place = { workspaceId: number; id: number }

export async function findVoiceOptions(sql: Queryable, { workspaceId, id }: Place): Promise<VoiceOptions> {
  const [row] = await sql<{ options: Partial<VoiceOptions> }[]>`
    select voice_options as options from campaigns where workspace_id = ${workspaceId} and id = ${id}`
  return storedVoiceOptions(row?.options ?? null)
}

/** Changes the options that are given and returns all of them. Throws invalid for an agent that has no phone. */
export async function saveVoiceOptions(
  tx: Tx,
  place: Place,
  given: Partial<VoiceOptions>,
): Promise<VoiceOptions> {
  const options = { ...(await findVoiceOptions(tx, place)), ...given }
  if (Object.keys(given).length === 0) return options
  for (const [key, meaning] of Object.entries(given.keys ?? {}))
    await requirePhone(tx, place.workspaceId, key, meaning)
  await tx`
    update campaigns set voice_options = ${tx.json(options as never)}
     where workspace_id = ${place.workspaceId} and id = ${place.id}`
  return options
}

/** A run keeps what its campaign said when it began. */
export async function copyVoiceOptions(tx: Tx, run: Place): Promise<void> {
  await tx`
    update runs r set voice_options = c.voice_options
      from campaigns c
     where c.workspace_id = r.workspace_id and c.id = r.campaign_id
       and r.workspace_id = ${run.workspaceId} and r.id = ${run.id}`
}

/** The phone of the person behind an agent; null when there is none that could be rung. */
export async function phoneOfAgent(
  sql: Queryable,
  workspaceId: number,
  agentId: string,
): Promise<string | null> {
  const [row] = await sql<{ phone: string; settings: unknown }[]>`
    select u.phone, w.settings
      from agents a
      join users u on u.workspace_id = a.workspace_id and u.id = a.user_id and u.is_active
      join workspaces w on w.id = a.workspace_id
     where a.workspace_id = ${workspaceId} and a.id = ${agentId}`
  return row === undefined ? null : readPhoneNumber(row.phone, parseSettings(row.settings).defaultRegion).e164
}

async function requirePhone(tx: Tx, workspaceId: number, key: string, { agentId }: Key): Promise<void> {
  if (agentId === null || (await phoneOfAgent(tx, workspaceId, agentId)) !== null) return
  const sentence = `transfer_to of key ${key} names no agent with a phone: ${agentId}. The person behind it needs one in the profile.`
  throw new AppError('invalid', 'agent_without_phone', sentence, { param: 'keypresses' })
}
