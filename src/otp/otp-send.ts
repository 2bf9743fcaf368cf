/** Sends a code: counts it against every limit, keeps one code that counts per number, and hands it to a text or a call. */
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Settings } from '../accounts/settings.ts'
import { nextMidnight, startOfDay } from '../calls/calling-window.ts'
import { holdForCall } from '../calls/call-credits.ts'
import { tellMoves } from '../calls/call-telling.ts'
import { insertWaitingCall, wakeDialers } from '../calls/new-call-store.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import type { Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { holdForText } from '../messages/text-credits.ts'
import type { QueueText } from '../messages/text-queue.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { listBlocked } from '../numbers/do-not-call-store.ts'
import { uuidV7 } from '../random.ts'
import { isSameCode, prefixOf, writtenMessage, type OtpCodes, type OtpUse } from './otp-code.ts'
import { mostTries, refusalOf } from './otp-limits.ts'
import type { WantedOtp } from './otp-request.ts'
import * as store from './otp-store.ts'

export type SendDeps = { codes: OtpCodes; queueText: QueueText; carrierAccountId: number }

export type Sending = {
  workspaceId: number
  userId: string | null
  use: OtpUse
  wanted: WantedOtp
  callerIds: CallerIds
  now: Date
}

/** `batch` belongs into the closeBatch that ends the caller's transaction. */
export type SentOtp = { otp: store.Otp; batch: WorkspaceBatch[] }

/** Throws too_many with its Retry-After beyond a limit; then nothing was written. */
export async function sendOtp(tx: Tx, deps: SendDeps, sending: Sending): Promise<SentOtp> {
  const { workspaceId, wanted, now } = sending
  const settings = await findSettings(tx, workspaceId)
  await requireWithinLimits(tx, sending, settings)
  const { blocked } = await listBlocked(tx, workspaceId, { number: wanted.number, limit: 1, offset: 0 })
  if (blocked.length > 0) {
    const sentence = 'number is on the do-not-call list. Take it off with DELETE /api/do-not-call/.'
    throw new AppError('conflict', 'do_not_call', sentence, { param: 'number' })
  }
  const otp = await liveCode(tx, deps, sending)
  await store.insertSend(tx, otp, prefixOf(wanted.number), now)
  const batch =
    wanted.channel === 'text'
      ? await text(tx, deps, { sending, otp, settings })
      : await call(tx, deps, { sending, otp, settings })
  return { otp, batch: [...batch, otpChanged(otp)] }
}

export function otpChanged(otp: store.Otp): WorkspaceBatch {
  const events = [{ kind: 'otp.changed', visibleTo: null, data: { otp_id: otp.id } }]
  return { workspaceId: otp.workspaceId, totals: [], events }
}

async function requireWithinLimits(tx: Tx, sending: Sending, settings: Settings): Promise<void> {
  const { workspaceId, wanted, now } = sending
  const prefix = prefixOf(wanted.number)
  const today = startOfDay(settings.timeZone, now)
  const sends = await store.countDay(tx, workspaceId, today.toISOString().slice(0, 10))
  const recent = await store.recentSends(tx, { workspaceId, number: wanted.number, prefix }, now)
  const refusal = refusalOf({
    now,
    toNumber: recent.toNumber,
    toPrefix: isMagicNumber(wanted.number) ? [] : recent.toPrefix,
    conversion: await store.conversionOf(tx, { workspaceId, prefix }, now),
    today: { sends, most: settings.otpPerDay, endsAt: nextMidnight(settings.timeZone, now) },
  })
  if (refusal === null) return
  const retryAfterSeconds = Math.ceil(refusal.retryAfterMs / 1_000)
  const sentence = `${refusal.sentence} Try again in ${retryAfterSeconds} seconds.`
  throw new AppError('too_many', refusal.code, sentence, { retryAfterSeconds })
}

/** The same code again while it counts; a new one closes what was there. */
async function liveCode(
  tx: Tx,
  { codes }: SendDeps,
  { workspaceId, use, wanted, now }: Sending,
): Promise<store.Otp> {
  const open = await store.lockOpenCode(tx, workspaceId, { ...use, number: wanted.number })
  if (open !== null) {
    const counts = open.expiresAt > now && open.attempts < mostTries && open.kind === wanted.kind
    if (counts && (wanted.code === null || isSameCode(wanted.code, codes.codeOf(open))))
      return store.sendAgain(tx, open, wanted, now)
    await store.closeCode(tx, open, now)
  }
  const id = uuidV7(now.getTime())
  const sealed = wanted.code === null ? null : codes.seal(id, wanted.code)
  return store.insertCode(tx, { ...wanted, ...use, workspaceId, id, sealed }, now)
}

type Step = { sending: Sending; otp: store.Otp; settings: Settings }

async function text(tx: Tx, deps: SendDeps, { sending, otp, settings }: Step): Promise<WorkspaceBatch[]> {
  const { text: born, batch } = await deps.queueText(
    tx,
    {
      workspaceId: otp.workspaceId,
      to: otp.number,
      from: fromNumber(sending.callerIds),
      body: writtenMessage(otp.template, deps.codes.codeOf(otp)),
      stored: otp.template,
      kind: 'otp',
      lane: 'otp',
      subject: otp.id,
      expiresAt: otp.expiresAt,
      createdBy: sending.userId,
    },
    sending.now,
  )
  await holdForText(tx, born, { settings, now: sending.now })
  return batch
}

async function call(tx: Tx, deps: SendDeps, { sending, otp, settings }: Step): Promise<WorkspaceBatch[]> {
  const { now } = sending
  const wanted = {
    to: otp.number,
    from: fromNumber(sending.callerIds),
    customerName: null,
    agentId: null,
    message: otp.template,
    voice: null,
    messageSeconds: estimatedSpeechSeconds(otp.template) + otp.length * 2,
    dueAt: now,
    scheduledFor: null,
  }
  const birth = {
    workspaceId: otp.workspaceId,
    id: uuidV7(now.getTime()),
    carrierAccountId: deps.carrierAccountId,
    createdBy: sending.userId,
    now,
    join: null,
  }
  const born = await insertWaitingCall(tx, wanted, birth)
  await store.bindCall(tx, born, otp.id)
  await holdForCall(tx, { ...wanted, workspaceId: otp.workspaceId, id: born.id }, { settings, now })
  await wakeDialers(tx)
  return tellMoves([{ before: null, after: born }])
}

function fromNumber({ chosen }: CallerIds): string {
  if (chosen !== null) return chosen
  const sentence = 'There is no number to send from. Buy one at /api/system/phone_numbers, or set CALLER_ID.'
  throw new AppError('conflict', 'no_caller_id', sentence)
}
