/**
 * The moves of a negotiation, each within the caller's transaction: lock, decide, write, tell. The decision is
 * call-request.ts's; the API and the booking page make their moves here, so both have the same rules.
 */
import { queueMail } from '../accounts/outbox-store.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'
import { linkEnd, type BookingLinks } from './booking-link.ts'
import { countCancellations, insertFee } from './cancellation-store.ts'
import { calendarOf } from './calendar.ts'
import * as rules from './call-request.ts'
import type { CallRequest, Side, Times } from './call-request.ts'
import { letter, nameOf, type Move } from './request-letters.ts'
import { findPeople } from './party-store.ts'
import * as store from './request-store.ts'

/** What every move needs beside the request. */
export type MoveContext = {
  tx: Tx
  now: Date
  links: BookingLinks
  /** Where links lead. */
  origin: string
  /** What fees are charged in. */
  currency: string
}

/** The hero takes the request and suggests times. */
export async function accept(context: MoveContext, request: CallRequest, times: Times): Promise<CallRequest> {
  rules.requireAcceptable(request)
  await store.insertProposal(context.tx, request, { userId: request.heroUserId, times, now: context.now })
  return told(context, request, { mover: 'hero', move: { kind: 'accepted', times } })
}

export async function decline(
  context: MoveContext,
  request: CallRequest,
  reason: string,
): Promise<CallRequest> {
  rules.requireDeclinable(request)
  await store.declineRequest(context.tx, request, { reason, now: context.now })
  return told(context, request, { mover: 'hero', move: { kind: 'declined', reason } })
}

/** Either party suggests other times; a time that was agreed stays until another one is. */
export async function propose(
  context: MoveContext,
  request: CallRequest,
  { side, times }: { side: Side; times: Times },
): Promise<CallRequest> {
  rules.requireProposable(request, times)
  const userId = rules.personOf(request, side)
  await store.insertProposal(context.tx, request, { userId, times, now: context.now })
  return told(context, request, { mover: side, move: { kind: 'proposed', times } })
}

/** Either party takes a time of the other. Throws `time_overlaps` (409) when one of them has another call then. */
export async function agree(
  context: MoveContext,
  request: CallRequest,
  { side, time }: { side: Side; time: Date },
): Promise<CallRequest> {
  const { tx, now } = context
  if (!rules.agreement(request, side, { time, now })) return request
  const to = new Date(time.getTime() + request.estimatedLength * 60_000)
  if (!(await store.takeTime(tx, request, { from: time, to }))) {
    throw new AppError(
      'conflict',
      'time_overlaps',
      'One of you has another agreed call at that time. Choose another time, or suggest new ones.',
      { param: 'agreed_time' },
    )
  }
  await store.agreeOn(tx, request, { time, remindAt: rules.reminderAt(time, now), now })
  return told(context, request, { mover: side, move: { kind: 'agreed' } })
}

export type Cancel = { by: string; side: Side | null; reason: string; force: boolean }

/** Closes the request. A fee that it costs is charged afterwards and never undoes it. */
export async function cancel(
  context: MoveContext,
  request: CallRequest,
  given: Cancel,
): Promise<CallRequest> {
  const { tx, now } = context
  const { workspaceId } = request
  const settings = await findSettings(tx, workspaceId)
  const since = new Date(now.getTime() - settings.cancellationWindowDays * 24 * 60 * 60_000)
  const cancelled = await countCancellations(tx, { workspaceId, userId: given.by }, since)
  const limit = settings.cancellationLimit
  const { counts, beyondLimit } = rules.cancellation(request, given.side, {
    cancelled,
    limit,
    force: given.force,
  })
  await store.cancelRequest(tx, request, { by: given.by, reason: given.reason, counts, now })
  await store.freeTime(tx, request)
  if (beyondLimit && settings.cancellationFee !== null) {
    const fee = { workspaceId, requestId: request.id, userId: given.by, amount: settings.cancellationFee }
    await insertFee(tx, { ...fee, currency: context.currency, now })
  }
  return told(context, request, { mover: given.side, move: { kind: 'cancelled', reason: given.reason } })
}

/** A new request was made. */
export function tellAsked(context: MoveContext, request: CallRequest): Promise<CallRequest> {
  return told(context, request, { mover: 'user', move: { kind: 'asked' } })
}

/**
 * Reads the request as it is now and tells everybody concerned: the other party by mail (both, of an agreement and of
 * what the office did), and open pages. The last thing a move does.
 */
async function told(
  context: MoveContext,
  before: CallRequest,
  { mover, move }: { mover: Side | null; move: Move },
): Promise<CallRequest> {
  const { tx, now } = context
  const request = await store.findRequest(tx, before)
  if (request === null) throw new Error('a request that was just moved is not there')
  const people = await findPeople(tx, request.workspaceId, [request.userId, request.heroUserId])
  const everybody = move.kind === 'agreed' || mover === null
  for (const side of ['user', 'hero'] as const) {
    if (side === mover && !everybody) continue
    const to = people.get(rules.personOf(request, side))
    const other = people.get(rules.personOf(request, rules.otherSide(side)))
    // An address that was never proven may be a stranger's.
    if (to === undefined || other === undefined || !to.isVerifiedEmail) continue
    const link = linkFor(context, request, side)
    const names = side === 'user' ? [to, other] : [other, to]
    const [user, hero] = names.map(nameOf)
    const calendar =
      move.kind === 'agreed'
        ? calendarOf(request, { user: user ?? '', hero: hero ?? '' }, { now, url: link })
        : null
    await queueMail(tx, request.workspaceId, letter({ request, move, mover, to, other, link, calendar }), now)
  }
  await closeBatch(tx, { now, workspaces: [pageEvents(request)] })
  return request
}

/** What the pages of both parties are told: which request to read again. */
export function pageEvents(request: CallRequest): WorkspaceBatch {
  const data = { id: request.id, status: request.status }
  const events = [request.userId, request.heroUserId].map((visibleTo) => ({
    kind: 'requests.changed',
    visibleTo,
    data,
  }))
  return { workspaceId: request.workspaceId, totals: [], events }
}

/** The address of one party's booking page. */
export function linkFor(
  context: Pick<MoveContext, 'links' | 'origin' | 'now'>,
  { workspaceId, id }: store.RequestName,
  side: Side,
): string {
  const token = context.links.write({ workspaceId, id, side, expiresAt: linkEnd(context.now) })
  return `${context.origin}/b/${token}`
}
