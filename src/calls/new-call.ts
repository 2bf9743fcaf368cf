/** What a request for one call asks for, and why it cannot be taken. Pure. */
import { AppError } from '../errors.ts'
import { lengthOf, shown } from '../http/validation.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import { readFrom } from './caller-choice.ts'
import type { CallingRules } from './calling-window.ts'
import { readInstant } from './given-instant.ts'

export type NewCallBody = {
  to_number: string
  customer_name?: string | null
  agent_id?: string | null
  from_number?: string | null
  message?: string | null
  voice_input?: string | null
  schedule_date?: string | null
}

export type NewCallFacts = {
  now: Date
  /** Where a schedule_date without an offset is at home: IANA zone. */
  timeZone: string
  defaultRegion: string
  callingHours: CallingRules['callingHours']
  carrierIsLive: boolean
  callerIds: CallerIds
}

export type NewCall = {
  to: string
  from: string
  customerName: string | null
  agentId: string | null
  message: string | null
  voice: string | null
  messageSeconds: number
  /** Not dialed before. */
  dueAt: Date
  scheduledFor: Date | null
}

/** The voices of the documents. */
const voices = ['np_rija', 'np_prasanna', 'np_binod'] as const
const longestMessage = 4_000
const longestName = 200

/** Reads the request. Throws AppError that names the member that was wrong and what is accepted. */
export function readNewCall(body: NewCallBody, facts: NewCallFacts): NewCall {
  const to = readTo(body.to_number, facts)
  const from = readFrom(textOrNull(body.from_number), facts)
  requireCallingHours(facts)
  const message = bounded('message', textOrNull(body.message), longestMessage)
  const scheduledFor = readSchedule(textOrNull(body.schedule_date), facts)
  return {
    to,
    from,
    customerName: bounded('customer_name', textOrNull(body.customer_name), longestName),
    agentId: textOrNull(body.agent_id)?.toLowerCase() ?? null,
    message,
    voice: readVoice(textOrNull(body.voice_input)),
    messageSeconds: message === null ? 0 : estimatedSpeechSeconds(message),
    dueAt: scheduledFor ?? facts.now,
    scheduledFor,
  }
}

function readTo(given: string, { defaultRegion, carrierIsLive }: NewCallFacts): string {
  const read = readPhoneNumber(given, defaultRegion)
  if (read.e164 === null) {
    const why = String(read.reason).replaceAll('_', ' ')
    const way = 'Send it with its country code, like +9779841000000.'
    throw invalid('to_number', 'invalid_number', `to_number ${shown(given)} cannot be called: ${why}. ${way}`)
  }
  if (carrierIsLive && isMagicNumber(read.e164)) {
    const sentence = `to_number ${shown(given)} exists on the simulated carrier only. Name a real number.`
    throw invalid('to_number', 'simulated_number', sentence)
  }
  return read.e164
}

function readSchedule(given: string | null, { timeZone, now }: NewCallFacts): Date | null {
  if (given === null) return null
  const at = readInstant(given, timeZone)
  if (at === null) {
    const sentence = `schedule_date must look like 2023-05-09T17:07; ${shown(given)} does not.`
    throw invalid('schedule_date', 'invalid_schedule_date', sentence)
  }
  if (at > now) return at
  const way = 'Name a time in the future, or leave it out to call now.'
  const sentence = `schedule_date ${shown(given)} (${timeZone}) has passed. ${way}`
  throw invalid('schedule_date', 'schedule_in_past', sentence)
}

function readVoice(given: string | null): string | null {
  if (given === null) return null
  const voice = voices.find((name) => name === given.toLowerCase())
  if (voice !== undefined) return voice
  const sentence = `voice_input must be one of ${voices.join(', ')}; ${shown(given)} is not.`
  throw invalid('voice_input', 'unknown_voice', sentence)
}

function bounded(param: string, text: string | null, most: number): string | null {
  const length = lengthOf(text ?? '')
  if (length <= most) return text
  throw invalid(param, 'too_long', `${param} has ${length} characters; it may have ${most}.`)
}

function textOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text.trim()
}

/** A live carrier rings real phones: somebody must have chosen when. */
export function requireCallingHours({
  carrierIsLive,
  callingHours,
}: Pick<NewCallFacts, 'carrierIsLive' | 'callingHours'>): void {
  if (!carrierIsLive || callingHours !== null) return
  throw new AppError(
    'conflict',
    'calling_hours_unset',
    'calling_hours are not chosen. Set them with PATCH /api/settings/, or to "always".',
  )
}

function invalid(param: string, code: string, sentence: string): AppError {
  return new AppError('invalid', code, sentence, { param })
}
