/**
 * What people text to say stop, start again, or what is this. Pure. A word counts when it is all that the text says: a
 * sentence that contains it may mean anything.
 */

export type SmsWord = 'stop' | 'start' | 'help'

const words: Record<SmsWord, string> = {
  stop:
    'stop|stop all|stopall|unsubscribe|cancel|end|quit|revoke|opt out|optout|' +
    'रोक|रोक्नुहोस्|रोक्नुस्|रोक्नु|बन्द|बन्द गर|बन्द गर्नुहोस्|बन्द गर्नुस्|नपठाउनुहोस्|नपठाउनुस्|रद्द|अन्त्य|' +
    'rok|roknuhos|banda|band|banda garnuhos|napathaunuhos',
  start: 'start|unstop|yes|resume|subscribe|opt in|optin|सुरु|सुरु गर्नुहोस्|सुरु गर्नुस्|शुरु|शुरू|पठाउनुहोस्|suru',
  help: 'help|info|मद्दत|सहायता|सहयोग|जानकारी|maddat|sahayata',
}
const politeness = new Set(['please', 'pls', 'now', 'me', 'it', 'कृपया', 'kripaya'])
const meanings = new Map(
  Object.entries(words).flatMap(([meaning, all]) =>
    all.split('|').map((word) => [plain(word).join(' '), meaning as SmsWord] as const),
  ),
)

/** The meaning of a text, or null when it is an ordinary one. Repeating the word makes it no less clear. */
export function smsWord(body: string): SmsWord | null {
  const said = plain(body.slice(0, 200)).filter((word) => !politeness.has(word))
  const whole = meanings.get(said.join(' '))
  if (whole !== undefined) return whole
  const [first] = said
  return first !== undefined && said.every((word) => word === first) ? (meanings.get(first) ?? null) : null
}

/** Lower case, without joiners, punctuation and pictures; a final virama is often left out. */
function plain(text: string): string[] {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\u200b-\u200d\ufeff]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
    .split(' ')
    .map((word) => word.replace(/\u094d$/, ''))
    .filter((word) => word !== '')
}
