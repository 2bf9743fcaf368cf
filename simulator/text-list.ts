import type { ParsedUrlQuery } from 'node:querystring'
import { timeFilter } from './call-list.ts'
import { text as parameter } from './call-request.ts'
import type { Text } from './text.ts'
import type { TextBook } from './text-book.ts'

/** The texts a list query asks for, newest first. `visibleUntil` hides those accepted later: a list may lag behind. */
export function* findTexts(book: TextBook, query: ParsedUrlQuery, visibleUntil: number): Generator<Text> {
  const to = parameter(query, 'To')
  const from = parameter(query, 'From')
  const sent = timeFilter(query, 'DateSent')
  const texts = to === null ? book.texts : book.byTo(to)
  for (let index = texts.length - 1; index >= 0; index -= 1) {
    const text = texts[index]
    if (!text || text.createdAt > visibleUntil) continue
    if (from !== null && text.from !== from) continue
    if (sent(text.sentAt)) yield text
  }
}
