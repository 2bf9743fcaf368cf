/** What one claim writes. The statements are in the store; here candidates become rows. */
import { uuidV7 } from '../random.ts'
import type { Tx } from '../db/sql.ts'
import { appendEntries, lockCalls, type CallKey } from '../calls/call-store.ts'
import type { Call } from '../calls/call.ts'
import type { Move } from '../calls/call-telling.ts'
import type { Candidate } from './candidates.ts'
import type { Intent } from './claim.ts'
import type { Eligibility } from './eligibility.ts'
import * as intents from './intent-store.ts'

export type Born = { intents: Omit<Intent, 'slotMs'>[]; numbers: intents.NumberChange[]; moves: Move[] }

/** Writes the intents of the candidates that were taken, their history, and the state of their numbers. */
export async function writeIntents(tx: Tx, birth: intents.Birth, taken: readonly Candidate[]): Promise<Born> {
  if (taken.length === 0) return { intents: [], numbers: [], moves: [] }
  const named = taken.map((candidate) => ({
    candidate,
    callId: candidate.waitingCallId ?? uuidV7(birth.now.getTime()),
  }))
  const direct = named.filter(({ candidate }) => candidate.number === null)
  const fresh = named.filter(({ candidate }) => candidate.number !== null)
  const [inserted, placed] = await Promise.all([
    intents.insertIntents(
      tx,
      fresh.map(({ candidate, callId }) => newCall(candidate, callId)),
      birth,
    ),
    takeUpDirect(
      tx,
      direct.map(({ candidate, callId }) => ({ workspaceId: candidate.workspaceId, callId })),
      birth,
    ),
  ])
  const numbers = fresh.flatMap(({ candidate, callId }) =>
    numberTaken(candidate, inserted.has(callId), birth.now),
  )
  const moves: Move[] = [
    ...placed,
    ...fresh
      .filter(({ callId }) => inserted.has(callId))
      .map(({ candidate, callId }) => ({ before: null, after: intendedCall(candidate, callId, birth.now) })),
  ]
  await Promise.all([
    intents.moveNumbers(tx, numbers),
    appendEntries(
      tx,
      moves.map((move) => intended(move.after, birth.now)),
    ),
  ])
  const alive = new Set(moves.map((move) => move.after.id))
  return {
    intents: named.filter(({ callId }) => alive.has(callId)).map(toIntent),
    numbers,
    moves,
  }
}

/** Direct calls were born when they were asked for; here they become intents. */
async function takeUpDirect(tx: Tx, keys: readonly CallKey[], birth: intents.Birth): Promise<Move[]> {
  if (keys.length === 0) return []
  const before = await lockCalls(tx, keys)
  await intents.placeWaiting(
    tx,
    keys.map(({ workspaceId, callId }) => ({ workspaceId, id: callId })),
    birth,
  )
  const after = await lockCalls(tx, keys)
  return after.map((call) => ({ before: before.find((one) => one.id === call.id) ?? null, after: call }))
}

function toIntent({ candidate, callId }: { candidate: Candidate; callId: string }): Omit<Intent, 'slotMs'> {
  const { workspaceId, to, from, voice, message, joins, room, parts, options } = candidate
  const text = message.ok ? message.text : ''
  const runId = candidate.number?.runId ?? null
  return {
    workspaceId,
    callId,
    runId,
    to,
    from,
    voice,
    joins,
    room,
    text,
    options,
    ...(parts === null ? {} : { parts }),
  }
}

/** Written out, in the order of rows that were read: calls of one shape are what the report writer is fastest with. */
function intendedCall(candidate: Candidate, id: string, now: Date): Call {
  const { workspaceId, to, from, name, messageSeconds, number } = candidate
  return {
    workspaceId,
    id,
    campaignId: number?.campaignId ?? null,
    runId: number?.runId ?? null,
    numberId: number?.id ?? null,
    attempt: (number?.attempts ?? 0) + 1,
    agentId: null,
    toNumber: to,
    fromNumber: from,
    customerName: name,
    messageSeconds,
    state: 'placing',
    reason: null,
    carrierSid: null,
    sidConfirmed: false,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    duration: 0,
    heard: false,
    playback: 0,
    hangUp: false,
    answeredBy: null,
    pressed: null,
    recording: null,
    entries: 1,
  }
}

function newCall(candidate: Candidate, id: string): intents.NewCall {
  const number = candidate.number
  if (number === null) throw new Error('a direct call is not born in a claim')
  const { workspaceId, to, from, name, messageSeconds } = candidate
  return {
    workspaceId,
    id,
    to,
    from,
    name,
    messageSeconds,
    campaignId: number.campaignId,
    runId: number.runId,
    numberId: number.id,
    attempt: number.attempts + 1,
  }
}

/** Another open call may have been born between the look-up and the insert only where somebody broke the order of locks. */
function numberTaken(candidate: Candidate, born: boolean, now: Date): intents.NumberChange[] {
  if (candidate.number === null) return []
  const { campaignId, runId, id, status: was } = candidate.number
  const change = { workspaceId: candidate.workspaceId, campaignId, runId, id, was }
  if (born) return [{ ...change, status: 'calling', reason: null, dueAt: null }]
  return [{ ...change, status: 'queued', reason: 'number_busy', dueAt: new Date(now.getTime() + 5_000) }]
}

function intended(call: Call, at: Date) {
  const { workspaceId, id: callId, entries: sequence, state } = call
  return {
    workspaceId,
    callId,
    sequence,
    at,
    kind: 'intended',
    source: 'dialer' as const,
    state,
    detail: null,
  }
}

export type Aside = { candidate: Candidate; verdict: Exclude<Eligibility, { ok: true }> }

/** Sets aside what may not be called now. Returns the direct calls that may never be. */
export async function writeAside(
  tx: Tx,
  aside: readonly Aside[],
  now: Date,
): Promise<{ workspaceId: number; callId: string; reason: string }[]> {
  await intents.moveNumbers(tx, aside.flatMap(numberAside))
  const waiting = aside.flatMap(({ candidate: { workspaceId, waitingCallId }, verdict }) =>
    waitingCallId === null ? [] : [{ workspaceId, id: waitingCallId, ...verdict }],
  )
  await intents.postponeWaiting(
    tx,
    waiting.map((one) => ({ ...one, dueAt: one.dueAt ?? whileDropped(now) })),
  )
  return waiting.flatMap(({ workspaceId, id, reason, dueAt }) =>
    dueAt === null ? [{ workspaceId, callId: id, reason }] : [],
  )
}

/**
 * What will never be sent is dropped by a report, after the claim. Until this moment no other claim looks at it; it comes
 * back when this process dies before it could report.
 */
export function whileDropped(now: Date): Date {
  return new Date(now.getTime() + 5_000)
}

/** What happens to a campaign's number that is set aside. */
export function numberAside({ candidate, verdict }: Aside): intents.NumberChange[] {
  if (candidate.number === null) return []
  const { campaignId, runId, id, status: was } = candidate.number
  const { reason, dueAt } = verdict
  return [
    {
      workspaceId: candidate.workspaceId,
      campaignId,
      runId,
      id,
      was,
      status: dueAt ? 'queued' : 'skipped',
      reason,
      dueAt,
    },
  ]
}
