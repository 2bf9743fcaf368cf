import { existsSync } from 'node:fs'
import { startLife, type Call, type CallRequest, type LiveCall } from './call.ts'
import { readLedgerBatches } from './ledger.ts'
import type { Conference } from './conference.ts'
import {
  isCallEntry,
  isConferenceFact,
  isTextFact,
  type CallEntry,
  type LedgerEntry,
} from './ledger-entry.ts'
import { magicNumber } from './magic-numbers.ts'
import { recordingOf, type Recording } from './recordings.ts'
import { planOf } from './person.ts'
import { rememberConference } from './restore-conferences.ts'
import { rememberText } from './restore-texts.ts'
import type { Text } from './text.ts'
import { parseTwiml } from './twiml.ts'
import type { Workshop } from './workshop.ts'

/** What a ledger tells about the time before. */
export interface Remembered {
  /** Oldest first. Those with a live part were in flight. */
  calls: Call[]
  texts: Text[]
  /** Oldest first, with those of their participants that had not left. */
  conferences: Conference[]
  /** How many create requests came for each number, refused ones included. */
  visits: Map<string, number>
  recordings: Recording[]
}

type Accepted = Extract<LedgerEntry, { event: 'accepted' }>
type OfACall = Exclude<CallEntry, { event: 'refused' | 'accepted' }>

/** A call that has not ended at this point of the ledger, with what is needed to bring it to life again. */
interface Unfinished {
  call: Call
  accepted: Accepted
  entries: OfACall[]
}

/** Rebuilds all calls from the ledger. A carrier forgets nothing because its process died. */
export async function restoreCalls(
  shop: Pick<Workshop, 'ledgerPath' | 'profile' | 'seed'>,
): Promise<Remembered> {
  const calls: Call[] = []
  const unfinished = new Map<string, Unfinished>()
  const visits = new Map<string, number>()
  const texts = new Map<string, Text>()
  const recordings = new Map<string, Recording>()
  const conferences = new Map<string, Conference>()
  const inFlight = (sid: string): Call | undefined => unfinished.get(sid)?.call
  if (!existsSync(shop.ledgerPath)) return { calls, texts: [], conferences: [], visits, recordings: [] }
  const note = (entry: LedgerEntry): void => {
    if (isTextFact(entry)) return rememberText(shop, { texts, visits }, entry)
    if (isConferenceFact(entry)) return rememberConference(conferences, inFlight, entry)
    if (!isCallEntry(entry)) return
    if (entry.event === 'accepted' || entry.event === 'refused') {
      // A number that a call dialed was not asked for by a request.
      const asked = entry.event === 'refused' || entry.parentSid === undefined
      if (asked) visits.set(entry.to, (visits.get(entry.to) ?? 0) + 1)
      if (entry.event === 'refused') return
      const call = acceptedCall(entry)
      calls.push(call)
      unfinished.set(entry.sid, { call, accepted: entry, entries: [] })
      return
    }
    if (entry.event === 'recorded') recordings.set(entry.recordingSid, recordingOf(entry))
    if (entry.event === 'recording-deleted') recordings.delete(entry.recordingSid)
    const known = unfinished.get(entry.sid)
    if (!known) return
    replayState(known, entry)
    known.entries.push(entry)
    if (entry.event === 'ended') unfinished.delete(entry.sid)
  }
  for await (const entries of readLedgerBatches(shop.ledgerPath)) entries.forEach(note)
  for (const { call, accepted, entries } of unfinished.values()) {
    const plan = planOf(shop, call.to, call.attempt)
    call.live = startLife(requestOf(accepted), plan, magicNumber(call.to))
    for (const entry of entries) replayTalk(call.live, entry)
  }
  return {
    calls,
    texts: [...texts.values()],
    conferences: [...conferences.values()],
    visits,
    recordings: [...recordings.values()],
  }
}

