/**
 * A call request: what it is, and what each party may do with it. Pure: no clock, no database.
 *
 *   open ─→ accepted ─→ held
 *     │        │ └→ any number of proposals; a time may be agreed, and another one after that
 *     ├→ declined
 *     └────────┴→ cancelled
 *
 * Every decision about a request is made here. A refusal is an AppError with the sentence that the caller reads.
 */
import { AppError } from '../errors.ts'
import { sixDecimalsText } from '../http/instants.ts'

export const statuses = ['o', 'a', 'd', 'c', 's'] as const
/** Open, accepted, declined, cancelled, held (both were joined). */
export type Status = (typeof statuses)[number]
export type Side = 'user' | 'hero'
export type Outcome = 'held' | 'hero_missed' | 'user_missed' | 'failed'

/** Up to three times in the order they were suggested; what is absent is null. */
export type Times = readonly [Date | null, Date | null, Date | null]
export type Proposal = { round: number; userId: string; times: Times; createdAt: Date }

export type CallRequest = {
  workspaceId: number
  id: number
  /** Who asks. */
  userId: string
  heroId: number
  /** The person behind the hero. */
  heroUserId: string
  message: string
  /** Minutes. */
  estimatedLength: number
  status: Status
  /** Of the decline; empty otherwise. */
  reason: string
  cancelReason: string | null
  cancelledBy: string | null
  rounds: number
  agreedTime: Date | null
  /** How many proposals there were when that time was agreed. */
  agreedRound: number | null
  /** How often a time was agreed. */
  agreements: number
  outcome: Outcome | null
  outcomeReason: string | null
  /** The call to the hero, for the time that stands. */
  callId: string | null
  joinedAt: Date | null
  createdAt: Date
  updatedAt: Date
  proposals: readonly Proposal[]
}

export const mostRounds = 100
/** When both are reminded, before the agreed time. */
export const reminderLeadMs = 15 * 60_000

/** The side of a person; null for somebody who is neither. */
export function sideOf(request: CallRequest, userId: string | null): Side | null {
  if (userId === request.userId) return 'user'
  return userId === request.heroUserId ? 'hero' : null
}

export function personOf(request: CallRequest, side: Side): string {
  return side === 'user' ? request.userId : request.heroUserId
}

export function otherSide(side: Side): Side {
  return side === 'user' ? 'hero' : 'user'
}

/** When the agreed call ends, its grace left out; null without an agreed time. */
export function endOf(request: CallRequest): Date | null {
  return request.agreedTime === null
    ? null
    : new Date(request.agreedTime.getTime() + request.estimatedLength * 60_000)
}

/** The newest proposal of one side; null when that side made none. */
export function latestProposal(request: CallRequest, side: Side): Proposal | null {
  const own = request.proposals.filter((proposal) => proposal.userId === personOf(request, side))
  return own.at(-1) ?? null
}

/** The times of a proposal, without those that were left out. */
export function givenTimes(times: Times): Date[] {
  return times.filter((time) => time !== null)
}

export function requireAcceptable(request: CallRequest): void {
  if (request.status !== 'o') throw wrongState('Call request must have an open status to accept it.')
}

export function requireDeclinable(request: CallRequest): void {
  if (request.status !== 'o') throw wrongState('Call request must have an open status to decline it.')
}

/** Throws when the request takes no proposal, and `time_already_proposed` for a time that was suggested before. */
export function requireProposable(request: CallRequest, times: Times): void {
  if (request.status !== 'a')
    throw wrongState('Call request must have an accepted status to suggest new times.')
  if (request.rounds >= mostRounds)
    throw wrongState(`A call request takes ${mostRounds} proposals. Agree on a time, or cancel it.`)
  const before = request.proposals.flatMap((proposal) =>
    givenTimes(proposal.times).map((time) => ({ time: time.getTime(), round: proposal.round })),
  )
  for (const [index, time] of times.entries()) {
    const known = before.find((one) => one.time === time?.getTime())
    if (time === null || known === undefined) continue
    const param = timeNames[index] ?? 'time_one'
    throw new AppError(
      'conflict',
      'time_already_proposed',
      `${param} ${sixDecimalsText(time)} was proposed in round ${known.round} already. Suggest another time.`,
      { param },
    )
  }
}

