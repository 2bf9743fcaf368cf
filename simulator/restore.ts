import { existsSync } from 'node:fs'
import type { Call, CallRequest } from './call.ts'
import { startLife } from './call.ts'
import { readLedger } from './ledger.ts'
import type { HeardFact, LedgerEntry } from './ledger-entry.ts'
import { magicNumber } from './magic-numbers.ts'
import { planOf } from './create-call.ts'
import { parseTwiml } from './twiml.ts'
import type { Workshop } from './workshop.ts'

/** What a ledger tells about the time before. */
export interface Remembered {
  /** Oldest first. Those with a live part were in flight. */
  calls: Call[]
  /** How many create requests came for each number, refused ones included. */
  visits: Map<string, number>
}

/** Rebuilds all calls from the ledger. A carrier forgets nothing because its process died. */
export async function restoreCalls(
  shop: Pick<Workshop, 'ledgerPath' | 'profile' | 'seed'>,
): Promise<Remembered> {
  const calls = new Map<string, Call>()
  const visits = new Map<string, number>()
  if (!existsSync(shop.ledgerPath)) return { calls: [], visits }
  for await (const entry of readLedger(shop.ledgerPath)) {
    if (entry.event === 'opened') continue
    if (entry.event === 'accepted' || entry.event === 'refused') {
      visits.set(entry.to, (visits.get(entry.to) ?? 0) + 1)
    }
    if (entry.event === 'refused') continue
    if (entry.event === 'accepted') {
      calls.set(entry.sid, acceptedCall(shop, entry))
      continue
    }
    const call = calls.get(entry.sid)
    if (call) replay(call, entry)
  }
  return { calls: [...calls.values()], visits }
}

type Accepted = Extract<LedgerEntry, { event: 'accepted' }>
type OfACall = Exclude<LedgerEntry, { event: 'opened' | 'refused' | 'accepted' }>

function acceptedCall(shop: Pick<Workshop, 'profile' | 'seed'>, entry: Accepted): Call {
  const at = Date.parse(entry.at)
  const request: CallRequest = {
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
    machineDetection: entry.machineDetection ?? false,
  }
  return {
    sid: entry.sid,
    to: entry.to,
    from: entry.from,
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
    live: startLife(request, planOf(shop, entry.to, entry.attempt), magicNumber(entry.to)),
  }
}

function replay(call: Call, entry: OfACall): void {
  const at = Date.parse(entry.at)
  const life = call.live
  switch (entry.event) {
    case 'queued':
      call.queueMs = entry.waitMs
      return
    case 'initiated':
      call.status = 'initiated'
      call.startedAt = at
      call.updatedAt = at
      return countCallback(call, 'initiated')
    case 'ringing':
      call.status = 'ringing'
      call.updatedAt = at
      return countCallback(call, 'ringing')
    case 'answered':
      call.status = 'in-progress'
      call.answeredAt = at
      call.updatedAt = at
      if (life?.request.machineDetection) call.answeredBy = entry.by === 'machine' ? 'machine_start' : 'human'
      return countCallback(call, 'answered')
    case 'instructed':
      if (!life) return
      life.documentUrl = entry.url
      life.step = 0
      life.verbs = verbsOf(entry.document)
      return
    case 'said':
    case 'played':
    case 'paused':
    case 'gathered':
      return replayHeard(call, entry)
    case 'skipped':
      if (life) life.step = entry.step
      return
    case 'ended':
      call.status = entry.status
      call.endedAt = at
      call.updatedAt = at
      call.durationSeconds = entry.durationSeconds
      call.live = null
      return
    case 'pressed':
    case 'instructions-failed':
    case 'updated':
    case 'callback-failed':
    case 'callback-withheld':
  }
}

/** The numbering of callbacks goes on where it was, so that a receiver can still put them in order. */
function countCallback(call: Call, event: 'initiated' | 'ringing' | 'answered'): void {
  const life = call.live
  if (life?.request.statusCallback && life.request.statusCallbackEvents.includes(event)) life.sequence += 1
}

function replayHeard(call: Call, entry: HeardFact): void {
  const life = call.live
  if (!life) return
  if (life.verbs.length === 0 && life.request.twiml) life.verbs = verbsOf(life.request.twiml)
  life.step = entry.step
  life.talkedSeconds = entry.talkedSeconds
}

function verbsOf(document: string): ReturnType<typeof startLife>['verbs'] {
  const parsed = parseTwiml(document)
  return parsed.ok ? parsed.verbs : []
}