function acceptedCall(entry: Accepted): Call {
  const at = Date.parse(entry.at)
  return {
    sid: entry.sid,
    to: entry.to,
    from: entry.from,
    parentSid: entry.parentSid ?? null,
    attempt: entry.attempt,
    status: 'queued',
    createdAt: at,
    updatedAt: at,
    startedAt: null,
    answeredAt: null,
    endedAt: null,
    durationSeconds: null,
    answeredBy: null,
    queueMs: 0,
    live: null,
  }
}

function requestOf(entry: Accepted): CallRequest {
  return {
    to: entry.to,
    from: entry.from,
    url: entry.url ?? null,
    method: entry.method ?? 'POST',
    fallbackUrl: entry.fallbackUrl ?? null,
    fallbackMethod: entry.fallbackMethod ?? 'POST',
    twiml: entry.twiml ?? null,
    statusCallback: entry.statusCallback ?? null,
    statusCallbackMethod: entry.statusCallbackMethod ?? 'POST',
    statusCallbackEvents: entry.statusCallbackEvents ?? ['completed'],
    ringTimeoutSeconds: entry.ringTimeoutSeconds ?? 60,
    timeLimitSeconds: entry.timeLimitSeconds ?? 14_400,
    machineDetection: entry.machineDetection ?? null,
    machineDetectionTimeoutSeconds: entry.machineDetectionTimeoutSeconds ?? 30,
    asyncAmd: entry.asyncAmd ?? false,
    asyncAmdStatusCallback: entry.asyncAmdStatusCallback ?? null,
    asyncAmdStatusCallbackMethod: entry.asyncAmdStatusCallbackMethod ?? 'POST',
    record: entry.record ?? false,
    recordingStatusCallback: entry.recordingStatusCallback ?? null,
    recordingStatusCallbackMethod: entry.recordingStatusCallbackMethod ?? 'POST',
  }
}

function replayState({ call }: Unfinished, entry: OfACall): void {
  const at = Date.parse(entry.at)
  switch (entry.event) {
    case 'queued':
      call.queueMs = entry.waitMs
      return
    case 'initiated':
      call.startedAt = at
      break
    case 'answered':
      call.answeredAt = at
      break
    case 'detected':
      call.answeredBy = entry.by
      return
    case 'ended':
      call.endedAt = at
      call.durationSeconds = entry.durationSeconds
      break
    case 'ringing':
      break
    default:
      return
  }
  call.updatedAt = at
  call.status =
    entry.event === 'ended' ? entry.status : entry.event === 'answered' ? 'in-progress' : entry.event
}

function replayTalk(life: LiveCall, entry: OfACall): void {
  switch (entry.event) {
    case 'initiated':
    case 'ringing':
    case 'answered':
      return countCallback(life, entry.event)
    case 'instructed':
      life.documentUrl = entry.url
      life.step = 0
      life.verbs = verbsOf(entry.document)
      return
    case 'dialed':
      life.dials += 1
      life.talkedSeconds = entry.talkedSeconds
      return goOnAt(life, entry.step)
    case 'said':
    case 'played':
    case 'paused':
    case 'gathered':
    case 'conversed':
    case 'listened':
    case 'conferred':
      life.talkedSeconds = entry.talkedSeconds
      return goOnAt(life, entry.step)
    case 'skipped':
      return goOnAt(life, entry.step)
    case 'updated':
      if (entry.change === 'settings') life.request = { ...life.request, ...entry.settings }
      return
    case 'queued':
    case 'ended':
    case 'pressed':
    case 'instructions-failed':
    case 'callback-failed':
    case 'callback-withheld':
    case 'detected':
    case 'recorded':
    case 'recording-deleted':
  }
}

/** The numbering of callbacks goes on where it was, so that a receiver can still put them in order. */
function countCallback(life: LiveCall, event: 'initiated' | 'ringing' | 'answered'): void {
  if (life.request.statusCallback && life.request.statusCallbackEvents.includes(event)) life.sequence += 1
}

function goOnAt(life: LiveCall, step: number): void {
  if (life.verbs.length === 0 && life.request.twiml) life.verbs = verbsOf(life.request.twiml)
  life.step = step
}

function verbsOf(document: string): LiveCall['verbs'] {
  const parsed = parseTwiml(document)
  return parsed.ok ? parsed.verbs : []
}
