/** What a request to begin a campaign asks for, and why it may not begin. Pure. */
import { Temporal } from 'temporal-polyfill'
import { AppError } from '../errors.ts'
import { longestBody } from '../messages/text-segments.ts'
import { repeatableStatuses, voices, type NumberStatus, type Run, type Service, isOpen } from './campaign.ts'
import { maxMessageLength, parseMessage, unknownTags } from './message.ts'

export type BeginBody = {
  message?: string | null
  aud_file?: unknown
  audio?: unknown
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
  statuses: readonly NumberStatus[]
  individual: readonly number[] | null
  /** As given: local, unless it carries an offset. */
  scheduleDate: string | null
}

/** Reads the request. Throws AppError invalid that names the member that was wrong and what is accepted. */
export function readBegin(body: BeginBody): BeginRequest {
  refuseAudio(body)
  return {
    message: textOrNull(body.message),
    voice: readVoice(textOrNull(body.voice_input)),
    statuses: readStatuses(body.status ?? []),
    individual: readIndividual(body.individual ?? []),
    scheduleDate: textOrNull(body.schedule_date),
  }
}

/** What is known about a campaign at the moment it is to begin. */
export type BeginFacts = {
  service: Service
  storedMessage: string | null
  usableTags: readonly string[]
  newestRun: Run | null
  isImporting: boolean
  /** Numbers that could ever be called, and those that this request selects. */
  usable: number
  selected: number
}

/** The message to run with. Throws AppError when the campaign may not begin now, or not so. */
export function decideBegin(request: BeginRequest, facts: BeginFacts): string {
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
  const message = requireMessage(request.message ?? facts.storedMessage, facts)
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
      'No number matches. Name the outcomes to call again in status: hungup, unanswered, failed, terminated or completed.',
    )
  }
  return message
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

function refuseAudio(body: BeginBody): void {
  for (const param of ['aud_file', 'audio'] as const) {
    const value = body[param]
    if (value === undefined || value === null || value === '') continue
    throw invalid(
      param,
      'audio_not_available',
      `${param} cannot be played yet. Send a message, which is spoken.`,
    )
  }
  const priority = textOrNull(body.priority)?.toLowerCase()
  if (priority === undefined || priority === 'message') return
  if (priority === 'audio')
    throw invalid(
      'priority',
      'audio_not_available',
      'priority audio needs an audio, which cannot be played yet. Use message.',
    )
  throw invalid(
    'priority',
    'invalid_field',
    `priority must be message or audio; "${priority.slice(0, 40)}" is neither.`,
  )
}

function readVoice(text: string | null): string | null {
  if (text === null) return null
  const voice = voices.find((name) => name === text.toLowerCase())
  if (voice !== undefined) return voice
  throw invalid(
    'voice_input',
    'unknown_voice',
    `voice_input must be one of ${voices.join(', ')}; "${text.slice(0, 40)}" is not.`,
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
