import { isFinalText, type Text } from './text.ts'

/** All texts the carrier knows, oldest first, with the two ways they are looked up. */
export interface TextBook {
  readonly texts: readonly Text[]
  add(text: Text): void
  bySid(sid: string): Text | undefined
  /** The texts to one number, oldest first. */
  byTo(to: string): readonly Text[]
  /** How many texts have not come to their end, those nobody hears of again left out. */
  open(): number
}

const NONE: readonly Text[] = []

export function openTextBook(): TextBook {
  const texts: Text[] = []
  const sids = new Map<string, Text>()
  const numbers = new Map<string, Text[]>()
  return {
    texts,
    add(text) {
      texts.push(text)
      sids.set(text.sid, text)
      const same = numbers.get(text.to)
      if (same) same.push(text)
      else numbers.set(text.to, [text])
    },
    bySid: (sid) => sids.get(sid),
    byTo: (to) => numbers.get(to) ?? NONE,
    open: () => texts.filter((text) => !hasEnded(text)).length,
  }
}

function hasEnded(text: Text): boolean {
  return isFinalText(text.status) || (text.status === 'sent' && text.plan.outcome === 'silent')
}
