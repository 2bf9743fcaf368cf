/**
 * The sentence of a campaign. Pure.
 *
 * A tag is `{word}` or `{word|fallback}`, where a word is made of letters, marks, digits and underscores; anything
 * else in braces is text. A recipient that has no value for a tag without a fallback is not called.
 */

export type MessagePart = { text: string } | { tag: string; fallback: string | null }

export type Message = readonly MessagePart[]

export type RenderedMessage = { ok: true; text: string } | { ok: false; missing: string[] }

/** What tags of a recipient look like: a JSON object of plain values. */
export type TagValues = Readonly<Record<string, unknown>>

/** The carrier speaks at most this many characters in one sentence. */
export const maxMessageLength = 4_000

/** Takes a sentence apart. Never fails: what is no tag is text. */
export function parseMessage(sentence: string): Message {
  const parts: MessagePart[] = []
  let textFrom = 0
  for (const match of sentence.matchAll(/\{([\p{L}\p{M}\p{N}_]+)(?:\|([^{}]*))?\}/gu)) {
    if (match.index > textFrom) parts.push({ text: sentence.slice(textFrom, match.index) })
    parts.push({ tag: tagKey(match[1] ?? ''), fallback: match[2] ?? null })
    textFrom = match.index + match[0].length
  }
  if (textFrom < sentence.length) parts.push({ text: sentence.slice(textFrom) })
  return parts
}

/** The tags a message uses, each once, in order of their first use. */
export function tagsOf(message: Message): string[] {
  return [...new Set(message.flatMap((part) => ('tag' in part ? [part.tag] : [])))]
}

/** The tags of a message that its campaign does not have. */
export function unknownTags(message: Message, usableTags: readonly string[]): string[] {
  const usable = new Set(usableTags.map(tagKey))
  return tagsOf(message).filter((tag) => !usable.has(tag))
}

/** The sentence for one recipient; or the tags for which there is neither a value nor a fallback. */
export function renderMessage(message: Message, values: TagValues): RenderedMessage {
  const missing = new Set<string>()
  let text = ''
  for (const part of message) {
    if ('text' in part) {
      text += part.text
      continue
    }
    const value = valueOf(values, part.tag) ?? part.fallback
    if (value === null) missing.add(part.tag)
    else text += value
  }
  return missing.size > 0 ? { ok: false, missing: [...missing] } : { ok: true, text }
}

/** Tags are compared in this form: as the names of columns are made. */
export function tagKey(word: string): string {
  return word.normalize('NFC').toLowerCase()
}

/** Only what the recipient itself holds counts, so `{constructor}` finds nothing. An empty value is none. */
export function valueOf(values: TagValues, tag: string): string | null {
  if (!Object.hasOwn(values, tag)) return null
  const value = values[tag]
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : null
}
