/** What one recipient will hear or read, piece by piece, and what it takes. Pure. */
import { priceOf, type PriceList } from '../accounts/price-list.ts'
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import { minutesToHold } from '../credits/credit.ts'
import { segmentsOf } from '../messages/text-segments.ts'
import type { Service } from './campaign.ts'
import { valueOf, type Message, type TagValues } from './message.ts'

export type PreviewPart =
  | { text: string }
  | { tag: string; value: string; from: 'value' | 'fallback' }
  | { tag: string; value: null; from: 'missing' }

export function previewParts(message: Message, values: TagValues): PreviewPart[] {
  return message.map((part) => {
    if ('text' in part) return part
    const { tag, fallback } = part
    const value = valueOf(values, tag)
    if (value !== null) return { tag, value, from: 'value' }
    return fallback === null
      ? { tag, value: null, from: 'missing' }
      : { tag, value: fallback, from: 'fallback' }
  })
}

/** The text of the parts; what is missing stands as its tag. */
export function previewText(parts: readonly PreviewPart[]): string {
  return parts.map((part) => ('text' in part ? part.text : (part.value ?? `{${part.tag}}`))).join('')
}

export type Measure = {
  encoding: 'GSM-7' | 'UCS-2'
  characters: number
  units: number
  segments: number
  /** Of speech and sound, estimated; null for a text. */
  seconds: number | null
  /** What is charged for: segments, or started minutes as they are held. */
  charged: number
}

/** How long a message is. `soundSeconds`: of the audio that is played with it. */
export function measure(text: string, service: Service, soundSeconds: number): Measure {
  const { encoding, segments, units } = segmentsOf(text)
  const size = { encoding, characters: [...text].length, units, segments }
  if (service === 'SMS') return { ...size, seconds: null, charged: segments }
  const seconds = (text.trim() === '' ? 0 : estimatedSpeechSeconds(text)) + soundSeconds
  return { ...size, seconds, charged: minutesToHold(seconds) }
}

/** Whole credits for one recipient that takes all of it. */
export function costOf(
  { charged }: Measure,
  where: { service: Service; country: string | null },
  prices: PriceList,
): number {
  return charged * priceOf(prices, where.country, where.service === 'SMS' ? 'text' : 'call')
}
