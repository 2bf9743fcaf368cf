/**
 * Judges the records: was anybody called twice, lost, or called when nobody was allowed to? Pure.
 *
 * It knows nothing of how the engine works, only what must hold of what it wrote. The engine and the judge share the
 * state machine and the outcome table, because those are the definitions of right, and nothing else.
 */
import { isFinal, isOpen, mayMove, type Call, type CallState } from '../calls/call.ts'
import { numberOutcome } from '../campaigns/number-outcomes.ts'

export type Rule =
  | 'lost' // a number that its finished run left waiting, being called, or never looked at
  | 'twice' // one attempt called more than once, or two calls at once
  | 'history' // the history has a gap, an illegal move, or does not end where the call is
  | 'number_status' // a number says something else than its last call
  | 'left_open' // an open call that nobody can be waiting for any more
  | 'sums' // a count differs from what it counts
  | 'after_stop' // dialed after its run had ended
  | 'not_allowed' // dialed although it was on the do-not-call list, or outside its calling hours
  | 'stray' // the carrier ran a call that must not have been there

/** What is wrong. `subject` names the row: `run 3`, `number 17`, `call 0193…`. */
export type Finding = { rule: Rule; subject: string; detail: string }

export type RunRecord = {
  id: number
  campaignId: number
  ordinal: number
  state: 'scheduled' | 'running' | 'paused' | 'completed' | 'stopped'
  statuses: readonly string[]
  individual: readonly number[] | null
  /** The most calls that one number may get in it. */
  maxAttempts: number
  startedAt: Date | null
  endedAt: Date | null
  swept: boolean
}
export type NumberRecord = {
  id: number
  campaignId: number
  callable: boolean
  status: string
  runId: number | null
  attempts: number
  dueAt: Date | null
  duration: number
  createdAt: Date
}
export type EntryRecord = { sequence: number; state: CallState; stray: boolean }
export type CallRecord = Call & {
  /** Milliseconds of database time since something was learned about it. */
  silentMs: number
  /** When its number came onto the do-not-call list, if it is on it. */
  forbiddenSince: Date | null
}

/** A stop is obeyed by everything that starts this much later; what was under way before may still be written. */
export const stopToleranceMs = 1_000
const minutes = 60_000
/** No open call is silent for longer than this: by then somebody has asked the carrier and written the answer. */
const longestSilenceMs: Partial<Record<CallState, number>> = {
  placing: 5 * minutes,
  unknown: 15 * minutes,
  initiated: 25 * 60 * minutes, // the carrier itself may keep a call waiting for a day
  ringing: 15 * minutes,
  in_progress: 5 * 60 * minutes,
}

/** A call or a text to a campaign's number, as far as the number is concerned. */
export type AttemptRecord = {
  runId: number | null
  attempt: number
  state: string
  /** `void`: nobody was reached, and the attempt was given back. */
  phase: 'waiting' | 'open' | 'over' | 'void'
  /** What its number must say once it is over. */
  status: string
  /** Seconds talked, when there was talk. */
  duration: number | null
}

/** Judges one number by its attempts of all runs, in the order in which they were made, and the runs of its campaign. */
export function judgeAttempts(
  number: NumberRecord,
  attempts: readonly AttemptRecord[],
  runs: ReadonlyMap<number, RunRecord>,
): Finding[] {
  const own = attempts.filter((one) => one.runId === number.runId)
  const found = [...lost(number, own, runs), ...twice(attempts), ...statusFollows(number, own, runs)]
  return found.map((one) => ({ ...one, subject: `number ${number.id}` }))
}

export function callAttempt(call: CallRecord): AttemptRecord {
  const { runId, attempt, state } = call
  const end = { ...call, state: isFinal(state) ? state : ('failed' as const) }
  return {
    runId,
    attempt,
    state,
    phase: state === 'not_placed' ? 'void' : isOpen(state) ? 'open' : isFinal(state) ? 'over' : 'waiting',
    status: numberOutcome(end, call.endedAt ?? call.createdAt).status,
    duration: state === 'completed' ? call.duration : null,
  }
}

type Found = { rule: Rule; detail: string }

