/**
 * One claim of texts: urgent ones first, at once and ahead of the rate, then as many others as have slots. All in one
 * transaction that is committed before any byte goes to the carrier.
 */
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import type { HashBody } from '../messages/body-hash.ts'
import { appendTextEntries } from '../messages/text-store.ts'
import { tellTexts, type TextMove } from '../messages/text-telling.ts'
import type { Text } from '../messages/text.ts'
import type { TextGates } from '../messages/text-queue.ts'
import type { DialRules } from './claim.ts'
import * as claims from './claim-store.ts'
import { afterUse, freeSlots, urgentSlots } from './pacing.ts'
import * as store from './text-claim-store.ts'
import { judgeTexts, waitingCandidates, type TextCandidate, type JudgedText } from './text-candidates.ts'

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
  to: string
  from: string
  body: string
  slotMs: number
}

export type TextsClaimed = {
  intents: TextIntent[]
  /** Texts that were looked at; when intents are fewer, the others were set aside. */
  looked: number
  /** Texts that must never be sent, with their reasons. */
  dropped: { workspaceId: number; textId: string; reason: string }[]
  /** Monotonic milliseconds of the moment in which the slots were counted: the base of `slotMs`. */
  allowedMs: number
  /** Milliseconds until the next slot, or until the account may be asked again. */
  waitMs: number
}

const nothing = { intents: [], looked: 0, dropped: [] }
/** Nothing is claimed for a worker that was taken for gone; it learns that by itself. */
const goneWaitMs = 250
/** More are looked at than there are slots, so that texts which may not be sent do not hold up the others. */
const spare = 20

/** `limit` bounds all, `urgentLimit` the urgent ones: they may use connections that the others may not. */
export type TextAsk = { workerId: number; now: () => Date; limit: number; urgentLimit: number }

export async function claimTexts(deps: TextClaimDeps, ask: TextAsk): Promise<TextsClaimed> {
  return transaction(deps.sql, async (tx) => {
    const budget = await claims.lockBudget(tx, deps.carrierAccountId, ask.workerId)
    const allowedMs = performance.now()
    const now = ask.now()
    const nowMs = budget.wall.getTime()
    const none = (waitMs: number): TextsClaimed => ({ ...nothing, allowedMs, waitMs })
    if (!budget.workerInForce) return none(goneWaitMs)
    if (budget.blockedUntil && budget.blockedUntil > budget.wall)
      return none(budget.blockedUntil.getTime() - nowMs)
    const { perSecond } = budget
    const step = { tx, deps, now, taken: new Set<string>() }

    const urgent = await look(step, { urgent: true, limit: ask.urgentLimit, look: ask.urgentLimit })
    const nextMs = budget.nextSlotAt?.getTime() ?? nowMs
    const ahead = urgentSlots({ nowMs, nextMs, perSecond, count: urgent.sendable.length })
    const slots = freeSlots({
      nowMs,
      nextMs: ahead.nextMs,
      perSecond,
      limit: Math.max(0, ask.limit - ahead.atMs.length),
    })
    const other = await look(step, {
      urgent: false,
      limit: slots.count,
      look: slots.count === 0 ? 0 : slots.count + spare,
    })
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
    const intents = await writeTextIntents(step, chosen, ask.workerId)
    const aside = [...urgent.aside, ...other.aside]
    await postpone(tx, aside)
    if (chosen.length > 0)
      await claims.saveNextSlot(
        tx,
        deps.carrierAccountId,
        new Date(Math.ceil(afterUse(slots, other.sendable.length))),
      )
    await closeBatch(tx, { now, workspaces: tellTexts(intents.moves) })
    return {
      intents: intents.intents,
      looked: urgent.looked + other.looked,
      dropped: aside.flatMap(dropped),
      allowedMs,
      waitMs: Math.max(0, slots.firstMs - nowMs + (other.sendable.length - 1) * slots.intervalMs),
    }
  })
}

type Step = { tx: Tx; deps: TextClaimDeps; now: Date; taken: Set<string> }
type Looked = { sendable: TextCandidate[]; aside: Aside[]; looked: number }
type Aside = { candidate: TextCandidate; verdict: Exclude<JudgedText, { ok: true }> }

/** The texts of some lanes that may be sent now, at most `limit`, and those that may not. */
async function look(
  step: Step,
  { urgent, limit, look: most }: { urgent: boolean; limit: number; look: number },
): Promise<Looked> {
  const { tx, deps, now } = step
  const candidates = await waitingCandidates(tx, deps, { now, urgent, limit: most })
  const verdicts = await judgeTexts(tx, deps, candidates, now)
  const sendable: TextCandidate[] = []
  const aside: Aside[] = []
  for (const [index, candidate] of candidates.entries()) {
    const verdict = verdicts[index]
    if (verdict === undefined) continue
    // An identical one that is taken in this very claim is as good as under way; it is looked at again in a moment.
    if (verdict.ok && (sendable.length >= limit || step.taken.has(candidate.key))) continue
    if (!verdict.ok) aside.push({ candidate, verdict })
    else {
      sendable.push(candidate)
      step.taken.add(candidate.key)
    }
  }
  return { sendable, aside, looked: candidates.length }
}

async function writeTextIntents(
  { tx, deps, now }: Step,
  chosen: readonly { candidate: TextCandidate; slotMs: number }[],
  owner: number,
): Promise<{ intents: TextIntent[]; moves: TextMove[] }> {
  const birth = {
    carrierAccountId: deps.carrierAccountId,
    owner,
    now,
    lookAfterMs: deps.intentSilenceMs,
  }
  const before = new Map(chosen.map(({ candidate }) => [candidate.text.id, candidate.text]))
  const after = await store.takeUpTexts(
    tx,
    chosen.map(({ candidate }) => ({ workspaceId: candidate.workspaceId, id: candidate.text.id })),
    birth,
  )
  await appendTextEntries(
    tx,
    after.map((text) => intended(text, now)),
  )
  const alive = new Set(after.map((text) => text.id))
  return {
    moves: after.map((text) => ({ before: before.get(text.id) ?? null, after: text })),
    intents: chosen
      .filter(({ candidate }) => alive.has(candidate.text.id))
      .map(({ candidate, slotMs }) => ({
        workspaceId: candidate.workspaceId,
        textId: candidate.text.id,
        to: candidate.to,
        from: candidate.from,
        body: candidate.body,
        slotMs,
      })),
  }
}

function intended(text: Text, at: Date) {
  const { workspaceId, id: textId, entries: sequence, state } = text
  const source = 'dialer' as const
  return { workspaceId, textId, sequence, at, kind: 'intended', source, state, detail: null }
}

async function postpone(tx: Tx, aside: readonly Aside[]): Promise<void> {
  await store.postponeTexts(
    tx,
    aside.flatMap(({ candidate, verdict }) =>
      verdict.dueAt === null
        ? []
        : [
            {
              workspaceId: candidate.workspaceId,
              id: candidate.text.id,
              reason: verdict.reason,
              dueAt: verdict.dueAt,
            },
          ],
    ),
  )
}

function dropped({ candidate, verdict }: Aside): TextsClaimed['dropped'] {
  if (verdict.dueAt !== null) return []
  return [{ workspaceId: candidate.workspaceId, textId: candidate.text.id, reason: verdict.reason }]
}
