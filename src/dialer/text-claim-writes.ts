/** What one claim of texts writes. The statements are in the store; here candidates become rows. */
import type { Tx } from '../db/sql.ts'
import { segmentsOf } from '../messages/text-segments.ts'
import { appendTextEntries } from '../messages/text-store.ts'
import type { TextMove } from '../messages/text-telling.ts'
import type { Text } from '../messages/text.ts'
import { uuidV7 } from '../random.ts'
import type { Eligibility } from './eligibility.ts'
import { whileDropped } from './claim-writes.ts'
import type { NumberChange } from './intent-store.ts'
import type { TextCandidate } from './text-candidates.ts'
import type { TextClaimDeps, TextIntent, TextsClaimed } from './text-claim.ts'
import * as store from './text-claim-store.ts'
import { numberAfter } from './text-runs.ts'

type Chosen = { candidate: TextCandidate; slotMs: number }
export type TextsBorn = { intents: TextIntent[]; moves: TextMove[]; numbers: NumberChange[] }

const identicalDelayMs = 2_000

/** Texts that waited become intents; those of campaigns are born as such. */
export async function writeTextIntents(
  tx: Tx,
  deps: TextClaimDeps,
  { chosen, owner, now }: { chosen: readonly Chosen[]; owner: number; now: Date },
): Promise<TextsBorn> {
  const { carrierAccountId, intentSilenceMs: lookAfterMs } = deps
  const birth = { carrierAccountId, owner, now, lookAfterMs }
  const named = chosen.map((one) => ({
    ...one,
    textId: one.candidate.text?.id ?? uuidV7(now.getTime()),
  }))
  const waited = named.filter(({ candidate }) => candidate.number === null)
  const fresh = named.filter(({ candidate }) => candidate.number !== null)
  const [taken, inserted] = await Promise.all([
    store.takeUpTexts(
      tx,
      waited.map(({ candidate, textId }) => ({ workspaceId: candidate.workspaceId, id: textId })),
      birth,
    ),
    store.insertTextIntents(
      tx,
      fresh.map(({ candidate, textId }) => bornText(candidate, textId)),
      birth,
    ),
  ])
  const after = [...taken, ...inserted]
  await appendTextEntries(
    tx,
    after.map((text) => intended(text, now)),
  )
  const alive = new Set(after.map((text) => text.id))
  const before = new Map(named.map(({ candidate, textId }) => [textId, candidate.text]))
  return {
    moves: after.map((text) => ({ before: before.get(text.id) ?? null, after: text })),
    intents: named.filter(({ textId }) => alive.has(textId)).map(toIntent),
    numbers: fresh.flatMap(({ candidate, textId }) => numberTaken(candidate, alive.has(textId), now)),
  }
}

function toIntent({ candidate, textId, slotMs }: Chosen & { textId: string }): TextIntent {
  const { workspaceId, to, from, body } = candidate
  return { workspaceId, textId, runId: candidate.number?.runId ?? null, to, from, body, slotMs }
}

function bornText(candidate: TextCandidate, id: string): store.BornText {
  const { number, workspaceId, to, from, body, hash } = candidate
  if (number === null) throw new Error('a text that waited is not born in a claim')
  const { encoding, segments } = segmentsOf(body)
  const { campaignId, runId, id: numberId, attempts } = number
  const attempt = attempts + 1
  return { workspaceId, id, campaignId, runId, numberId, attempt, to, from, body, hash, encoding, segments }
}

/** An identical text may have been born between the look-up and the insert only where somebody broke the order of locks. */
function numberTaken(candidate: TextCandidate, born: boolean, now: Date): NumberChange[] {
  const dueAt = new Date(now.getTime() + identicalDelayMs)
  const verdict = { ok: false as const, reason: 'identical_text_under_way', dueAt }
  const change = numberAfter(candidate, born ? { born } : { born, verdict })
  return change === null ? [] : [change]
}

function intended(text: Text, at: Date) {
  const { workspaceId, id: textId, entries: sequence, state } = text
  const source = 'dialer' as const
  return { workspaceId, textId, sequence, at, kind: 'intended', source, state, detail: null }
}

export type TextAside = { candidate: TextCandidate; verdict: Exclude<Eligibility, { ok: true }> }

/** Sets aside what may not be sent now. Returns the texts that may never be, and what becomes of campaigns' numbers. */
export async function setTextsAside(
  tx: Tx,
  aside: readonly TextAside[],
  now: Date,
): Promise<{ dropped: TextsClaimed['dropped']; numbers: NumberChange[] }> {
  const waited = aside.flatMap(({ candidate, verdict }) =>
    candidate.text === null
      ? []
      : [{ workspaceId: candidate.workspaceId, id: candidate.text.id, ...verdict }],
  )
  await store.postponeTexts(
    tx,
    waited.map((one) => ({ ...one, dueAt: one.dueAt ?? whileDropped(now) })),
  )
  return {
    dropped: waited.flatMap(({ workspaceId, id, reason, dueAt }) =>
      dueAt === null ? [{ workspaceId, textId: id, reason }] : [],
    ),
    numbers: aside.flatMap(({ candidate, verdict }) => {
      const change = numberAfter(candidate, { born: false, verdict })
      return change === null ? [] : [change]
    }),
  }
}
