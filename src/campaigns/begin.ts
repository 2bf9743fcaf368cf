/** What a request to begin a campaign asks for, and why it may not begin. Pure. */
import { Temporal } from 'temporal-polyfill'
import { AppError } from '../errors.ts'
import { longestBody } from '../messages/text-segments.ts'
import { readAudio, type GivenAudio } from '../speech/given-audio.ts'
import { readVoice } from '../speech/voice-routes.ts'
import {
  isOpen,
  repeatableStatuses,
  type NumberStatus,
  type Priority,
  type Run,
  type Service,
} from './campaign.ts'
import { maxMessageLength, parseMessage, unknownTags } from './message.ts'

export type BeginBody = {
  message?: string | null
  aud_file?: string | number | null
  audio?: string | number | null
  voice_input?: string | null
  schedule_date?: string | null
  priority?: string | null
  status?: readonly string[] | null
  individual?: readonly (string | number)[] | null
}

export type BeginRequest = {
  /** Null: the one stored before. */
  message: string | null
  voice: string | null
  /** Null: the one stored before. */
  audio: GivenAudio
  priority: Priority | null
  statuses: readonly NumberStatus[]
  individual: readonly number[] | null
  /** As given: local, unless it carries an offset. */
  scheduleDate: string | null
}

/** Reads the request. Throws AppError invalid that names the member that was wrong and what is accepted. */
export function readBegin(body: BeginBody): BeginRequest {
  const voice = textOrNull(body.voice_input)
  return {
    message: textOrNull(body.message),
    voice: voice === null ? null : readVoice(voice),
    audio: readAudio(body),
    priority: readPriority(textOrNull(body.priority)),
    statuses: readStatuses(body.status ?? []),
    individual: readIndividual(body.individual ?? []),
    scheduleDate: textOrNull(body.schedule_date),
  }
}

/** What is known about a campaign at the moment it is to begin. */
export type BeginFacts = {
  service: Service
  storedMessage: string | null
  /** The audio that this request brings, and the one from before. */
  givenAudio: number | null
  storedAudio: number | null
  storedPriority: Priority | null
  usableTags: readonly string[]
  newestRun: Run | null
  isImporting: boolean
  /** Numbers that could ever be called, and those that this request selects. */
  usable: number
  selected: number
}

export type Decided = { message: string; audioId: number | null; priority: Priority }

/** What to run with. Throws AppError when the campaign may not begin now, or not so. */
export function decideBegin(request: BeginRequest, facts: BeginFacts): Decided {
  if (facts.newestRun !== null && isOpen(facts.newestRun.state)) {
    const state = facts.newestRun.state
    throw new AppError(
      'conflict',
      'run_open',
      `The campaign is ${state} already. Stop it, or wait until it has completed.`,
    )
  }
  if (facts.newestRun !== null && facts.newestRun.state === 'stopped' && !facts.newestRun.swept) {
    throw new AppError('conflict', 'run_open', 'The campaign is still stopping. Try again in a moment.', {
      retryAfterSeconds: 1,
    })
  }
  if (facts.isImporting) {
    throw new AppError(
      'conflict',
      'import_running',
      'The numbers of this campaign are still being imported. Begin when that is done.',
    )
  }
  const decided = decideContent(request, facts)
  if (facts.usable === 0) {
    throw new AppError(
      'invalid',
      'no_usable_number',
      'The campaign has no number that can be called. Add one, or mend those that are invalid.',
    )
  }
  if (facts.selected === 0) {
    throw new AppError(
      'invalid',
      'nothing_to_call',
      'No number matches. Name the outcomes to call again in status: hungup, unanswered, failed, terminated, completed or skipped.',
    )
  }
  return decided
}

/**
 * The instant of a schedule_date: local in `zone`, unless it carries an offset. A local time that a daylight saving
 * change skips is moved on, one that comes twice is taken the first time. Throws when unreadable or not in the future.
 */
export function scheduledInstant(text: string, zone: string, now: Date): Date {
  const at = readLocal(text.trim(), zone)
  if (at === null) {
    throw invalid(
      'schedule_date',
      'invalid_schedule_date',
      `schedule_date must look like 2023-05-09T17:07; "${text.slice(0, 40)}" does not.`,
    )
  }
  if (at.getTime() <= now.getTime()) {
    throw invalid(
      'schedule_date',
      'schedule_in_past',
      `schedule_date ${text.slice(0, 40)} (${zone}) has passed. Name a time in the future, or leave it out to begin now.`,
    )
  }
  return at
}

