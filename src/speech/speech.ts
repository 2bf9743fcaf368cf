/** Text that becomes sound: the port between messages and whatever speaks them, and the voices that there are. */
import { createHash } from 'node:crypto'

export type Voice = {
  /** What `voice_input` names. */
  name: string
  language: string
  gender: 'female' | 'male'
}

/** The first one speaks when none was chosen. */
export const voices = [
  { name: 'np_rija', language: 'ne-NP', gender: 'female' },
  { name: 'np_prasanna', language: 'ne-NP', gender: 'male' },
  { name: 'np_binod', language: 'ne-NP', gender: 'male' },
  { name: 'en_emma', language: 'en-US', gender: 'female' },
  { name: 'en_james', language: 'en-US', gender: 'male' },
] as const satisfies readonly Voice[]

export type VoiceName = (typeof voices)[number]['name']
export const defaultVoice: VoiceName = 'np_rija'

export function findVoice(name: string): (typeof voices)[number] | null {
  return voices.find((voice) => voice.name === name.trim().toLowerCase()) ?? null
}

/** Speaks texts. */
export type Speech = {
  /** Mu-law, 8,000 samples a second. Rejects with SpeechAway when it cannot speak now. */
  speak(text: string, voice: string): Promise<Buffer>
  /** Why nothing can be spoken here, or null. */
  problem(): string | null
  stop(): Promise<void>
}

/** Nothing could be spoken; the text itself need not be the reason. */
export class SpeechAway extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SpeechAway'
  }
}

/** The same text in the same voice is spoken once, whichever campaign wants it. */
export function spokenKey(text: string, voice: string): Buffer {
  return createHash('sha256').update(`${voice}\0${text}`).digest()
}

/** What can be heard of a text: space around it makes no sound, and punctuation alone is a pause at most. */
export function isAudible(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}
