import type { Sql } from '../db/sql.ts'
import type { CallName } from '../calls/call-reference.ts'
import type { Spoken } from '../calls/call-instructions.ts'
import { isOpen, type CallState } from '../calls/call.ts'
import { storedVoiceOptions, type VoiceOptions } from '../calls/voice-options.ts'
import { directHearing, hearing, type WantedPart } from '../campaigns/hearing.ts'
import type { OtpCodes } from '../otp/otp-code.ts'
import { spokenOtps } from '../otp/otp-gate.ts'
import { parseMessage, renderMessage } from '../campaigns/message.ts'
import type { AudioName } from '../speech/audio-address.ts'
import { lookUp, partsOf } from './sounds.ts'

/** What is heard on a call that is under way; null when there is no such call or it must not be (any more). */
export async function findSpoken(
  sql: Sql,
  name: CallName,
  say: { codes: OtpCodes; now: Date; soundPath: (name: AudioName) => string },
): Promise<Spoken | null> {
  const [row] = await sql<SpokenRow[]>`
    select c.state, c.message, c.voice, c.audio_id as call_audio_id, r.message as run_message, r.voice as run_voice, r.audio_id, r.priority,
           r.spoken_by, r.voice_options, n.tags, c.joins_number as joins, c.room, c.room_seconds, c.otp_id
      from calls c
      left join runs r on r.workspace_id = c.workspace_id and r.id = c.run_id
      left join campaign_numbers n on n.workspace_id = c.workspace_id and n.id = c.number_id
     where c.workspace_id = ${name.workspaceId} and c.id = ${name.callId}`
  if (row === undefined || !isOpen(row.state)) return null
  if (row.otp_id !== null) {
    const call = { workspaceId: name.workspaceId, id: name.callId, otpId: row.otp_id, message: row.message }
    const text = (await spokenOtps(sql, [call], say)).get(name.callId)
    return text ? { text, voice: row.voice, joins: null } : null
  }
  if (row.run_message === null) {
    const room = row.room === null ? null : { name: row.room, seconds: row.room_seconds ?? 0 }
    const said = { text: row.message ?? '', voice: row.voice, joins: row.joins, room }
    if (row.call_audio_id === null) return said
    return withSound(sql, { name, wanted: directHearing(row.message, row.call_audio_id), said, say })
  }
  const message = parseMessage(row.run_message)
  const tags = row.tags ?? {}
  const rendered = renderMessage(message, tags)
  if (!rendered.ok) return null
  const options = storedVoiceOptions(row.voice_options)
  const said = { text: rendered.text, voice: row.run_voice, joins: null, options }
  const { audio_id: audioId, priority, spoken_by: spokenBy } = row
  const wanted = hearing({ voice: row.run_voice, audioId, priority, spokenBy }, message, tags)
  return wanted === null ? said : withSound(sql, { name, wanted, said, say })
}

async function withSound(
  sql: Sql,
  heard: {
    name: CallName
    wanted: readonly WantedPart[]
    said: Spoken
    say: { soundPath: (name: AudioName) => string }
  },
): Promise<Spoken | null> {
  const { wanted, said, say } = heard
  const { workspaceId } = heard.name
  const known = await lookUp(sql, [{ workspaceId, wanted }])
  const found = partsOf(workspaceId, wanted, { known, soundPath: say.soundPath })
  return found.state === 'ready' ? { ...said, parts: found.parts } : null
}

interface SpokenRow {
  state: CallState
  message: string | null
  run_message: string | null
  voice: string | null
  run_voice: string | null
  audio_id: number | null
  call_audio_id: number | null
  priority: 'message' | 'audio'
  spoken_by: 'carrier' | 'voice'
  voice_options: Partial<VoiceOptions> | null
  tags: Record<string, unknown> | null
  joins: string | null
  room: string | null
  room_seconds: number | null
  otp_id: string | null
}
