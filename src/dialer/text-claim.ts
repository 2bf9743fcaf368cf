/**
 * One claim of texts: urgent ones first, at once and ahead of the rate, then as many others as have slots: those that wait
 * by themselves, then the numbers of running campaigns. All in one transaction that is committed before any byte goes to
 * the carrier.
 */
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import type { HashBody } from '../messages/body-hash.ts'
import { segmentsOf } from '../messages/text-segments.ts'
import { tellTexts } from '../messages/text-telling.ts'
import type { TextGates } from '../messages/text-queue.ts'
import type { DialRules } from './claim.ts'
import { noCredit, openPayer, type Bill } from './claim-credits.ts'
import * as claims from './claim-store.ts'
import * as intents from './intent-store.ts'
import { afterUse, freeSlots, urgentSlots } from './pacing.ts'
import { judgeTexts, waitingCandidates, type TextCandidate } from './text-candidates.ts'
import { setTextsAside, writeTextIntents, type TextAside } from './text-claim-writes.ts'
import { isUnasked } from './text-eligibility.ts'
import { gatherRunTexts, noRunTexts, type RunTexts } from './text-runs.ts'

export type TextClaimDeps = {
  sql: Sql
  carrierAccountId: number
  live: boolean
  readRules: (settings: unknown) => DialRules
  hashBody: HashBody
  gates: TextGates
  /** How long an intent may be silent before somebody looks after it. */
  intentSilenceMs: number
}

/** The right to send one text, once, at its slot. `slotMs`: milliseconds after the claim's database time. */
export type TextIntent = {
  workspaceId: number
  textId: string
  /** Null for a text of no campaign. */
  runId: number | null
  to: string
  from: string
  body: string
  slotMs: number
}

export type TextsClaimed = {
  intents: TextIntent[]
  /** Texts that were looked at; when intents are fewer, the others were set aside. */
  looked: number
  /** How many of them were set aside with a reason. */
  setAside: number
  /** Texts that must never be sent, with their reasons. */
  dropped: { workspaceId: number; textId: string; reason: string }[]
  /** Runs in which nothing was found: they may be over. */
  exhausted: RunTexts['exhausted']
  /** Monotonic milliseconds of the moment in which the slots were counted: the base of `slotMs`. */
  allowedMs: number
  /** Milliseconds until the next slot, or until the account may be asked again. */
  waitMs: number
}

const nothing = { intents: [], looked: 0, setAside: 0, dropped: [], exhausted: [] }
/** Nothing is claimed for a worker that was taken for gone; it learns that by itself. */
const goneWaitMs = 250
/** More are looked at than there are slots, so that texts which may not be sent do not hold up the others. */
const spare = 20

/** `limit` bounds all, `urgentLimit` the urgent ones: they may use connections that the others may not. */
export type TextAsk = { workerId: number; now: () => Date; limit: number; urgentLimit: number }

/** Null when another claim of the account is under way. */
export async function claimTexts(deps: TextClaimDeps, ask: TextAsk): Promise<TextsClaimed | null> {
  return transaction(deps.sql, async (tx) => {
    const budget = await claims.lockBudget(tx, deps.carrierAccountId, ask.workerId)
    if (budget === null) return null
    const allowedMs = performance.now()
    const now = ask.now()
    const nowMs = budget.wall.getTime()
    const none = (waitMs: number): TextsClaimed => ({ ...nothing, allowedMs, waitMs })
    if (!budget.workerInForce) return none(goneWaitMs)
    if (budget.blockedUntil && budget.blockedUntil > budget.wall)
      return none(budget.blockedUntil.getTime() - nowMs)
    return take({ tx, deps, now, budget, allowedMs, taken: new Set() }, ask)
  })
}

type Step = {
  tx: Tx
  deps: TextClaimDeps
  now: Date
  budget: claims.Budget
  allowedMs: number
  /** What is under way by this very claim. */
  taken: Set<string>
}

