/** What a due promise does, within the transaction that marks it as kept. */
import { queueMail } from '../accounts/outbox-store.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { tellMoves } from '../calls/call-telling.ts'
import type { Tx } from '../db/sql.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'
import type { QueueText } from '../messages/text-queue.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import { otherSide, personOf, type CallRequest, type Side } from './call-request.ts'
import { nextStep, type Closing, type Legs, type Step } from './call-step.ts'
import { findPeople, type Parties, type Person } from './party-store.ts'
import { reminderSubject } from './reminder-gate.ts'
import { pageEvents } from './request-moves.ts'
import { ring } from './request-ring.ts'
import { findRequest, type RequestName } from './request-store.ts'
import { missedWords, reminderWords } from './request-words.ts'
import * as timers from './timer-store.ts'

export type StepContext = { now: Date; from: string; queueText: QueueText; carrierAccountId: number }

/** What is to be asked of the carrier, or told to it, once the transaction has committed. */
export type Afterwards = {
  hangUp: readonly string[]
  /** Who is in this room is not known: look, and take the step again when these calls are. */
  look: { room: string; sids: readonly string[] } | null
  /** What is said to those who are on the line and will talk to nobody. */
  farewells: readonly { sid: string; words: string }[]
}

const nothing: Afterwards = { hangUp: [], look: null, farewells: [] }
const sides: readonly Side[] = ['user', 'hero']
const lookAgainMs = 1_000
/** A farewell is heard out before the call is ended. */
const farewellMs = 15_000

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

/** Takes the next step of one locked request. `together`: the carrier has shown both in the room. */
export async function takeStep(
  tx: Tx,
  name: RequestName,
  context: StepContext & { together?: boolean },
): Promise<Afterwards> {
  const { now } = context
  const request = await findRequest(tx, name)
  if (request === null) return nothing
  const known = await timers.findLegs(tx, request)
  const legs = { ...known, together: known.together || context.together === true }
  const step = nextStep(request, legs, now)
  switch (step.kind) {
    case 'wait':
      await timers.stepLater(tx, name, step.until)
      return nothing
    case 'look':
      await timers.stepLater(tx, name, step.until)
      return { ...nothing, look: { room: timers.roomOf(request), sids: step.sids } }
    case 'rest':
      await timers.stepLater(tx, name, null)
      return { ...nothing, hangUp: step.hangUp }
    case 'ring':
      return ringNext(tx, request, { ...context, step, legs })
    case 'joined':
      await timers.noteJoined(tx, name, { until: step.until, now })
      await close(tx, name, [], now)
      return nothing
    case 'close':
      return closeMissed(tx, request, { ...context, step, legs })
  }
}

/** Rings the next one; whoever answers is taken to the room. */
async function ringNext(
  tx: Tx,
  request: CallRequest,
  context: StepContext & { step: Extract<Step, { kind: 'ring' }>; legs: Legs },
): Promise<Afterwards> {
  const { now, from, carrierAccountId, legs } = context
  const { side } = context.step
  const parties = await partiesOf(tx, request)
  const rung = await ring(tx, request, { side, parties, from, carrierAccountId, now })
  if (!rung.ok) {
    const { reason, absent } = rung
    const step: Closing = { kind: 'close', outcome: 'failed', reason, absent }
    return closeMissed(tx, request, { ...context, step, legs })
  }
  const lookAt = new Date(now.getTime() + lookAgainMs)
  await timers.noteRinging(tx, request, { side, callId: rung.call.id, lookAt, now })
  await close(tx, request, tellMoves([{ before: null, after: rung.call }]), now)
  return nothing
}

/** Records that it came to nothing, and tells those who were there: by text, and whoever is on the line by voice. */
async function closeMissed(
  tx: Tx,
  request: CallRequest,
  context: StepContext & { step: Closing; legs: Legs },
): Promise<Afterwards> {
  const { now, legs } = context
  const { outcome, reason, absent } = context.step
  const parties = await partiesOf(tx, request)
  const batches: WorkspaceBatch[] = []
  const farewells: { sid: string; words: string }[] = []
  for (const side of sides) {
    if (side === absent) continue
    const words = missedWords(parties[otherSide(side)], absent !== null)
    const about = { kind: 'single' as const, subject: missedSubject(request, side), expiresAt: null }
    batches.push(...(await tell(tx, request, { to: parties[side], body: words, ...about }, context)))
    const leg = legs[side]
    if (leg?.state === 'in_progress' && leg.sid !== null) farewells.push({ sid: leg.sid, words })
  }
  const endAt = farewells.length > 0 ? new Date(now.getTime() + farewellMs) : now
  await timers.noteMissed(tx, request, { outcome, reason, endAt, now })
  await close(tx, request, batches, now)
  return { ...nothing, farewells }
}

function missedSubject(request: CallRequest, side: Side): string {
  return `request ${request.id} agreement ${request.agreements} missed ${side}`
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
