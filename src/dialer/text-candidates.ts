/** Who is next to be texted, and whether they may be: everything `textEligibility` asks about, looked up together. */
import { noContacts } from '../accounts/frequency-cap.ts'
import type { Tx } from '../db/sql.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { zoneListOfNumber } from '../numbers/number-zone.ts'
import type { GateAnswer } from '../messages/text-queue.ts'
import type { Lane, Text, TextKind } from '../messages/text.ts'
import { askLeads, zonesOf } from './recipient-zones.ts'
import type { DialRules } from './claim.ts'
import { contactsOf } from '../campaigns/contact-store.ts'
import type { Eligibility } from './eligibility.ts'
import type { TextClaimDeps } from './text-claim.ts'
import * as store from './text-claim-store.ts'
import { textEligibility } from './text-eligibility.ts'

export type TextCandidate = {
  workspaceId: number
  to: string
  from: string
  /** What will be sent, once its gate was asked. */
  body: string
  /** The keyed hash of the body, in hexadecimal. */
  hash: string
  /** What may be under way only once: `from to hash`. */
  key: string
  lane: Lane
  kind: TextKind
  /** Why it can never be sent; null when it can. */
  unfit: string | null
  rules: DialRules
  zones: readonly string[]
  /** The list does not say where the person is. */
  asksLead: boolean
  expiresAt: Date | null
  /** The row that waited; null for a campaign's number, whose text is born in the claim. */
  text: Text | null
  number: { id: number; campaignId: number; runId: number; status: string; attempts: number } | null
}

export type JudgedText = Eligibility

export async function waitingCandidates(
  tx: Tx,
  deps: TextClaimDeps,
  ask: { now: Date; urgent: boolean; limit: number },
): Promise<TextCandidate[]> {
  const waiting = await store.waitingTexts(tx, { carrierAccountId: deps.carrierAccountId, ...ask })
  return waiting.map(({ text, bodyHash, expiresAt, settings }) => {
    const rules = deps.readRules(settings)
    const hash = bodyHash.toString('hex')
    return {
      workspaceId: text.workspaceId,
      to: text.toNumber,
      from: text.fromNumber,
      body: text.body,
      hash,
      key: `${text.fromNumber} ${text.toNumber} ${hash}`,
      lane: text.lane,
      kind: text.kind,
      unfit: null,
      rules,
      zones: zonesOf(zoneListOfNumber(text.toNumber), rules),
      asksLead: true,
      expiresAt,
      text,
      number: null,
    }
  })
}

/** Judges the candidates, in their order. A gate may replace the body of one; its hash must stay what it was. */
export async function judgeTexts(
  tx: Tx,
  deps: TextClaimDeps,
  candidates: readonly TextCandidate[],
  now: Date,
): Promise<JudgedText[]> {
  if (candidates.length === 0) return []
  const gated = await askGates(tx, deps, candidates, now)
  await askLeads(tx, candidates)
  const [forbidden, made, open] = await Promise.all([
    store.textsForbidden(tx, candidates),
    contactsOf(tx, candidates, now),
    store.openIdentical(tx, deps.carrierAccountId, candidates),
  ])
  return candidates.map((candidate) => {
    const stopped = forbidden.get(`${candidate.workspaceId} ${candidate.to}`)
    return textEligibility({
      now,
      lane: candidate.lane,
      kind: candidate.kind,
      rules: candidate.rules,
      zones: candidate.zones,
      forbidden: stopped === undefined ? null : stopped ? 'by_person' : 'by_workspace',
      expiresAt: candidate.expiresAt,
      contacts: made.get(`${candidate.workspaceId} ${candidate.to}`) ?? noContacts,
      identicalOpen: open.has(candidate.key),
      body: composed(candidate, gated.get(candidate.text?.id ?? ''), deps),
      magicNumberOnLiveCarrier: deps.live && isMagicNumber(candidate.to),
    })
  })
}

/** Puts the gate's body into the candidate. */
function composed(
  candidate: TextCandidate,
  answer: GateAnswer | undefined,
  { hashBody }: TextClaimDeps,
): { ok: true } | { ok: false; reason: string } {
  if (candidate.unfit !== null) return { ok: false, reason: candidate.unfit }
  if (answer === undefined) return { ok: true }
  if (!answer.send) return { ok: false, reason: answer.reason }
  if (hashBody(answer.body).toString('hex') !== candidate.hash) return { ok: false, reason: 'body_changed' }
  candidate.body = answer.body
  return { ok: true }
}

async function askGates(
  tx: Tx,
  { gates }: TextClaimDeps,
  candidates: readonly TextCandidate[],
  now: Date,
): Promise<Map<string, GateAnswer>> {
  const answers = new Map<string, GateAnswer>()
  for (const [kind, gate] of Object.entries(gates)) {
    const texts = candidates.flatMap(({ text }) => (text?.kind === (kind as TextKind) ? [text] : []))
    if (texts.length === 0) continue
    const given = await gate(tx, texts, now)
    for (const [index, text] of texts.entries()) {
      const answer = given[index]
      if (answer === undefined) throw new Error(`the gate of ${kind} left a text without an answer`)
      answers.set(text.id, answer)
    }
  }
  return answers
}
