/** What a phone hears, and where the carrier reports: the request for one call. */
import type { PlaceRequest } from '../carriers/carrier.ts'
import { hangUpTwiml, inlineTwimlLimit, joinTwiml, partsTwiml, sayTwiml } from '../carriers/twiml.ts'
import type { CallName, References } from './call-reference.ts'

/** Longer than any mailbox waits; the carrier stops ringing then. */
export const ringTimeoutSeconds = 60

/** Words that the carrier says, or sound of ours, by the path at which the carrier fetches it. */
export type SpokenPart = { say: string } | { play: string }

export type Spoken = {
  text: string
  voice: string | null
  /** The number that whoever answers is joined with, instead of hearing anything. */
  joins: string | null
  /** What is heard, in order; without it the carrier says the text. */
  parts?: readonly SpokenPart[]
}

/**
 * Instructions travel inside the request when they fit, so that the message survives us; else the carrier fetches them.
 * A call that is joined with another always fetches: whether that one may be called is asked when it is.
 */
export function placeRequest(
  call: CallName & { to: string; from: string } & Spoken,
  deps: { references: References; publicOrigin: string },
): PlaceRequest {
  const url = hookUrl(call, deps)
  const twiml = instructions(call, url, deps.publicOrigin)
  return {
    to: call.to,
    from: call.from,
    instructions: call.joins === null && twiml.length <= inlineTwimlLimit ? { twiml } : { url },
    statusCallbackUrl: `${url}/status`,
    ringTimeoutSeconds,
  }
}

export function hookUrl(name: CallName, deps: { references: References; publicOrigin: string }): string {
  return `${deps.publicOrigin}/hooks/voice/${deps.references.encode(name)}`
}

/** TwiML of one call. A call without a text hangs up when it is answered. */
export function instructions(spoken: Spoken, url: string, publicOrigin: string): string {
  if (spoken.parts !== undefined) {
    const language = languageOf(spoken.voice)
    const parts = spoken.parts.map((part) =>
      'say' in part ? { say: part.say, language } : { play: publicOrigin + part.play },
    )
    return parts.length === 0 ? hangUpTwiml : partsTwiml(parts, `${url}/heard`)
  }
  return spoken.text.trim() === ''
    ? hangUpTwiml
    : sayTwiml(spoken.text, `${url}/heard`, languageOf(spoken.voice))
}

/** TwiML for an agent's phone: rings `call` and joins the two. */
export function joinInstructions(
  call: CallName & { to: string; from: string; announcement: string },
  url: string,
): string {
  return joinTwiml({
    number: call.to,
    callerId: call.from,
    announcement: call.announcement,
    ringTimeoutSeconds,
    statusUrl: `${url}/status`,
    overUrl: `${url}/joined`,
  })
}

/** The built-in voices that speak Nepali begin so. */
function languageOf(voice: string | null): string | null {
  return voice?.startsWith('np_') ? 'ne-NP' : null
}
