/**
 * Compares what we wrote with what the carrier's ledger says. The ledger is the only oracle: a call belongs to the row
 * whose reference stands in the address it reports to, whatever our rows say about carrier ids.
 */
import type { References } from '../src/calls/call-reference.ts'
import type { CallState } from '../src/calls/call.ts'
import type { Sql } from '../src/db/sql.ts'
import type { LedgerCall } from '../simulator/ledger-calls.ts'

export type OwnCall = {
  id: string
  runId: number | null
  numberId: number | null
  attempt: number
  to: string
  state: CallState
  sid: string | null
  duration: number
}

export type LedgerFinding = {
  rule: 'orphan' | 'sid' | 'phantom' | 'twice' | 'live_twice' | 'lost' | 'outcome' | 'rate' | 'concurrency'
  detail: string
}

export type Limits = {
  callsPerSecond?: number
  maxConcurrentCalls?: number
  /**
   * How much later than its slot a request may reach the ledger: a timer that fires late, the exchange itself, the
   * carrier's turn. Calls of this much more than a second may be found in one second.
   */
  jitterMs?: number
}

export type Evidence = {
  ledger: readonly LedgerCall[]
  own: readonly OwnCall[]
  /** Everybody who must have been called: a number, in a run. */
  eligible: readonly { runId: number; to: string }[]
  references: References
  limits?: Limits
}

/** Every row of the database that is a call, in the order of birth. */
export async function ownCalls(sql: Sql): Promise<OwnCall[]> {
  return sql<OwnCall[]>`
    select id, run_id as "runId", number_id as "numberId", attempt, to_number as to, state, carrier_sid as sid, duration
      from calls order by id`
}

export function judgeLedger(evidence: Evidence): LedgerFinding[] {
  const byId = new Map(evidence.own.map((call) => [call.id, call]))
  const pairs = evidence.ledger.map((call) => ({
    call,
    own: byId.get(referenced(call, evidence.references) ?? ''),
  }))
  return [
    ...pairs
      .filter(({ own }) => own === undefined)
      .map(({ call }) => finding('orphan', `${call.sid} is no call of ours`)),
    ...together(pairs),
    ...missing(evidence, pairs),
    ...pairs.flatMap(({ call, own }) => (own ? outcome(call, own) : [])),
    ...liveTwice(evidence.ledger),
    ...withinLimits(evidence.ledger, evidence.limits ?? {}),
  ]
}

type Pair = { call: LedgerCall; own: OwnCall | undefined }

function referenced(call: LedgerCall, references: References): string | null {
  const reference = /\/hooks\/voice\/([^/]+)\/status$/.exec(call.statusCallback ?? '')?.[1]
  return reference === undefined ? null : (references.decode(reference)?.callId ?? null)
}

function together(pairs: readonly Pair[]): LedgerFinding[] {
  const seen = new Map<string, string>()
  return pairs.flatMap(({ call, own }) => {
    if (!own) return []
    const attempt =
      own.runId === null ? own.id : `run ${own.runId} number ${own.numberId} attempt ${own.attempt}`
    const before = seen.get(attempt)
    seen.set(attempt, call.sid)
    return before === undefined ? [] : [finding('twice', `${attempt}: ${before} and ${call.sid}`)]
  })
}

function missing({ own, eligible }: Evidence, pairs: readonly Pair[]): LedgerFinding[] {
  const called = new Set(pairs.flatMap((pair) => (pair.own ? [pair.own.id] : [])))
  const reached = new Set(pairs.flatMap((pair) => (pair.own ? [`${pair.own.runId} ${pair.own.to}`] : [])))
  return [
    ...own
      .filter((call) => call.sid !== null && !called.has(call.id))
      .map((call) => finding('phantom', `call ${call.id} is ${call.state}, and the carrier never had it`)),
    ...eligible
      .filter((one) => !reached.has(`${one.runId} ${one.to}`))
      .map((one) => finding('lost', `${one.to} of run ${one.runId} was never called`)),
  ]
}

function outcome(call: LedgerCall, own: OwnCall): LedgerFinding[] {
  const found: LedgerFinding[] = []
  if (own.sid !== call.sid)
    found.push(finding('sid', `call ${own.id} has ${own.sid}, the carrier ${call.sid}`))
  const state = call.status === 'queued' ? 'initiated' : call.status.replaceAll('-', '_')
  if (own.state !== state)
    found.push(finding('outcome', `call ${own.id} is ${own.state}, the carrier says ${state}`))
  else if (state === 'completed' && own.duration !== call.durationSeconds)
    found.push(
      finding('outcome', `call ${own.id}: ${own.duration} s, the carrier says ${call.durationSeconds} s`),
    )
  return found
}

function liveTwice(ledger: readonly LedgerCall[]): LedgerFinding[] {
  const until = new Map<string, number>()
  return ledger.flatMap((call) => {
    const from = call.acceptedAt.getTime()
    const before = until.get(call.to) ?? -Infinity
    until.set(call.to, Math.max(before, call.endedAt?.getTime() ?? Infinity))
    return from < before ? [finding('live_twice', `${call.to} was called while it was being called`)] : []
  })
}

function withinLimits(ledger: readonly LedgerCall[], limits: Limits): LedgerFinding[] {
  const { callsPerSecond, maxConcurrentCalls, jitterMs = 250 } = limits
  const found: LedgerFinding[] = []
  const times = ledger.map((call) => call.acceptedAt.getTime()).sort((a, b) => a - b)
  if (callsPerSecond !== undefined) {
    const most = callsPerSecond * (1 + jitterMs / 1_000) + 1
    let fullest = 0
    let from = 0
    for (const [index, at] of times.entries()) {
      while ((times[from] ?? at) <= at - 1_000) from += 1
      fullest = Math.max(fullest, index - from + 1)
    }
    if (fullest > most) found.push(finding('rate', `${fullest} calls in one second, ${most} allowed`))
  }
  if (maxConcurrentCalls !== undefined) {
    const steps = ledger.flatMap((call) => [
      { at: call.acceptedAt.getTime(), by: 1 },
      { at: call.endedAt?.getTime() ?? Infinity, by: -1 },
    ])
    let open = 0
    let most = 0
    for (const step of steps.sort((a, b) => a.at - b.at || a.by - b.by))
      most = Math.max(most, (open += step.by))
    if (most > maxConcurrentCalls)
      found.push(finding('concurrency', `${most} calls at once, ${maxConcurrentCalls} allowed`))
  }
  return found
}

function finding(rule: LedgerFinding['rule'], detail: string): LedgerFinding {
  return { rule, detail }
}
