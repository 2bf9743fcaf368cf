import type { CallPlan } from './call-plan.ts'
import type { Conference } from './conference.ts'
import type { HeardFact } from './ledger-entry.ts'
import type { MagicNumber } from './magic-numbers.ts'
import type { Verb } from './twiml.ts'

/**
 * The life of one call at the carrier.
 *
 *   queued ─→ initiated ─→ ringing ─→ in-progress ─→ completed
 *      │          ├→ busy     └→ no-answer
 *      │          └→ failed
 *      └────────→ canceled (also from initiated and ringing)
 */
export type CallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed'
  | 'canceled'

export type FinalStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'

const FINAL: readonly string[] = ['completed', 'busy', 'no-answer', 'failed', 'canceled']

export function isFinal(status: CallStatus): status is FinalStatus {
  return FINAL.includes(status)
}

export type HttpMethod = 'GET' | 'POST'

export const CALLBACK_EVENTS = ['initiated', 'ringing', 'answered', 'completed'] as const
export type CallbackEvent = (typeof CALLBACK_EVENTS)[number]

/** What a create request asked for, validated. Seconds and absolute addresses. */
export interface CallRequest {
  to: string
  from: string
  url: string | null
  method: HttpMethod
  fallbackUrl: string | null
  fallbackMethod: HttpMethod
  /** Instructions that came with the request. Used only when there is no `url`. */
  twiml: string | null
  statusCallback: string | null
  statusCallbackMethod: HttpMethod
  statusCallbackEvents: readonly CallbackEvent[]
  ringTimeoutSeconds: number
  timeLimitSeconds: number
  /** How who answered is found out; null: it is not. */
  machineDetection: 'Enable' | 'DetectMessageEnd' | null
  machineDetectionTimeoutSeconds: number
  /** The instructions do not wait for the detection; its result is told to the address below. */
  asyncAmd: boolean
  asyncAmdStatusCallback: string | null
  asyncAmdStatusCallbackMethod: HttpMethod
  record: boolean
  recordingStatusCallback: string | null
  recordingStatusCallbackMethod: HttpMethod
}

/** What a request says that asks neither for a detection nor for a recording. */
export const NO_EXTRAS = {
  machineDetection: null,
  machineDetectionTimeoutSeconds: 30,
  asyncAmd: false,
  asyncAmdStatusCallback: null,
  asyncAmdStatusCallbackMethod: 'POST',
  record: false,
  recordingStatusCallback: null,
  recordingStatusCallbackMethod: 'POST',
} as const satisfies Partial<CallRequest>

/** What is kept of a call for ever: small, because hundreds of thousands are held in memory. */
export interface Call {
  readonly sid: string
  readonly to: string
  readonly from: string
  /** The call that dialed this one; null for a call made through the API. */
  readonly parentSid: string | null
  /** 1 for the first call to this number. */
  readonly attempt: number
  status: CallStatus
  /** Milliseconds since 1970, like all instants here. */
  readonly createdAt: number
  updatedAt: number
  startedAt: number | null
  answeredAt: number | null
  endedAt: number | null
  /** Talking time in seconds of the real world, whatever the speed factor. */
  durationSeconds: number | null
  answeredBy: string | null
  queueMs: number
  /** Everything that only a call in flight needs; null once the call has ended. */
  live: LiveCall | null
}

export interface LiveCall {
  request: CallRequest
  plan: CallPlan
  magic: MagicNumber | null
  /** The next SequenceNumber. */
  sequence: number
  verbs: readonly Verb[]
  /** Index into `verbs` of what is being done now. */
  step: number
  /** The address the instructions came from; null when they came with the request. */
  documentUrl: string | null
  documentsFetched: number
  /** Seconds talked before the current verb began. */
  talkedSeconds: number
  /** The person hangs up at this talking time. */
  hangUpAtSeconds: number
  /** What is being heard now; null between verbs. */
  hearing: Hearing | null
  /** Grows whenever new instructions arrive: what was begun under an older number is stale. */
  turn: number
  /** Calls that were dialed by this one and are over. */
  dials: number
  /** The call that this one has dialed and is joined with. */
  dialed: Call | null
  /** The conference that it is in. */
  conference: Conference | null
  /** Told when the call has ended: the one that dialed it goes on. */
  onEnd: (() => void) | null
  cancelTimer: () => void
  /** A detection that goes on beside the instructions. */
  cancelDetection: () => void
  /** A callback that waits for the next one to overtake it. */
  heldCallback: (() => void) | null
}

/** Something that takes time on an answered call. */
export interface Hearing {
  event: HeardFact['event']
  text?: string
  url?: string
  /** Its whole length. */
  seconds: number
  startedAt: number
  /** Index of the verb that comes after it. */
  nextStep: number
}

/** A live part at its very beginning: queued, nothing said. */
export function startLife(request: CallRequest, plan: CallPlan, magic: MagicNumber | null): LiveCall {
  return {
    request,
    plan,
    magic,
    sequence: 0,
    verbs: [],
    step: 0,
    documentUrl: null,
    documentsFetched: 0,
    talkedSeconds: 0,
    hangUpAtSeconds: plan.hangsUpAfterSeconds ?? Infinity,
    hearing: null,
    turn: 0,
    dials: 0,
    dialed: null,
    conference: null,
    onEnd: null,
    cancelTimer: () => undefined,
    cancelDetection: () => undefined,
    heldCallback: null,
  }
}
