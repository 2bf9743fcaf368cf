/**
 * One claim: takes slots from the carrier account's budget, picks who is next, asks for each whether they may be
 * called now, and writes intents. All in one transaction that is committed before any byte goes to the carrier.
 */
import { moreContacts, noContacts } from '../accounts/frequency-cap.ts'
import type { PriceList } from '../accounts/price-list.ts'
import { minutesToHold } from '../credits/credit.ts'
import { failpoint } from '../failpoint.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import type { Call } from '../calls/call.ts'
import { tellMoves } from '../calls/call-telling.ts'
import type { SpokenPart } from '../calls/call-instructions.ts'
import type { VoiceOptions } from '../calls/voice-options.ts'
import type { AudioName } from '../speech/audio-address.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import type { OtpCodes } from '../otp/otp-code.ts'
import { gather, type Candidate, type Gathered } from './candidates.ts'
import { eligibility, type Circumstances, type Eligibility, type Rules } from './eligibility.ts'
import { noCredit, openPayer, type Bill } from './claim-credits.ts'
import { contactsOf } from '../campaigns/contact-store.ts'
import { numberAside, writeAside, writeIntents, type Aside } from './claim-writes.ts'
import { askLeads } from './recipient-zones.ts'
import { findSounds } from './sounds.ts'
import * as claims from './claim-store.ts'
import * as intents from './intent-store.ts'
import { afterUse, slotsInLanes } from './pacing.ts'

/** What a workspace's settings say to the dialer. */
export type DialRules = Rules & {
  timeZone: string
  callsPerSecond: number | null
  maxConcurrentCalls: number | null
  creditLimit: number | null
  creditPrices: PriceList
}

export type ClaimDeps = {
  sql: Sql
  carrierAccountId: number
  live: boolean
  readRules: (settings: unknown) => DialRules
  /** The path at which carriers fetch sound. */
  soundPath: (name: AudioName) => string
  /** Puts codes into the messages of calls that say them; without it, none is dialed. */
  otpCodes?: OtpCodes
}

/** The right to place one call, once, at its slot. `slotMs`: milliseconds after the claim's database time. */
export type Intent = {
  workspaceId: number
  callId: string
  /** Null for a direct call. */
  runId: number | null
  to: string
  from: string
  text: string
  voice: string | null
  /** Of an agent's call: the number it is joined with. */
  joins: string | null
  room: Candidate['room']
  /** What is heard, where that is not the text, said by the carrier. */
  parts?: readonly SpokenPart[]
  options: VoiceOptions
  slotMs: number
}

export type Claimed = {
  intents: Intent[]
  /** The calls of the intents, as they were committed. */
  calls: Call[]
  /** Numbers and calls that were looked at; when intents are fewer, the others were set aside. */
  looked: number
  /** How many of them were set aside with a reason, but for those that wait for their sound. */
  setAside: number
  /** How many wait until what they will hear is spoken. */
  awaitingSound: number
  /** Runs in which nothing was found: they may be over. */
  exhausted: { workspaceId: number; runId: number; campaignId: number }[]
  /** Direct calls that may never be dialed, with their reasons. */
  dropped: { workspaceId: number; callId: string; reason: string }[]
  /** Monotonic milliseconds of the moment in which the slots were counted: the base of `slotMs`. */
  allowedMs: number
  /** Milliseconds until the next slot, or until the account may be asked again. */
  waitMs: number
}

const nothing = {
  intents: [],
  calls: [],
  looked: 0,
  setAside: 0,
  awaitingSound: 0,
  exhausted: [],
  dropped: [],
}
/** Nothing is claimed for a worker that was taken for gone; it learns that by itself. */
const goneWaitMs = 250
/** Shorter than any slot distance that matters, longer than a busy loop. */
const fullPauseMs = 50

/**
 * Claims up to `limit` intents for `workerId`; null when another claim of the account is under way. `now` tells product
 * time; it is asked once, when the budget is locked: however long that took, nobody is called by a time that has passed.
 */
export async function claim(
  deps: ClaimDeps,
  ask: { workerId: number; now: () => Date; limit: number },
): Promise<Claimed | null> {
  return transaction(deps.sql, async (tx) => {
    const budget = await claims.lockBudget(tx, deps.carrierAccountId, ask.workerId)
    if (budget === null) return null
    const allowedMs = performance.now()
    const now = ask.now()
    const nowMs = budget.wall.getTime()
    const none = (waitMs: number): Claimed => ({ ...nothing, allowedMs, waitMs })
    failpoint('claim.budget')
    if (!budget.workerInForce) return none(goneWaitMs)
    if (budget.blockedUntil && budget.blockedUntil > budget.wall)
      return none(budget.blockedUntil.getTime() - nowMs)
    const open = await claims.countOpenCalls(tx, deps.carrierAccountId)
    const free = budget.maxConcurrent - [...open.values()].reduce((sum, count) => sum + count, 0)
    const rate = { nowMs, nextMs: budget.nextSlotAt?.getTime() ?? nowMs, perSecond: budget.perSecond }
    const limit = Math.min(ask.limit, free)
    const { carrierAccountId } = deps
    const urgent = await claims.waitingCalls(tx, { carrierAccountId, now, urgent: true, limit })
    const { urgentAtMs, slots } = slotsInLanes(rate, { urgent: urgent.length, limit })
    if (slots.count + urgentAtMs.length === 0)
      return none(free <= 0 ? fullPauseMs : Math.max(1, slots.firstMs - nowMs - 50))
    const first = urgent.slice(0, urgentAtMs.length)
    const gathered = await gather(tx, deps, {
      now,
      wall: budget.wall,
      urgent: first,
      slots: slots.count,
      open,
    })
    return decide(tx, deps, {
      workerId: ask.workerId,
      now,
      allowedMs,
      rate,
      limit,
      slots: slots.count,
      gathered,
    })
  })
}

