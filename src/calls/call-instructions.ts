/** What a phone hears, and where the carrier reports: the request for one call. */
import type { PlaceRequest } from '../carriers/carrier.ts'
import { hangUpTwiml, inlineTwimlLimit, sayTwiml } from '../carriers/twiml.ts'
import type { CallName, References } from './call-reference.ts'

/** Longer than any mailbox waits; the carrier stops ringing then. */
export const ringTimeoutSeconds = 60

export type Spoken = { text: string; voice: string | null }

/** Instructions travel inside the request when they fit, so that the message survives us; else the carrier fetches them. */
export function placeRequest(
  call: CallName & { to: string; from: string } & Spoken,
  deps: { references: References; publicOrigin: string },
): PlaceRequest {
  const url = hookUrl(call, deps)
  const twiml = instructions(call, url)
  return {
    to: call.to,
    from: call.from,
    instructions: twiml.length <= inlineTwimlLimit ? { twiml } : { url },
    statusCallbackUrl: `${url}/status`,
    ringTimeoutSeconds,
  }
}

export function hookUrl(name: CallName, deps: { references: References; publicOrigin: string }): string {
  return `${deps.publicOrigin}/hooks/voice/${deps.references.encode(name)}`
}

/** TwiML of one call. A call without a text hangs up when it is answered. */
export function instructions(spoken: Spoken, url: string): string {
  return spoken.text.trim() === ''
    ? hangUpTwiml
    : sayTwiml(spoken.text, `${url}/heard`, languageOf(spoken.voice))
}

/** The built-in voices that speak Nepali begin so. */
function languageOf(voice: string | null): string | null {
  return voice?.startsWith('np_') ? 'ne-NP' : null
}
