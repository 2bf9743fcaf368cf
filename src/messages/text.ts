/**
 * The life of one text (SMS). Pure: no clock, no database, no carrier.
 *
 *   queued ─→ sending ─→ accepted ─→ sent ─→ delivered | undelivered | failed
 *      └→ canceled ├→ unknown ─┘        └──→ unconfirmed (sent, and never a word about its delivery)
 *                  └→ not_sent (nothing was sent: it is given back) | held (for a person to decide)
 *
 * Carriers report late, twice and out of order, so a text only moves forward: a report that would not advance it is kept
 * in its history and changes nothing.
 */

export const textStates = [
  'queued',
  'sending',
  'unknown',
  'accepted',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'canceled',
  'unconfirmed',
  'not_sent',
  'held',
] as const
export type TextState = (typeof textStates)[number]
export type FinalTextState =
  'delivered' | 'undelivered' | 'failed' | 'canceled' | 'unconfirmed' | 'not_sent' | 'held'

const live: TextState[] = ['sending', 'unknown', 'accepted', 'sent']
/** Final until the carrier's own word on how it ended decides otherwise. */
const undecided: TextState[] = ['held', 'unconfirmed']
const before: Record<TextState, readonly TextState[]> = {
  queued: [],
  sending: ['queued'],
  unknown: ['sending'],
  accepted: ['sending', 'unknown'],
  sent: ['sending', 'unknown', 'accepted'],
  delivered: [...live, ...undecided],
  undelivered: [...live, ...undecided],
  failed: [...live, ...undecided],
  canceled: ['queued', ...live, 'held'],
  unconfirmed: ['accepted', 'sent'],
  not_sent: ['sending', 'unknown'],
  held: ['unknown'],
}

export function mayMoveText(from: TextState, to: TextState): boolean {
  return before[to].includes(from)
}

/** Under way: it may still reach the person. */
export function isLiveText(state: TextState): boolean {
  return live.includes(state)
}

/** Not known to have left the carrier: no identical text may be begun beside it. */
export function isOpenText(state: TextState): boolean {
  return isLiveText(state) && state !== 'sent'
}

export function isFinalText(state: TextState): state is FinalTextState {
  return state !== 'queued' && !isLiveText(state)
}

export function isUndecidedText(state: TextState): boolean {
  return undecided.includes(state)
}

export const textStatuses = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'canceled',
] as const
/** The word that programs know for a state. */
export type TextStatus = (typeof textStatuses)[number]

export const textStatus: Record<TextState, TextStatus> = {
  queued: 'queued',
  sending: 'sending',
  unknown: 'sending',
  accepted: 'sending',
  sent: 'sent',
  delivered: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
  canceled: 'canceled',
  unconfirmed: 'sent',
  not_sent: 'canceled',
  held: 'failed',
}

export function statesOfStatus(status: TextStatus): TextState[] {
  return textStates.filter((state) => textStatus[state] === status)
}

/** Who goes first on the carrier's budget. The first two do not wait for a slot. */
export const lanes = ['otp', 'reminder', 'single', 'bulk'] as const
export type Lane = (typeof lanes)[number]

export function isUrgent(lane: Lane): boolean {
  return lane === 'otp' || lane === 'reminder'
}

/** The places of the urgent lanes, or of the others, as they stand in rows. */
export function lanePlaces(urgent: boolean): number[] {
  return lanes.flatMap((lane, place) => (isUrgent(lane) === urgent ? [place] : []))
}

/** Whose text it is. Its gate, if it has one, is asked in the moment of sending. */
export type TextKind = 'single' | 'campaign' | 'reply' | 'otp' | 'reminder'

/** A text as its row says. Times are product time. */
export type Text = {
  workspaceId: number
  id: string
  campaignId: number | null
  runId: number | null
  numberId: number | null
  attempt: number
  kind: TextKind
  /** What it is about, in the words of its kind: the id of a code, of a reminder. */
  subject: string | null
  lane: Lane
  toNumber: string
  fromNumber: string
  /** As it is sent; of a code its template, because the code is stored nowhere. */
  body: string
  segments: number
  encoding: 'GSM-7' | 'UCS-2'
  state: TextState
  reason: string | null
  carrierSid: string | null
  /** The carrier named this id again after its answer to the request. */
  sidConfirmed: boolean
  dueAt: Date | null
  createdAt: Date
  sentAt: Date | null
  endedAt: Date | null
  entries: number
}
