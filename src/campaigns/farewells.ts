/** What is said once a key was pressed, in the language of the voice that spoke. Pure. */
import { findVoice, spokenKey } from '../speech/speech.ts'
import type { Heard, WantedPart } from './hearing.ts'

const sentences = {
  opted_out: {
    'ne-NP': 'तपाईंलाई फेरि फोन गरिने छैन। धन्यवाद।',
    'en-US': 'You will not be called again. Thank you.',
  },
  noted: { 'ne-NP': 'धन्यवाद।', 'en-US': 'Thank you.' },
  nobody: {
    'ne-NP': 'अहिले कोही उपलब्ध हुनुहुन्न। हामी फेरि फोन गर्नेछौं।',
    'en-US': 'Nobody is free to talk to you just now. We will call you again.',
  },
} as const
export type Farewell = keyof typeof sentences

type Speaker = Pick<Heard, 'voice' | 'spokenBy'>

/** The sentence, and the sound of it when a voice of ours speaks. */
export function farewell(which: Farewell, speaker: Speaker): { text: string; wanted: readonly WantedPart[] } {
  const voice = findVoice(speaker.voice ?? '')
  const text = sentences[which][voice?.language ?? 'en-US']
  if (voice === null || speaker.spokenBy === 'carrier') return { text, wanted: [{ say: text }] }
  return { text, wanted: [{ voice: voice.name, text, key: spokenKey(text, voice.name) }] }
}

/** Everything that may be said at the end of a call that listens to keys: spoken before anybody is called. */
export function farewellTexts(voice: string): { voice: string; text: string; key: Buffer }[] {
  return (Object.keys(sentences) as Farewell[]).flatMap((which) =>
    farewell(which, { voice, spokenBy: 'voice' }).wanted.flatMap((part) => ('key' in part ? [part] : [])),
  )
}