function lost(
  number: NumberRecord,
  own: readonly AttemptRecord[],
  runs: ReadonlyMap<number, RunRecord>,
): Found[] {
  const run = number.runId === null ? undefined : runs.get(number.runId)
  if (number.status === 'calling' && !own.some((one) => one.phase === 'open'))
    return [{ rule: 'lost', detail: 'is being called, but has no open call' }]
  if (number.status === 'calling' || number.status === 'queued') {
    if (run === undefined) return [{ rule: 'lost', detail: `${number.status} in no run` }]
    if (number.status === 'queued' && number.dueAt === null)
      return [{ rule: 'lost', detail: 'waits without a time to be called at' }]
    const over = run.state === 'completed' || (run.state === 'stopped' && run.swept)
    return over && number.status === 'queued'
      ? [{ rule: 'lost', detail: `still ${number.status} after run ${run.id} ${run.state}` }]
      : []
  }
  const newest = [...runs.values()].reduce<RunRecord | null>(
    (last, one) => (last === null || one.ordinal > last.ordinal ? one : last),
    null,
  )
  return newest !== null && leftOut(number, newest)
    ? [{ rule: 'lost', detail: `${number.status}, and run ${newest.id} was completed without looking at it` }]
    : []
}

/** A fresh number that was there before its run was completed must have been taken up by it. */
function leftOut(number: NumberRecord, run: RunRecord): boolean {
  if (run.state !== 'completed' || run.endedAt === null || !number.callable) return false
  if (number.status !== 'not_started' || !run.statuses.includes('not_started')) return false
  if (run.individual !== null && !run.individual.includes(number.id)) return false
  return number.runId !== run.id && number.createdAt.getTime() < run.endedAt.getTime()
}

function twice(attempts: readonly AttemptRecord[]): Found[] {
  const real = attempts.filter((one) => one.phase !== 'void')
  const found: Found[] = []
  const seen = new Set<string>()
  for (const one of real) {
    const key = `run ${one.runId} attempt ${one.attempt}`
    if (seen.has(key)) found.push({ rule: 'twice', detail: `${key} was called more than once` })
    seen.add(key)
  }
  if (real.filter((one) => one.phase === 'open').length > 1)
    found.push({ rule: 'twice', detail: 'has more than one open call' })
  return found
}

function statusFollows(
  number: NumberRecord,
  own: readonly AttemptRecord[],
  runs: ReadonlyMap<number, RunRecord>,
): Found[] {
  const used = own.filter((one) => one.phase === 'over')
  const found: Found[] = []
  if (own.length > 0 && number.attempts !== used.length)
    found.push({
      rule: 'number_status',
      detail: `${number.attempts} attempts, ${used.length} calls that used one`,
    })
  const run = number.runId === null ? undefined : runs.get(number.runId)
  const made = Math.max(0, ...used.map((one) => one.attempt))
  if (run !== undefined && made > run.maxAttempts)
    found.push({ rule: 'twice', detail: `${made} attempts, ${run.maxAttempts} are allowed` })
  const last = own.at(-1)
  const allowed = statusesAfter(last, run)
  if (!allowed.includes(number.status))
    found.push({
      rule: 'number_status',
      detail: `${number.status} after ${last?.state ?? 'no call'}; expected ${allowed.join(' or ')}`,
    })
  const talked = last?.duration ?? null
  if (talked !== null && number.status !== 'calling' && number.duration !== talked)
    found.push({
      rule: 'number_status',
      detail: `${number.duration} s talked, its call says ${talked} s`,
    })
  return found
}

const untouched = ['not_started', 'invalid', 'skipped', 'queued', 'terminated']

function statusesAfter(last: AttemptRecord | undefined, run: RunRecord | undefined): readonly string[] {
  // A number of an earlier run keeps its status in a run that only looked at it, or was stopped before it did.
  if (last === undefined) return untouched
  if (last.phase === 'open') return ['calling']
  if (last.phase === 'waiting') return []
  if (last.phase === 'void')
    return run?.state === 'stopped'
      ? ['queued', 'terminated', 'skipped']
      : ['queued', 'skipped', 'terminated']
  const mayRepeat = last.status !== 'completed' && (run?.maxAttempts ?? 1) > 1
  return mayRepeat ? [last.status, 'queued', 'skipped', 'terminated'] : [last.status]
}

