/** The options of a campaign's calls as requests bring them and answers show them. */
import { Type, type Static } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import {
  keys as phoneKeys,
  machineChoices,
  optOutKey,
  type Key,
  type VoiceOptions,
} from '../calls/voice-options.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'

/** Members of create, update and begin. */
export const voiceOptionMembers = {
  answering_machine: Type.Optional(
    Type.Union([Type.String({ maxLength: 40 }), Type.Null()], {
      description: 'What happens when a machine answers: ignore, hang_up, leave_message or treat_as_answered',
    }),
  ),
  keypresses: Type.Optional(
    Type.Union([Type.Boolean(), Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description:
        'true listens to keys, 9 is an opt-out; an object names keys: {"1": "Interested", "2": {"label": "Talk to us", "transfer_to": "+977…, or the id of an agent"}}',
    }),
  ),
  record: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
}
const Members = Type.Object(voiceOptionMembers)
export type VoiceOptionsBody = Static<typeof Members>

export type Reading = {
  service: 'PHONE' | 'SMS'
  defaultRegion: string
  carrierIsLive: boolean
}

const mostLabel = 60

/** The options that the request gives; those it does not name are absent. Throws invalid, naming the member. */
export function readVoiceOptions(body: VoiceOptionsBody, reading: Reading): Partial<VoiceOptions> {
  const given: { -readonly [Member in keyof VoiceOptions]?: VoiceOptions[Member] } = {}
  if (body.answering_machine !== undefined) given.answeringMachine = readChoice(body.answering_machine)
  if (body.keypresses !== undefined) given.keys = readKeys(body.keypresses, reading)
  if (body.record !== undefined) given.record = body.record ?? false
  if (reading.service === 'SMS') requireNothing(given)
  return given
}

export function toVoiceOptionsWire({ answeringMachine, keys, record }: VoiceOptions) {
  const named = Object.entries(keys ?? {}).map(([key, { label, to, agentId }]) => [
    key,
    { label, transfer_to: agentId ?? to },
  ])
  return {
    answering_machine: answeringMachine,
    keypresses: keys === null ? null : (Object.fromEntries(named) as Record<string, unknown>),
    record,
  }
}

function readChoice(given: string | null): VoiceOptions['answeringMachine'] {
  const word = given?.trim().toLowerCase() ?? ''
  if (word === '') return 'ignore'
  const choice = machineChoices.find((one) => one === word)
  if (choice !== undefined) return choice
  throw invalid(
    'answering_machine',
    `answering_machine must be one of ${machineChoices.join(', ')}; "${word.slice(0, 40)}" is not.`,
  )
}

function readKeys(
  given: boolean | Record<string, unknown> | null,
  reading: Reading,
): Readonly<Record<string, Key>> | null {
  if (given === null || given === false) return null
  if (given === true) return {}
  const named = Object.entries(given).filter(([, meaning]) => meaning !== null)
  return Object.fromEntries(named.map(([key, meaning]) => [readKeyName(key), readKey(key, meaning, reading)]))
}

function readKeyName(key: string): string {
  if (key === optOutKey)
    throw invalid('keypresses', `Key ${optOutKey} always opts out, so keypresses cannot give it a meaning.`)
  if (phoneKeys.includes(key)) return key
  throw invalid('keypresses', `"${key.slice(0, 20)}" is no key of a telephone: 0 to 9, * and # are.`)
}

function readKey(key: string, meaning: unknown, reading: Reading): Key {
  if (typeof meaning === 'string') return { label: readLabel(key, meaning), to: null, agentId: null }
  if (typeof meaning !== 'object' || meaning === null || Array.isArray(meaning))
    throw invalid('keypresses', `Key ${key} needs a label, or {"label", "transfer_to"}.`)
  const members = new Map<string, unknown>(Object.entries(meaning))
  const label = readLabel(key, members.get('label') ?? '')
  return { label, ...readTarget(key, members.get('transfer_to') ?? null, reading) }
}

function readLabel(key: string, label: unknown): string {
  if (typeof label === 'string' && label.length <= mostLabel) return label.trim()
  throw invalid('keypresses', `The label of key ${key} must be a text of at most ${mostLabel} characters.`)
}

function readTarget(key: string, given: unknown, reading: Reading): Pick<Key, 'to' | 'agentId'> {
  const text = typeof given === 'number' ? String(given) : given
  if (text === null || text === '') return { to: null, agentId: null }
  if (typeof text === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim()))
    return { to: null, agentId: text.trim().toLowerCase() }
  const { e164 } = readPhoneNumber(typeof text === 'string' ? text : '', reading.defaultRegion)
  if (e164 === null)
    throw invalid('keypresses', `transfer_to of key ${key} must be a phone number or the id of an agent.`)
  if (reading.carrierIsLive && isMagicNumber(e164))
    throw invalid('keypresses', `transfer_to of key ${key}, ${e164}, exists on the simulated carrier only.`)
  return { to: e164, agentId: null }
}

function requireNothing({ answeringMachine, keys, record }: Partial<VoiceOptions>): void {
  const param =
    (answeringMachine ?? 'ignore') !== 'ignore'
      ? 'answering_machine'
      : (keys ?? null) !== null
        ? 'keypresses'
        : record
          ? 'record'
          : null
  if (param !== null) throw invalid(param, `${param} needs a campaign of calls: services PHONE.`)
}

function invalid(param: string, sentence: string): AppError {
  return new AppError('invalid', 'invalid_field', sentence, { param })
}
