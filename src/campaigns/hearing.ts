/** What a phone hears of a run: its message as sound, piece by piece, and the audio that goes with it. Pure. */
import { isAudible, spokenKey, type VoiceName, defaultVoice, findVoice } from '../speech/speech.ts'
import { valueOf, type Message, type TagValues } from './message.ts'

/** A text that a voice speaks once for everybody, a text that the carrier says, or an audio of the library. */
export type WantedPart = { voice: string; text: string; key: Buffer } | { say: string } | { audioId: number }

export type Heard = {
  voice: string | null
  audioId: number | null
  priority: 'message' | 'audio'
  spokenBy: 'carrier' | 'voice'
}

/**
 * The parts of what one recipient hears, in order. The fixed pieces of a message are the same for everybody, so that
 * each is spoken once. Null when the carrier just says the whole message.
 */
export function hearing(run: Heard, message: Message, values: TagValues): readonly WantedPart[] | null {
  if (run.spokenBy === 'carrier' && run.audioId === null) return null
  const words = run.spokenBy === 'carrier' ? said(message, values) : spoken(run.voice, message, values)
  const audio = run.audioId === null ? [] : [{ audioId: run.audioId }]
  return run.priority === 'audio' ? [...audio, ...words] : [...words, ...audio]
}

/** What is heard of a call that was asked for by itself: what the carrier says, and the sound after it. */
export function directHearing(message: string | null, audioId: number): readonly WantedPart[] {
  return message === null ? [{ audioId }] : [{ say: message }, { audioId }]
}

/** The texts that every recipient of a message hears in the same words. */
export function fixedTexts(
  run: Pick<Heard, 'voice'>,
  message: Message,
): { voice: string; text: string; key: Buffer }[] {
  return message.flatMap((part) => ('text' in part ? piece(voiceOf(run.voice), part.text) : []))
}

function said(message: Message, values: TagValues): WantedPart[] {
  const text = message.map((part) => textOf(part, values)).join('')
  return text.trim() === '' ? [] : [{ say: text }]
}

function spoken(voice: string | null, message: Message, values: TagValues): WantedPart[] {
  return message.flatMap((part) => piece(voiceOf(voice), textOf(part, values)))
}

function voiceOf(name: string | null): VoiceName {
  return findVoice(name ?? defaultVoice)?.name ?? defaultVoice
}

function piece(voice: string, given: string): { voice: string; text: string; key: Buffer }[] {
  const text = given.trim().replace(/\s+/g, ' ')
  return isAudible(text) ? [{ voice, text, key: spokenKey(text, voice) }] : []
}

function textOf(part: Message[number], values: TagValues): string {
  return 'text' in part ? part.text : (valueOf(values, part.tag) ?? part.fallback ?? '')
}