async function take(step: Step, ask: TextAsk): Promise<TextsClaimed> {
  const { tx, deps, now, budget } = step
  const { perSecond } = budget
  const nowMs = budget.wall.getTime()
  const nextMs = budget.nextSlotAt?.getTime() ?? nowMs
  const wanted = await waitingCandidates(tx, deps, { now, urgent: true, limit: ask.urgentLimit })
  const urgent = await judge(step, wanted, ask.urgentLimit)
  const ahead = urgentSlots({ nowMs, nextMs, perSecond, count: urgent.sendable.length })
  const limit = Math.max(0, ask.limit - ahead.atMs.length)
  const slots = freeSlots({ nowMs, nextMs: ahead.nextMs, perSecond, limit })
  const others = slots.count === 0 ? noOthers : await gatherOthers(step, slots.count)
  const other = await judge(step, others.candidates, slots.count)
  const chosen = [
    ...urgent.sendable.slice(0, ahead.atMs.length).map((candidate, index) => ({
      candidate,
      slotMs: (ahead.atMs[index] ?? nowMs) - nowMs,
    })),
    ...other.sendable.map((candidate, index) => ({
      candidate,
      slotMs: slots.firstMs - nowMs + index * slots.intervalMs,
    })),
  ]
  const born = await writeTextIntents(tx, deps, { chosen, owner: ask.workerId, now })
  const aside = [...urgent.aside, ...other.aside]
  const { dropped, numbers } = await setTextsAside(tx, aside, now)
  await intents.moveNumbers(tx, [...born.numbers, ...numbers])
  if (chosen.length > 0) {
    const nextSlotAt = new Date(Math.ceil(afterUse(slots, other.sendable.length)))
    await claims.saveNextSlot(tx, deps.carrierAccountId, nextSlotAt)
  }
  await claims.saveTurns(tx, others.turns(other.leftover), budget.wall)
  await closeBatch(tx, {
    now,
    workspaces: [
      ...tellTexts(born.moves),
      ...others.paused,
      ...intents.numberTotals([...born.numbers, ...numbers]),
    ],
  })
  return {
    intents: born.intents,
    looked: urgent.looked + other.looked,
    setAside: aside.length,
    dropped,
    exhausted: others.exhausted,
    allowedMs: step.allowedMs,
    waitMs: Math.max(0, slots.firstMs - nowMs + (other.sendable.length - 1) * slots.intervalMs),
  }
}

function billOf({ workspaceId, to, body, number, text, rules }: TextCandidate): Bill {
  const subject =
    number === null
      ? { workspaceId, kind: 'text' as const, subject: text?.id ?? '' }
      : { workspaceId, kind: 'run' as const, subject: String(number.runId) }
  return { subject, to, units: () => text?.segments ?? segmentsOf(body).segments, terms: rules }
}

const noOthers: RunTexts = noRunTexts

/** What waits by itself goes before what campaigns have. */
async function gatherOthers({ tx, deps, now }: Step, slots: number): Promise<RunTexts> {
  const waiting = await waitingCandidates(tx, deps, { now, urgent: false, limit: slots + spare })
  if (waiting.length >= slots) return { ...noRunTexts, candidates: waiting }
  const runs = await gatherRunTexts(tx, deps, { now, most: slots - waiting.length + spare })
  return { ...runs, candidates: [...waiting, ...runs.candidates] }
}

/** What one claim takes only once. */
function onceKeys({ key, workspaceId, to, lane, kind, rules }: TextCandidate): string[] {
  return rules.frequencyCap !== null && isUnasked(lane, kind) ? [key, `${workspaceId} ${to}`] : [key]
}

type Judged = {
  sendable: TextCandidate[]
  aside: TextAside[]
  /** Looked at, and neither taken nor set aside. */
  leftover: Set<TextCandidate>
  looked: number
}

/** Those that may be sent now, at most `limit`, and those that may not. */
async function judge(step: Step, candidates: readonly TextCandidate[], limit: number): Promise<Judged> {
  const verdicts = await judgeTexts(step.tx, step.deps, candidates, step.now)
  const payer = await openPayer(step.tx, 'text', candidates.map(billOf))
  const judged: Judged = { sendable: [], aside: [], leftover: new Set(), looked: candidates.length }
  for (const [index, candidate] of candidates.entries()) {
    const verdict = verdicts[index]
    if (verdict === undefined) continue
    if (!verdict.ok) judged.aside.push({ candidate, verdict })
    // Once an identical one, or one that counts against the same cap, is taken in this very claim, the others are looked
    // at again in a moment, when that one is counted.
    else if (judged.sendable.length >= limit || onceKeys(candidate).some((key) => step.taken.has(key)))
      judged.leftover.add(candidate)
    else if (payer.pays(billOf(candidate))) {
      judged.sendable.push(candidate)
      for (const key of onceKeys(candidate)) step.taken.add(key)
    } else judged.aside.push({ candidate, verdict: noCredit })
  }
  await payer.save(step.tx, step.now)
  return judged
}