/** What is wrong with a message, if anything: it is empty, too long, or uses tags that the campaign has not. */
export function requireMessage(
  message: string | null,
  { service, usableTags }: Pick<BeginFacts, 'service' | 'usableTags'>,
): string {
  if (message === null)
    throw invalid('message', 'missing_field', 'message is required: the campaign has none from before.')
  const { most, verb } =
    service === 'SMS'
      ? { most: longestBody, verb: 'be sent as a text' }
      : { most: maxMessageLength, verb: 'be spoken' }
  if (message.length > most) {
    const sentence = `message has ${message.length} characters; ${most} can ${verb}.`
    throw invalid('message', 'message_too_long', sentence)
  }
  const unknown = unknownTags(parseMessage(message), usableTags)
  if (unknown.length === 0) return message
  const listed = unknown
    .slice(0, 20)
    .map((tag) => `{${tag.slice(0, 60)}}`)
    .join(', ')
  const usable = usableTags.length === 0 ? 'it has none' : `it has ${usableTags.slice(0, 50).join(', ')}`
  throw invalid(
    'message',
    'unknown_tags',
    `message uses tags that the campaign does not have: ${listed}; ${usable}.`,
  )
}

/** A message, an audio or both; with both it must be known which is played first. */
function decideContent(request: BeginRequest, facts: BeginFacts): Decided {
  const stored = request.message ?? facts.storedMessage
  if (facts.service === 'SMS') {
    if (facts.givenAudio === null && request.priority !== 'audio')
      return { message: requireMessage(stored, facts), audioId: null, priority: 'message' }
    const param = request.audio?.param ?? 'aud_file'
    throw invalid(param, 'invalid_field', `${param} cannot be texted: an SMS campaign takes a message only.`)
  }
  const audioId = facts.givenAudio ?? facts.storedAudio
  if (stored === null && audioId !== null) return { message: '', audioId, priority: 'audio' }
  const message = requireMessage(stored, facts)
  if (audioId === null) {
    if (request.priority !== 'audio') return { message, audioId, priority: 'message' }
    throw invalid('priority', 'missing_audio', 'priority audio needs an audio: send aud_file.')
  }
  return { message, audioId, priority: decidePriority(request, facts) }
}

/** Whichever this request brings is played first, unless it says otherwise. */
function decidePriority(request: BeginRequest, facts: BeginFacts): Priority {
  if (request.priority !== null) return request.priority
  const brings = { message: request.message !== null, audio: facts.givenAudio !== null }
  if (brings.message !== brings.audio) return brings.message ? 'message' : 'audio'
  if (!brings.message && facts.storedPriority !== null) return facts.storedPriority
  const sentence =
    'priority is required where there is a message and an audio: message or audio, whichever is first.'
  throw invalid('priority', 'missing_field', sentence)
}

function readPriority(text: string | null): Priority | null {
  const word = text?.toLowerCase() ?? null
  if (word === null || word === 'message' || word === 'audio') return word
  throw invalid(
    'priority',
    'invalid_field',
    `priority must be message or audio; "${word.slice(0, 40)}" is neither.`,
  )
}

/** A list, repeated parts and commas are equal; nothing means the numbers never called. */
function readStatuses(given: readonly string[]): readonly NumberStatus[] {
  const words = given
    .flatMap((word) => word.split(','))
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '')
  const statuses = words.map((word) => {
    const status = repeatableStatuses.find((name) => name === word)
    if (status !== undefined) return status
    throw invalid(
      'status',
      'unknown_status',
      `status must be one or more of ${repeatableStatuses.join(', ')}; "${word.slice(0, 40)}" is not.`,
    )
  })
  return statuses.length === 0 ? ['not_started'] : [...new Set(statuses)]
}

function readIndividual(given: readonly (string | number)[]): readonly number[] | null {
  const words = given
    .flatMap((id) => String(id).split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const ids = words.map((word) => {
    const id = /^\d{1,15}$/.test(word) ? Number(word) : 0
    if (id > 0) return id
    throw invalid(
      'individual',
      'invalid_field',
      `individual must hold ids of numbers of this campaign; "${word.slice(0, 40)}" is none.`,
    )
  })
  return ids.length === 0 ? null : [...new Set(ids)]
}

function readLocal(text: string, zone: string): Date | null {
  const match = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(text)
  if (!match) return null
  try {
    if (match[1] !== undefined) return new Date(Temporal.Instant.from(text).epochMilliseconds)
    return new Date(Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function textOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text.trim()
}

function invalid(param: string, code: string, sentence: string): AppError {
  return new AppError('invalid', code, sentence, { param })
}
