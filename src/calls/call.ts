/**
 * The life of one phone call. Pure: no clock, no database, no carrier.
 *
 *   queued ─→ placing ─→ initiated ─→ ringing ─→ in_progress ─→ completed
 *      └→ canceled ├→ unknown ─┘          └───────────→ busy | no_answer | failed | canceled
 *                  └→ not_placed (nobody was dialed: the attempt is given back) | held (for a person to decide)
 *
 * Carriers report late, twice and out of order, so a call only moves forward: a report that would not advance it
 * is kept in its history and changes nothing.
 */

export const callStates = [
  'queued',
  'placing',
  'unknown',
  'initiated',
  'ringing',
  'in_progress',
  'completed',
  'busy',
  'no_answer',
  'failed',
  'canceled',
  'not_placed',
  'held',
] as const
export type CallState = (typeof callStates)[number]

export const openStates = ['placing', 'unknown', 'initiated', 'ringing', 'in_progress'] as const
export type FinalState = 'completed' | 'busy' | 'no_answer' | 'failed' | 'canceled' | 'not_placed' | 'held'

const live: CallState[] = ['placing', 'unknown', 'initiated', 'ringing', 'in_progress']
const before: Record<CallState, readonly CallState[]> = {
  queued: [],
  placing: ['queued'],
  unknown: ['placing'],
  initiated: ['placing', 'unknown'],
  ringing: ['placing', 'unknown', 'initiated'],
  in_progress: ['placing', 'unknown', 'initiated', 'ringing'],
  // A held call is final until somebody decides; the carrier's own word on how it ended decides it.
  completed: [...live, 'held'],
  busy: [...live, 'held'],
  no_answer: [...live, 'held'],
  failed: [...live, 'held'],
  canceled: ['queued', ...live, 'held'],
  not_placed: ['placing', 'unknown'],
  held: ['unknown'],
}

/** The states from which a call may move to `to`. */
export function statesBefore(to: CallState): readonly CallState[] {
  return before[to]
}

export function mayMove(from: CallState, to: CallState): boolean {
  return before[to].includes(from)
}

export function isOpen(state: CallState): boolean {
  return live.includes(state)
}

export function isFinal(state: CallState): state is FinalState {
  return state !== 'queued' && !isOpen(state)
}

export type Bucket = 'pending' | 'active' | 'completed' | 'failed'
export const buckets: readonly Bucket[] = ['pending', 'active', 'completed', 'failed']
export type WireStatus =
  'initiated' | 'ringing' | 'in_progress' | 'completed' | 'busy' | 'no_answer' | 'failed' | 'canceled'

/** The word that the dashboard's programs know for a state; `not_placed` calls are not on the board. */
export const wireStatus: Record<CallState, WireStatus> = {
  queued: 'initiated',
  placing: 'initiated',
  unknown: 'initiated',
  initiated: 'initiated',
  ringing: 'ringing',
  in_progress: 'in_progress',
  completed: 'completed',
  busy: 'busy',
  no_answer: 'no_answer',
  failed: 'failed',
  canceled: 'canceled',
  not_placed: 'canceled',
  held: 'failed',
}

const bucketOf: Record<CallState, Bucket | null> = {
  queued: 'pending',
  placing: 'pending',
  unknown: 'pending',
  initiated: 'pending',
  ringing: 'active',
  in_progress: 'active',
  completed: 'completed',
  busy: 'failed',
  no_answer: 'failed',
  failed: 'failed',
  canceled: 'failed',
  held: 'failed',
  not_placed: null,
}

export function bucket(state: CallState): Bucket | null {
  return bucketOf[state]
}

export function statesInBucket(wanted: Bucket): CallState[] {
  return callStates.filter((state) => bucketOf[state] === wanted)
}

/** A call as its row says. Times are product time unless named otherwise; durations are whole seconds. */
export type Call = {
  workspaceId: number
  id: string
  campaignId: number | null
  runId: number | null
  numberId: number | null
  attempt: number
  agentId: string | null
  toNumber: string
  fromNumber: string
  customerName: string | null
  messageSeconds: number
  state: CallState
  reason: string | null
  carrierSid: string | null
  /** The carrier named this id again after its answer to the dial. */
  sidConfirmed: boolean
  createdAt: Date
  startedAt: Date | null
  endedAt: Date | null
  duration: number
  heard: boolean
  playback: number
  hangUp: boolean
  /** Who answered, in the carrier's word; null: it was not asked, or is not known. */
  answeredBy: string | null
  /** The keys that were pressed, each once. */
  pressed: string | null
  recording: Recording | null
  entries: number
}

/** What the carrier keeps of a call, or kept until somebody deleted it. */
export type Recording = { sid: string; seconds: number; deleted: boolean }