type Step = {
  workerId: number
  now: Date
  allowedMs: number
  rate: { nowMs: number; nextMs: number; perSecond: number }
  /** Calls that this claim may begin, and how many of them wait for a slot. */
  limit: number
  slots: number
  gathered: Gathered
}

async function decide(tx: Tx, deps: ClaimDeps, step: Step): Promise<Claimed> {
  const { gathered, now, rate } = step
  const verdicts = await judgeCandidates(tx, deps, gathered.candidates, now)
  const payer = await openPayer(tx, 'call', gathered.candidates.map(billOf))
  const taken: Candidate[] = []
  const aside: Aside[] = []
  const leftover = new Set<Candidate>()
  const chosen = new Map<string, number>()
  const places = { urgent: 0, others: 0 }
  for (const [index, candidate] of gathered.candidates.entries()) {
    let verdict = verdicts[index]
    if (verdict === undefined) continue
    const keys = busyKeys(candidate)
    const already = Math.max(...keys.map((key) => chosen.get(key) ?? 0))
    if (verdict.ok && already > 0) verdict = asIfCalled(candidate.circumstances(now), already)
    if (!verdict.ok) aside.push({ candidate, verdict })
    else if ((candidate.urgent || places.others < step.slots) && gathered.allow(candidate)) {
      if (!payer.pays(billOf(candidate))) {
        aside.push({ candidate, verdict: noCredit })
        continue
      }
      taken.push(candidate)
      places[candidate.urgent ? 'urgent' : 'others'] += 1
      for (const key of keys) chosen.set(key, (chosen.get(key) ?? 0) + 1)
    } else leftover.add(candidate)
  }
  await payer.save(tx, now)
  const birth = { carrierAccountId: deps.carrierAccountId, owner: step.workerId, now }
  const born = await writeIntents(tx, birth, taken)
  if (born.intents.length > 0) failpoint('claim.intents')
  const dropped = await writeAside(tx, aside, now)
  const { urgentAtMs, slots } = slotsInLanes(rate, { urgent: places.urgent, limit: step.limit })
  await claims.saveNextSlot(tx, deps.carrierAccountId, new Date(afterUse(slots, places.others)))
  await gathered.saveWorkspaceBudgets(tx, deps.carrierAccountId)
  await claims.saveTurns(tx, gathered.turns(leftover), new Date(rate.nowMs))
  await closeBatch(tx, {
    now,
    workspaces: [
      ...tellMoves(born.moves),
      ...gathered.paused,
      ...intents.numberTotals([...born.numbers, ...aside.flatMap(numberAside)]),
    ],
  })
  if (born.intents.length > 0) failpoint('claim.closed')
  const awaitingSound = aside.filter(({ verdict }) => verdict.reason === 'audio_not_ready').length
  // Urgent ones are first, in both.
  const startMs = (index: number) =>
    urgentAtMs[index] ?? slots.firstMs + (index - urgentAtMs.length) * slots.intervalMs
  return {
    intents: born.intents.map((intent, index) => ({ ...intent, slotMs: startMs(index) - rate.nowMs })),
    calls: born.moves.map((move) => move.after),
    looked: gathered.candidates.length,
    setAside: aside.length - awaitingSound,
    awaitingSound,
    exhausted: gathered.exhausted,
    dropped,
    allowedMs: step.allowedMs,
    waitMs: Math.max(0, slots.firstMs + (places.others - 1) * slots.intervalMs - rate.nowMs),
  }
}

function billOf({ workspaceId, to, messageSeconds, number, waitingCallId, rules }: Candidate): Bill {
  const subject =
    number === null
      ? { workspaceId, kind: 'call' as const, subject: waitingCallId ?? '' }
      : { workspaceId, kind: 'run' as const, subject: String(number.runId) }
  return { subject, to, units: () => minutesToHold(messageSeconds), terms: rules }
}

/** The verdict once this very claim has taken `already` other calls to the number. */
function asIfCalled(circumstances: Circumstances, already: number): Eligibility {
  return eligibility({
    ...circumstances,
    contacts: moreContacts(circumstances.contacts, already),
    numberBusy: true,
  })
}

/** What must be free: the two numbers together, and the person, whichever number would be shown to them. */
function busyKeys(one: { workspaceId: number; from: string; to: string }): [string, string] {
  return [`${one.from} ${one.to}`, `${one.workspaceId} ${one.to}`]
}

/** Everything `eligibility` asks about, looked up for all candidates together. */
async function judgeCandidates(
  tx: Tx,
  deps: ClaimDeps,
  candidates: Candidate[],
  now: Date,
): Promise<Eligibility[]> {
  if (candidates.length === 0) return []
  await askLeads(tx, candidates)
  await findSounds(tx, candidates, { now, soundPath: deps.soundPath })
  const [listed, busy, made] = await Promise.all([
    claims.doNotCall(tx, candidates),
    claims.busyNumbers(tx, deps.carrierAccountId, candidates),
    contactsOf(tx, candidates, now),
  ])
  return candidates.map((one) => {
    const key = `${one.workspaceId} ${one.to}`
    one.circumstances = (at) => ({
      now: at,
      rules: one.rules,
      zones: one.zones,
      onDoNotCallList: listed.has(key),
      contacts: made.get(key) ?? noContacts,
      numberBusy: busyKeys(one).some((name) => busy.has(name)),
      message: one.message.ok ? { ok: true } : one.message,
      soundIsReady: one.soundIsReady,
      magicNumberOnLiveCarrier: deps.live && isMagicNumber(one.to),
    })
    return eligibility(one.circumstances(now))
  })
}
