/** What a phone hears, and where the carrier reports: the request for one call. */
import type { PlaceRequest } from '../carriers/carrier.ts'
import {
  hangUpTwiml,
  inlineTwimlLimit,
  joinTwiml,
  lastPartsTwiml,
  partsTwiml,
  roomTwiml,
  type TwimlPart,
} from '../carriers/twiml.ts'
import type { CallName, References } from './call-reference.ts'
import type { Room } from './room.ts'
import type { VoiceOptions } from './voice-options.ts'

/** Longer than any mailbox waits; the carrier stops ringing then. */
export const ringTimeoutSeconds = 60

/** Words that the carrier says, or sound of ours, by the path at which the carrier fetches it. */
export type SpokenPart = { say: string } | { play: string }

export type Spoken = {
  text: string
  voice: string | null
  /** The number that whoever answers is joined with, instead of hearing anything. */
  joins: string | null
  /** Where whoever answers meets another call, after the text; null for nowhere. */
  room?: Pick<Room, 'name' | 'seconds'> | null
  /** What is heard, in order; without it the carrier says the text. */
  parts?: readonly SpokenPart[]
  /** Nothing but the message, unless it says otherwise. */
  options?: VoiceOptions
}

export type InstructionDeps = { references: References; publicOrigin: string }

/**
 * Instructions travel inside the request when they fit, so that the message survives us; else the carrier fetches them.
 * A call that is joined with another always fetches: whether that one may be called is asked when it is.
 */
export function placeRequest(
  call: CallName & { to: string; from: string } & Spoken,
  deps: InstructionDeps,
): PlaceRequest {
  const url = hookUrl(call, deps)
  const twiml = instructionsAt(url, call, deps)
  return {
    to: call.to,
    from: call.from,
    instructions: call.joins === null && twiml.length <= inlineTwimlLimit ? { twiml } : { url },
    statusCallbackUrl: `${url}/status`,
    ringTimeoutSeconds,
    ...extras(call.options, url),
  }
}

/** What becomes of a machine is told in the address of the carrier's finding, which the carrier signs. */
function extras(
  options: VoiceOptions | undefined,
  url: string,
): Pick<PlaceRequest, 'detection' | 'recordingUrl'> {
  const wanted: Pick<PlaceRequest, 'detection' | 'recordingUrl'> = {}
  if (options?.record) wanted.recordingUrl = `${url}/recording`
  switch (options?.answeringMachine) {
    case 'leave_message':
      return { ...wanted, detection: { kind: 'afterBeep' } }
    case 'hang_up':
    case 'treat_as_answered':
      return {
        ...wanted,
        detection: { kind: 'beside', url: `${url}/amd?machine=${options.answeringMachine}` },
      }
    default:
      return wanted
  }
}

export function hookUrl(name: CallName, deps: InstructionDeps): string {
  return `${deps.publicOrigin}/hooks/voice/${deps.references.encode(name)}`
}

/** TwiML of one call. A call without a text hangs up when it is answered. */
export function instructions(spoken: CallName & Spoken, deps: InstructionDeps): string {
  return instructionsAt(hookUrl(spoken, deps), spoken, deps)
}

function instructionsAt(url: string, spoken: CallName & Spoken, deps: InstructionDeps): string {
  if (spoken.room) {
    const { name, seconds } = spoken.room
    return roomTwiml({
      name: deps.references.roomName({ workspaceId: spoken.workspaceId, name }),
      announcement: spoken.text,
      timeLimitSeconds: seconds,
      eventsUrl: `${url}/room`,
    })
  }
  const parts = partsOf(spoken, deps.publicOrigin)
  const listens = (spoken.options?.keys ?? null) !== null
  return parts.length === 0
    ? hangUpTwiml
    : partsTwiml(parts, `${url}/heard`, listens ? `${url}/gather` : null)
}

/** TwiML of the last thing that is heard. */
export function lastWords(spoken: Pick<Spoken, 'text' | 'voice' | 'parts'>, publicOrigin: string): string {
  return lastPartsTwiml(partsOf(spoken, publicOrigin))
}

function partsOf(spoken: Pick<Spoken, 'text' | 'voice' | 'parts'>, publicOrigin: string): TwimlPart[] {
  const language = languageOf(spoken.voice)
  const said = spoken.text.trim() === '' ? [] : [{ say: spoken.text }]
  return (spoken.parts ?? said).map((part) =>
    'say' in part ? { say: part.say, language } : { play: publicOrigin + part.play },
  )
}

/** TwiML for an agent's phone: rings `call` and joins the two. */
export function joinInstructions(call: CallName & { to: string; from: string }, url: string): string {
  return joinTwiml({
    number: call.to,
    callerId: call.from,
    ringTimeoutSeconds,
    statusUrl: `${url}/status`,
    overUrl: `${url}/joined`,
  })
}

/** The built-in voices that speak Nepali begin so. */
function languageOf(voice: string | null): string | null {
  return voice?.startsWith('np_') ? 'ne-NP' : null
}
