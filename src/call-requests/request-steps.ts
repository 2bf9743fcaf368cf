/** What a due promise does, within the transaction that marks it as kept. */
import { queueMail } from '../accounts/outbox-store.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { tellMoves } from '../calls/call-telling.ts'
import { insertWaitingCall, wakeDialers } from '../calls/new-call-store.ts'
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import type { Tx } from '../db/sql.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'
import type { QueueText } from '../messages/text-queue.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import { uuidV7 } from '../random.ts'
import { otherSide, personOf, type CallRequest, type Side } from './call-request.ts'
import { nextStep } from './call-step.ts'
import { findPeople, type Person } from './party-store.ts'
import { reminderSubject } from './reminder-gate.ts'
import { nameOf } from './request-letters.ts'
import { pageEvents } from './request-moves.ts'
import { findRequest, type RequestName } from './request-store.ts'
import { missedWords, reminderWords } from './request-words.ts'
import * as timers from './timer-store.ts'

export type StepContext = { now: Date; from: string; queueText: QueueText; carrierAccountId: number }

/** A call that is to be ended once the transaction has committed. */
export type Ended = { workspaceId: number; callId: string }

type Parties = { user: Person; hero: Person }
const sides: readonly Side[] = ['user', 'hero']
const lookAgainMs = 1_000

/** Reminds both parties of each of these locked requests, unless the time does not stand or has come. */
export async function remind(tx: Tx, due: readonly RequestName[], context: StepContext): Promise<void> {
  const batches: WorkspaceBatch[] = []
  for (const name of due) {
    const request = await findRequest(tx, name)
    await timers.clearReminder(tx, name)
    if (request === null || request.status !== 'a' || request.agreedTime === null) continue
    if (request.agreedTime <= context.now) continue
    const parties = await partiesOf(tx, request)
    for (const side of sides) {
      const [to, other] = [parties[side], parties[otherSide(side)]]
      const body = reminderWords(request, to, other, context.now)
      const about = { kind: 'reminder' as const, subject: reminderSubject(request, side) }
      batches.push(
        ...(await tell(tx, request, { to, body, ...about, expiresAt: request.agreedTime }, context)),
      )
    }
  }
  await closeBatch(tx, { now: context.now, workspaces: batches })
}

/** Takes the next step of one locked request. Returns the calls that are to be ended. */
export async function takeStep(tx: Tx, name: RequestName, context: StepContext): Promise<Ended[]> {
  const { now } = context
  const request = await findRequest(tx, name)
  if (request === null) return []
  const step = nextStep(request, await timers.findLegs(tx, request), now)
  switch (step.kind) {
    case 'wait':
      await timers.stepLater(tx, name, step.until)
      return []
    case 'rest':
      await timers.stepLater(tx, name, null)
      return step.hangUp.map((callId) => ({ workspaceId: name.workspaceId, callId }))
    case 'ring':
      await ring(tx, request, context)
      return []
    case 'joined':
      await timers.noteJoined(tx, name, { until: step.until, now })
      await close(tx, name, [], now)
      return []
    case 'close':
      await timers.noteMissed(tx, name, { outcome: step.outcome, reason: step.reason, now })
      await close(tx, name, await tellMissed(tx, request, step.outcome, context), now)
      return []
  }
}

/** Rings the hero; whoever answers there is joined with the user, whom the carrier rings then. */
async function ring(tx: Tx, request: CallRequest, context: StepContext): Promise<void> {
  const { now, from } = context
  const { workspaceId } = request
  const parties = await partiesOf(tx, request)
  const { defaultRegion } = await findSettings(tx, workspaceId)
  const to = readPhoneNumber(parties.hero.phone, defaultRegion).e164
  const number = readPhoneNumber(parties.user.phone, defaultRegion).e164
  if (to === null || number === null || to === number) {
    const reason = to === null ? 'hero_without_phone' : number === null ? 'user_without_phone' : 'same_phone'
    await timers.noteMissed(tx, request, { outcome: 'failed', reason, now })
    return close(tx, request, [], now)
  }
  const minutes = request.estimatedLength
  const message = `This is your call with ${nameOf(parties.user)}. You have ${minutes} minutes. One moment please.`
  const call = {
    to,
    from,
    customerName: `${nameOf(parties.hero)} and ${nameOf(parties.user)}`.slice(0, 200),
    agentId: null,
    message,
    voice: null,
    messageSeconds: estimatedSpeechSeconds(message),
    dueAt: now,
    scheduledFor: null,
  }
  const id = uuidV7(now.getTime())
  const born = await insertWaitingCall(tx, call, {
    workspaceId,
    id,
    carrierAccountId: context.carrierAccountId,
    createdBy: null,
    now,
    join: { number, planId: null },
    room: timers.roomOf(request),
  })
  await wakeDialers(tx)
  const lookAt = new Date(now.getTime() + lookAgainMs)
  await timers.noteRinging(tx, request, { callId: id, lookAt, now })
  await close(tx, request, tellMoves([{ before: null, after: born }]), now)
}

/** The party that was there learns that the other one was not. */
async function tellMissed(
  tx: Tx,
  request: CallRequest,
  outcome: 'held' | 'hero_missed' | 'user_missed' | 'failed',
  context: StepContext,
): Promise<WorkspaceBatch[]> {
  const there: Side = outcome === 'hero_missed' ? 'user' : 'hero'
  const parties = await partiesOf(tx, request)
  const body = missedWords(outcome, parties[otherSide(there)])
  if (body === null) return []
  const subject = `request ${request.id} missed`
  return tell(tx, request, { to: parties[there], body, kind: 'single', subject, expiresAt: null }, context)
}

type Telling = {
  to: Person
  body: string
  kind: 'reminder' | 'single'
  subject: string
  expiresAt: Date | null
}

/** A text; a mail for somebody without a phone that can be read. */
async function tell(
  tx: Tx,
  request: CallRequest,
  telling: Telling,
  context: StepContext,
): Promise<WorkspaceBatch[]> {
  const { to, body, kind, subject, expiresAt } = telling
  const { workspaceId } = request
  const { defaultRegion } = await findSettings(tx, workspaceId)
  const number = readPhoneNumber(to.phone, defaultRegion).e164
  if (number === null) {
    if (to.isVerifiedEmail)
      await queueMail(tx, workspaceId, { to: to.email, subject: body, body, calendar: null }, context.now)
    return []
  }
  const wanted = {
    workspaceId,
    to: number,
    from: context.from,
    body,
    kind,
    subject,
    lane: 'reminder' as const,
  }
  const due = expiresAt === null ? {} : { expiresAt }
  return (await context.queueText(tx, { ...wanted, ...due }, context.now)).batch
}

async function partiesOf(tx: Tx, request: CallRequest): Promise<Parties> {
  const ids = sides.map((side) => personOf(request, side))
  const people = await findPeople(tx, request.workspaceId, ids)
  const [user, hero] = ids.map((id) => people.get(id))
  if (user === undefined || hero === undefined) throw new Error('a party of a request is not there')
  return { user, hero }
}

async function close(
  tx: Tx,
  name: RequestName,
  batches: readonly WorkspaceBatch[],
  now: Date,
): Promise<void> {
  const request = await findRequest(tx, name)
  const pages = request === null ? [] : [pageEvents(request)]
  await closeBatch(tx, { now, workspaces: [...batches, ...pages] })
}
