/** Finds the sound that candidates will hear, and asks for what is not there yet. */
import type { Queryable, Tx } from '../db/sql.ts'
import type { SpokenPart } from '../calls/call-instructions.ts'
import type { WantedPart } from '../campaigns/hearing.ts'
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import { mostJoined, type AudioName } from '../speech/audio-address.ts'
import {
  durationsOf,
  findSpokenAudio,
  wantSpoken,
  type SpokenAudio,
  type SpokenText,
} from '../speech/audio-store.ts'
import type { Candidate } from './candidates.ts'

export type Known = { spoken: ReadonlyMap<string, SpokenAudio>; files: ReadonlyMap<string, number> }

type Listener = { workspaceId: number; wanted: readonly WantedPart[] | null }

/**
 * Gives each candidate the parts that it will hear, when all are there. Texts that were never spoken are asked for in
 * the same transaction; one that cannot be spoken takes its candidates out of the run.
 */
export async function findSounds(
  tx: Tx,
  candidates: readonly Candidate[],
  { now, soundPath }: { now: Date; soundPath: (name: AudioName) => string },
): Promise<void> {
  const waiting = candidates.filter((one) => one.wanted !== null && one.message.ok)
  if (waiting.length === 0) return
  const known = await lookUp(tx, waiting)
  const missing = [...textsOf(waiting)].filter(([name]) => !known.spoken.has(name))
  await wantSpoken(
    tx,
    missing.map(([, text]) => text),
    now,
  )
  for (const candidate of waiting) settle(candidate, known, soundPath)
}

/** What there is of everything that is to be heard. */
export async function lookUp(sql: Queryable, listeners: readonly Listener[]): Promise<Known> {
  const spoken = await findSpokenAudio(sql, [...textsOf(listeners).values()])
  return { spoken, files: await durationsOf(sql, filesOf(listeners)) }
}

function settle(candidate: Candidate, known: Known, soundPath: (name: AudioName) => string): void {
  const found = partsOf(candidate.workspaceId, candidate.wanted ?? [], { known, soundPath })
  if (found.state === 'failed') candidate.message = { ok: false, reason: 'speech_failed' }
  if (found.state !== 'ready') return
  candidate.soundIsReady = true
  candidate.parts = found.parts
  candidate.messageSeconds = Math.ceil(found.seconds)
}

/** What is heard, when all of it is there. */
export function partsOf(
  workspaceId: number,
  wanted: readonly WantedPart[],
  { known, soundPath }: { known: Known; soundPath: (name: AudioName) => string },
): { state: 'ready'; parts: SpokenPart[]; seconds: number } | { state: 'wanted' | 'failed' } {
  const parts: SpokenPart[] = []
  let joined: number[] = []
  let seconds = 0
  const play = (): void => {
    for (let from = 0; from < joined.length; from += mostJoined)
      parts.push({ play: soundPath({ workspaceId, audioIds: joined.slice(from, from + mostJoined) }) })
    joined = []
  }
  for (const part of wanted) {
    if ('say' in part) {
      play()
      parts.push(part)
      seconds += estimatedSpeechSeconds(part.say)
      continue
    }
    const sound =
      'audioId' in part ? fileOf(workspaceId, part.audioId, known) : spokenOf(workspaceId, part, known)
    if (sound.state !== 'ready') return { state: sound.state === 'failed' ? 'failed' : 'wanted' }
    joined.push(sound.id)
    seconds += sound.durationMs / 1_000
  }
  play()
  return { state: 'ready', parts, seconds }
}

function spokenOf(workspaceId: number, text: { key: Buffer }, known: Known): SpokenAudio {
  const found = known.spoken.get(`${workspaceId} ${text.key.toString('hex')}`)
  return found ?? { id: 0, state: 'wanted', durationMs: 0 }
}

function fileOf(workspaceId: number, id: number, known: Known): SpokenAudio {
  const durationMs = known.files.get(`${workspaceId} ${id}`)
  return durationMs === undefined
    ? { id, state: 'failed', durationMs: 0 }
    : { id, state: 'ready', durationMs }
}

function textsOf(listeners: readonly Listener[]): Map<string, SpokenText> {
  const texts = new Map<string, SpokenText>()
  for (const { workspaceId, wanted } of listeners)
    for (const part of wanted ?? [])
      if ('key' in part) texts.set(`${workspaceId} ${part.key.toString('hex')}`, { workspaceId, ...part })
  return texts
}

function filesOf(listeners: readonly Listener[]): { workspaceId: number; id: number }[] {
  const files = new Map<string, { workspaceId: number; id: number }>()
  for (const { workspaceId, wanted } of listeners)
    for (const part of wanted ?? [])
      if ('audioId' in part) files.set(`${workspaceId} ${part.audioId}`, { workspaceId, id: part.audioId })
  return [...files.values()]
}