/** Judges one call by its history and its run. */
export function judgeCall(
  call: CallRecord,
  entries: readonly EntryRecord[],
  run: RunRecord | undefined,
): Finding[] {
  const found: Found[] = [...history(call, entries), ...openTooLong(call)]
  const endedMs = run?.endedAt?.getTime()
  if (endedMs !== undefined && call.createdAt.getTime() > endedMs + stopToleranceMs)
    found.push({
      rule: 'after_stop',
      detail: `made ${call.createdAt.getTime() - endedMs} ms after run ${run?.id} ended`,
    })
  const dialed = !['queued', 'canceled', 'not_placed'].includes(call.state)
  const forbiddenMs = call.forbiddenSince?.getTime()
  if (dialed && forbiddenMs !== undefined && call.createdAt.getTime() > forbiddenMs + stopToleranceMs)
    found.push({ rule: 'not_allowed', detail: 'its number was on the do-not-call list' })
  if (entries.some((entry) => entry.stray))
    found.push({ rule: 'stray', detail: `the carrier ran another call for it, which is ${call.state}` })
  return found.map((one) => ({ ...one, subject: `call ${call.id}` }))
}

function history(call: CallRecord, entries: readonly EntryRecord[]): Found[] {
  if (entries.length !== call.entries)
    return badHistory(`${entries.length} entries, the call says ${call.entries}`)
  for (const [index, entry] of entries.entries()) {
    if (entry.sequence !== index + 1) return badHistory(`entry ${index + 1} is missing`)
    const before = entries[index - 1]?.state
    if (before === undefined) {
      if (entry.state !== 'queued' && entry.state !== 'placing') return badHistory(`begins as ${entry.state}`)
    } else if (before !== entry.state && !mayMove(before, entry.state)) {
      return badHistory(`moved from ${before} to ${entry.state}`)
    }
  }
  const last = entries.at(-1)?.state
  return last === call.state ? [] : badHistory(`ends as ${last ?? 'nothing'}, the call is ${call.state}`)
}

function badHistory(detail: string): Found[] {
  return [{ rule: 'history', detail }]
}

function openTooLong(call: CallRecord): Found[] {
  const limit = longestSilenceMs[call.state]
  if (limit === undefined || call.silentMs <= limit) return []
  return [
    { rule: 'left_open', detail: `${call.state} and silent for ${Math.round(call.silentMs / 1_000)} s` },
  ]
}

/** Open calls of one carrier account: at most one between two numbers. Carrier ids belong to one call each. */
export function judgeTogether(
  calls: readonly Pick<CallRecord, 'id' | 'state' | 'fromNumber' | 'toNumber' | 'carrierSid'>[],
): Finding[] {
  const found: Finding[] = []
  const pairs = new Map<string, string>()
  const sids = new Map<string, string>()
  for (const call of calls) {
    const pair = `${call.fromNumber} ${call.toNumber}`
    const beside = isOpen(call.state) ? pairs.get(pair) : undefined
    if (beside !== undefined)
      found.push({ rule: 'twice', subject: `call ${call.id}`, detail: `open at once with call ${beside}` })
    if (isOpen(call.state)) pairs.set(pair, call.id)
    const namesake = call.carrierSid === null ? undefined : sids.get(call.carrierSid)
    if (namesake !== undefined)
      found.push({
        rule: 'twice',
        subject: `call ${call.id}`,
        detail: `has the carrier id of call ${namesake}`,
      })
    if (call.carrierSid !== null) sids.set(call.carrierSid, call.id)
  }
  return found
}

/** Every call that the carrier ran and must not have is named, ended or not. */
export function judgeStray(stray: { callId: string; sid: string; endedAt: Date | null }): Finding {
  const end = stray.endedAt === null ? 'not ended yet' : 'ended'
  return {
    rule: 'stray',
    subject: `call ${stray.callId}`,
    detail: `the carrier also ran ${stray.sid}; ${end}`,
  }
}
