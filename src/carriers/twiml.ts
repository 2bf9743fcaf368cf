/** Instructions for the carrier, in its XML. Pure. */

/** The carrier takes instructions of up to this many characters inside the request that places the call. */
export const inlineTwimlLimit = 4_000
/** Ends whatever is going on. */
export const hangUpTwiml = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'

/**
 * Says a message, then reports to `heardUrl` that its end was reached. The language makes the carrier choose a voice
 * that can read the text; it is left out when unknown.
 */
export function sayTwiml(message: string, heardUrl: string, language: string | null): string {
  const attributes = language === null ? '' : ` language="${escapeXml(language)}"`
  return (
    '<?xml version="1.0" encoding="UTF-8"?><Response>' +
    `<Say${attributes}>${escapeXml(message)}</Say>` +
    `<Redirect method="POST">${escapeXml(heardUrl)}</Redirect></Response>`
  )
}

/** Rings a number and joins it with this call; asks `overUrl` what to do when that second call is over. */
export function joinTwiml(join: {
  number: string
  /** What the number is shown. */
  callerId: string
  ringTimeoutSeconds: number
  /** Where the second call is reported. */
  statusUrl: string
  overUrl: string
  /** What is said before the number is rung; empty for nothing. */
  announcement: string
}): string {
  const said = join.announcement === '' ? '' : `<Say>${escapeXml(join.announcement)}</Say>`
  return (
    `<?xml version="1.0" encoding="UTF-8"?><Response>${said}` +
    `<Dial callerId="${escapeXml(join.callerId)}" timeout="${join.ringTimeoutSeconds}"` +
    ` action="${escapeXml(join.overUrl)}" method="POST">` +
    `<Number statusCallback="${escapeXml(join.statusUrl)}" statusCallbackMethod="POST"` +
    ' statusCallbackEvent="initiated ringing answered completed">' +
    `${escapeXml(join.number)}</Number></Dial></Response>`
  )
}

/** Says a sentence and hangs up. */
export function farewellTwiml(sentence: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response><Say>${escapeXml(sentence)}</Say><Hangup/></Response>`
}

/** What is heard next: words that the carrier says, or the sound at an address. */
export type TwimlPart = { say: string; language: string | null } | { play: string }

/** Lets parts be heard one after the other, then reports to `heardUrl` that their end was reached. */
export function partsTwiml(parts: readonly TwimlPart[], heardUrl: string): string {
  const verbs = parts.map((part) => {
    if ('play' in part) return `<Play>${escapeXml(part.play)}</Play>`
    const attributes = part.language === null ? '' : ` language="${escapeXml(part.language)}"`
    return `<Say${attributes}>${escapeXml(part.say)}</Say>`
  })
  return (
    '<?xml version="1.0" encoding="UTF-8"?><Response>' +
    `${verbs.join('')}<Redirect method="POST">${escapeXml(heardUrl)}</Redirect></Response>`
  )
}

/** A stated estimate of how long a carrier speaks a message: 15 characters a second, at least one second. */
export function estimatedSpeechSeconds(message: string): number {
  return Math.max(1, Math.ceil([...message].length / 15))
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
}