/**
 * Whether agreeing on `time` changes anything: the time that stands already may be agreed again. Throws when the other
 * party did not suggest it in their newest proposal, when it has passed, and when nothing new was suggested since the
 * last agreement.
 */
export function agreement(
  request: CallRequest,
  side: Side,
  { time, now }: { time: Date; now: Date },
): boolean {
  if (request.status !== 'a')
    throw wrongState('Call request must have an accepted status to agree on a time.')
  if (request.agreedTime?.getTime() === time.getTime()) return false
  const theirs = latestProposal(request, otherSide(side))
  const has = (proposal: Proposal | null) =>
    proposal !== null && givenTimes(proposal.times).some((one) => one.getTime() === time.getTime())
  const isOwn = request.proposals.some(
    (proposal) => proposal.userId === personOf(request, side) && has(proposal),
  )
  if (theirs === null || (isOwn && !has(theirs)))
    throw notAgreeable('own_time', 'User cannot accept his own time suggestions.')
  if (!has(theirs)) throw notAgreeable('time_not_proposed', notProposedSentence(time, theirs))
  if (request.agreedRound !== null && theirs.round <= request.agreedRound) {
    throw notAgreeable(
      'no_newer_proposal',
      `A time of this proposal was agreed already. Suggest new times to change it.`,
    )
  }
  if (time <= now)
    throw notAgreeable('time_passed', `agreed_time ${sixDecimalsText(time)} has passed. Suggest new times.`)
  if (isRinging(request, now))
    throw wrongState('The call is under way. It cannot be moved to another time now.')
  return true
}

/** The agreed time has come and its outcome is not known yet. */
export function isRinging(request: CallRequest, now: Date): boolean {
  return request.callId !== null && request.outcome === null && (request.agreedTime ?? now) <= now
}

export type CancellationRules = {
  /** How many cancellations of accepted requests this person has had within the window. */
  cancelled: number
  limit: number
  force: boolean
}

/** Whether this cancellation counts, and whether it is one beyond the limit, which costs the fee. Throws when it may not be. */
export function cancellation(
  request: CallRequest,
  side: Side | null,
  rules: CancellationRules,
): { counts: boolean; beyondLimit: boolean } {
  if (request.status !== 'o' && request.status !== 'a')
    throw wrongState(`Call request is already closed: it was ${statusWords[request.status]}.`)
  const counts = request.status === 'a' && side !== null
  const beyondLimit = counts && rules.cancelled >= rules.limit
  if (beyondLimit && !rules.force) {
    throw new AppError(
      'conflict',
      'too_many_cancellations',
      `You have already canceled ${rules.cancelled} times.`,
      { param: 'force' },
    )
  }
  return { counts, beyondLimit }
}

/** When both are to be reminded of a time that was just agreed: at once when it is nearer than fifteen minutes. */
export function reminderAt(agreedTime: Date, now: Date): Date {
  return new Date(Math.max(agreedTime.getTime() - reminderLeadMs, now.getTime()))
}

export const timeNames = ['time_one', 'time_two', 'time_three'] as const

const statusWords: Record<Status, string> = {
  o: 'opened',
  a: 'accepted',
  d: 'declined',
  c: 'cancelled',
  s: 'held',
}

function notProposedSentence(time: Date, theirs: Proposal): string {
  const listed = givenTimes(theirs.times).map(sixDecimalsText).join(', ')
  return `agreed_time ${sixDecimalsText(time)} is not in the newest proposal of the other party: ${listed}.`
}

function notAgreeable(code: string, message: string): AppError {
  return new AppError('invalid', code, message, { param: 'agreed_time' })
}

function wrongState(message: string): AppError {
  return new AppError('invalid', 'wrong_request_status', message)
}
