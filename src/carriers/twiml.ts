/** Instructions for the carrier, in its XML. Pure. */

/** The carrier takes instructions of up to this many characters inside the request that places the call. */
export const inlineTwimlLimit = 4_000
/** How long somebody who has heard everything may look for the key. */
const keyTimeoutSeconds = 5
/** Ends whatever is going on. */
export const hangUpTwiml = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'

/** Rings a number and joins it with this call; asks `overUrl` what to do when that second call is over. */
export function joinTwiml(join: {
  number: string
  /** What the number is shown. */
  callerId: string
  ringTimeoutSeconds: number
  /** Where the second call is reported. */
  statusUrl: string
  overUrl: string
}): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><Response>` +
    `<Dial callerId="${escapeXml(join.callerId)}" timeout="${join.ringTimeoutSeconds}"` +
    ` action="${escapeXml(join.overUrl)}" method="POST">` +
    `<Number statusCallback="${escapeXml(join.statusUrl)}" statusCallbackMethod="POST"` +
    ' statusCallbackEvent="initiated ringing answered completed">' +
    `${escapeXml(join.number)}</Number></Dial></Response>`
  )
}

/**
 * Says an announcement, then takes the call to a conference, which ends for everybody when one of them leaves. Comings
 * and goings are told to `eventsUrl`, or to that of whoever came first. The carrier ends it after the time limit also
 * when nobody is there to tell it to.
 */
export function roomTwiml(room: {
  name: string
  announcement: string
  timeLimitSeconds: number
  eventsUrl: string
}): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><Response>' +
    `<Say>${escapeXml(room.announcement)}</Say><Dial timeLimit="${room.timeLimitSeconds}">` +
    '<Conference beep="false" startConferenceOnEnter="true" endConferenceOnExit="true"' +
    ` statusCallback="${escapeXml(room.eventsUrl)}" statusCallbackMethod="POST"` +
    ` statusCallbackEvent="start end join leave">${escapeXml(room.name)}</Conference></Dial></Response>`
  )
}

/** Says a sentence and hangs up. */
export function farewellTwiml(sentence: string): string {
  return lastPartsTwiml([{ say: sentence, language: null }])
}

/** What is heard next: words that the carrier says, or the sound at an address. */
export type TwimlPart = { say: string; language: string | null } | { play: string }

/**
 * Lets parts be heard one after the other, then reports to `heardUrl` that their end was reached. With a `keyUrl`, a key
 * that is pressed meanwhile or a few seconds after them is told there instead.
 */
export function partsTwiml(parts: readonly TwimlPart[], heardUrl: string, keyUrl: string | null): string {
  const verbs = parts.map(verbOf).join('')
  const heard =
    keyUrl === null
      ? verbs
      : `<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="${keyTimeoutSeconds}"` +
        ` action="${escapeXml(keyUrl)}" method="POST">${verbs}</Gather>`
  return documentOf(`${heard}<Redirect method="POST">${escapeXml(heardUrl)}</Redirect>`)
}

/** Lets parts be heard and hangs up. */
export function lastPartsTwiml(parts: readonly TwimlPart[]): string {
  return documentOf(`${parts.map(verbOf).join('')}<Hangup/>`)
}

/** The language makes the carrier choose a voice that can read the text; it is left out when unknown. */
function verbOf(part: TwimlPart): string {
  if ('play' in part) return `<Play>${escapeXml(part.play)}</Play>`
  const attributes = part.language === null ? '' : ` language="${escapeXml(part.language)}"`
  return `<Say${attributes}>${escapeXml(part.say)}</Say>`
}

function documentOf(verbs: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`
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
