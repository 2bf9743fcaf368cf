/** What somebody hears who pressed a key: a last sentence, or the person the key leads to. */
import { joinInstructions, hookUrl, lastWords } from '../calls/call-instructions.ts'
import type { CallName, References } from '../calls/call-reference.ts'
import { optOutKey, storedVoiceOptions, type Key, type VoiceOptions } from '../calls/voice-options.ts'
import { farewell, type Farewell } from '../campaigns/farewells.ts'
import { phoneOfAgent } from '../campaigns/voice-options-store.ts'
import { hangUpTwiml } from '../carriers/twiml.ts'
import type { Sql } from '../db/sql.ts'
import type { AudioName } from '../speech/audio-address.ts'
import { joinCall, type JoiningDeps } from './joining.ts'
import type { Transfer } from './joining-store.ts'
import { lookUp, partsOf } from './sounds.ts'

export type KeyDeps = JoiningDeps & {
  references: References
  publicOrigin: string
  soundPath: (name: AudioName) => string
}

type Listening = { voice: string | null; spokenBy: 'carrier' | 'voice'; options: VoiceOptions }

/** The key is kept already. Whoever opts out is never put through to anybody, whatever else was pressed. */
export async function answerKey(
  deps: KeyDeps,
  { name, digits }: { name: CallName; digits: string },
): Promise<string> {
  const listening = await findListening(deps.sql, name)
  if (listening === null) return hangUpTwiml
  const say = (which: Farewell) => lastSentence(deps, name.workspaceId, which, listening)
  if (digits.includes(optOutKey)) return say('opted_out')
  const target = await targetOf(deps.sql, name.workspaceId, listening.options.keys?.[digits])
  if (target === null) return say('noted')
  if (target === 'nobody') return say('nobody')
  const joined = await joinCall(deps, name, target)
  if (!joined.ok) return say('nobody')
  return joinInstructions(joined.call, hookUrl(joined.call, deps))
}

/** Null for a key that is only counted. */
async function targetOf(
  sql: Sql,
  workspaceId: number,
  key: Key | undefined,
): Promise<Transfer | 'nobody' | null> {
  if (key === undefined || (key.to === null && key.agentId === null)) return null
  const to = key.agentId === null ? key.to : await phoneOfAgent(sql, workspaceId, key.agentId)
  return to === null ? 'nobody' : { to, agentId: key.agentId }
}

async function lastSentence(
  { sql, soundPath, publicOrigin }: KeyDeps,
  workspaceId: number,
  which: Farewell,
  { voice, spokenBy }: Listening,
): Promise<string> {
  const { text, wanted } = farewell(which, { voice, spokenBy })
  const known = await lookUp(sql, [{ workspaceId, wanted }])
  const found = partsOf(workspaceId, wanted, { known, soundPath })
  const sound = found.state === 'ready' ? { parts: found.parts } : {}
  return lastWords({ text, voice, ...sound }, publicOrigin)
}

async function findListening(sql: Sql, { workspaceId, callId }: CallName): Promise<Listening | null> {
  const [row] = await sql<
    { voice: string | null; spokenBy: 'carrier' | 'voice'; options: Partial<VoiceOptions> }[]
  >`
    select r.voice, r.spoken_by as "spokenBy", r.voice_options as options
      from calls c
      join runs r on r.workspace_id = c.workspace_id and r.id = c.run_id
     where c.workspace_id = ${workspaceId} and c.id = ${callId}`
  return row === undefined ? null : { ...row, options: storedVoiceOptions(row.options) }
}
