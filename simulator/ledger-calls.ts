import { readLedgerBatches } from './ledger.ts'
import { isCallEntry, type CallEntry, type LedgerEntry } from './ledger-entry.ts'
import type { CallStatus } from './call.ts'

/** What really happened to one call, as the ledger has it: the truth that others are measured against. */
export interface LedgerCall {
  sid: string
  to: string
  from: string
  /** The call that dialed this one; null for one made through the API. */
  parentSid: string | null
  /** 1 for the first call to this number. */
  attempt: number
  status: CallStatus
  acceptedAt: Date
  /** When the call left the carrier's queue. */
  startedAt: Date | null
  answeredAt: Date | null
  endedAt: Date | null
  /** Uncompressed; null while the call is in flight. */
  durationSeconds: number | null
  /** Why it ended; null while the call is in flight. */
  reason: string | null
  url: string | null
  twiml: string | null
  statusCallback: string | null
  /** What the called person heard, in order. Empty for somebody who answered and heard silence. */
  heard: {
    text: string | null
    url: string | null
    seconds: number
    complete: boolean
    /** Seconds of talk before it began. */
    from: number
  }[]
  /** Who really answered. */
  answeredBy: 'human' | 'machine' | null
  /** What the carrier took that one for, when it was asked to find out. */
  detectedAs: string | null
  recorded: boolean
  pressed: string
  /** Callbacks that were given up, and those held back by a fault. */
  callbacksLost: number
}

/** Reads a ledger and gives one summary for each accepted call, in the order of acceptance. */
export async function ledgerCalls(path: string): Promise<LedgerCall[]> {
  const calls = new Map<string, LedgerCall>()
  for await (const entries of readLedgerBatches(path)) for (const entry of entries) note(calls, entry)
  return [...calls.values()]
}

function note(calls: Map<string, LedgerCall>, entry: LedgerEntry): void {
  if (!isCallEntry(entry) || entry.event === 'refused') return
  const at = new Date(entry.at)
  if (entry.event === 'accepted') {
    calls.set(entry.sid, {
      sid: entry.sid,
      to: entry.to,
      from: entry.from,
      parentSid: entry.parentSid ?? null,
      attempt: entry.attempt,
      status: 'queued',
      acceptedAt: at,
      startedAt: null,
      answeredAt: null,
      endedAt: null,
      durationSeconds: null,
      reason: null,
      url: entry.url ?? null,
      twiml: entry.twiml ?? null,
      statusCallback: entry.statusCallback ?? null,
      heard: [],
      answeredBy: null,
      detectedAs: null,
      recorded: false,
      pressed: '',
      callbacksLost: 0,
    })
    return
  }
  const call = calls.get(entry.sid)
  if (call) apply(call, entry, at)
}

function apply(
  call: LedgerCall,
  entry: Exclude<CallEntry, { event: 'refused' | 'accepted' }>,
  at: Date,
): void {
  switch (entry.event) {
    case 'initiated':
      call.status = 'initiated'
      call.startedAt = at
      return
    case 'ringing':
      call.status = 'ringing'
      return
    case 'answered':
      call.status = 'in-progress'
      call.answeredAt = at
      call.answeredBy = entry.by
      return
    case 'detected':
      call.detectedAs = entry.by
      return
    case 'recorded':
      call.recorded = true
      return
    case 'recording-deleted':
      call.recorded = false
      return
    case 'said':
    case 'played':
      call.heard.push({
        text: entry.text ?? null,
        url: entry.url ?? null,
        seconds: entry.seconds,
        complete: entry.complete,
        from: Math.round((entry.talkedSeconds - entry.seconds) * 1000) / 1000,
      })
      return
    case 'pressed':
      call.pressed += entry.digits
      return
    case 'ended':
      call.status = entry.status
      call.endedAt = at
      call.durationSeconds = entry.durationSeconds
      call.reason = entry.reason
      return
    case 'callback-failed':
    case 'callback-withheld':
      call.callbacksLost += 1
      return
    case 'queued':
    case 'instructed':
    case 'instructions-failed':
    case 'paused':
    case 'gathered':
    case 'listened':
    case 'dialed':
    case 'conversed':
    case 'conferred':
    case 'skipped':
    case 'updated':
  }
}
