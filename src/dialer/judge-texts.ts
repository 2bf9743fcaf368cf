/** Judges the records of texts, as `judge.ts` judges those of calls. Pure. */
import { textOutcome } from '../campaigns/text-outcomes.ts'
import {
  isFinalText,
  isLiveText,
  isOpenText,
  mayMoveText,
  type Lane,
  type Text,
  type TextState,
} from '../messages/text.ts'
import { stopToleranceMs, type AttemptRecord, type Finding, type RunRecord } from './judge.ts'

export type TextRecord = Text & {
  /** The keyed hash of its body, in hexadecimal. */
  hash: string
  intendedAt: Date | null
  /** Milliseconds of database time since something was learned about it. */
  silentMs: number
  forbidden: { since: Date; stoppedAt: Date | null } | null
}
export type TextEntryRecord = { sequence: number; state: TextState; kind: string; at: Date; stray: boolean }

const minutes = 60_000
/** No live text is silent for longer than this: by then somebody has asked the carrier and written the answer. */
const longestSilenceMs: Partial<Record<TextState, number>> = {
  sending: 5 * minutes,
  unknown: 15 * minutes,
  accepted: 13 * 60 * minutes,
  sent: 13 * 60 * minutes,
}

/** A text to a campaign's number, as far as the number is concerned. */
export function textAttempt(text: TextRecord): AttemptRecord {
  const { runId, attempt, state } = text
  const end = { ...text, state: isFinalText(state) ? state : ('failed' as const) }
  return {
    runId,
    attempt,
    state,
    phase:
      state === 'not_sent' ? 'void' : isLiveText(state) ? 'open' : state === 'queued' ? 'waiting' : 'over',
    status: textOutcome(end, text.endedAt ?? text.createdAt).status,
    duration: null,
  }
}

/** Judges one text by its history and its run. */
export function judgeText(
  text: TextRecord,
  entries: readonly TextEntryRecord[],
  run: RunRecord | undefined,
): Finding[] {
  const found: Omit<Finding, 'subject'>[] = [...history(text, entries)]
  const limit = longestSilenceMs[text.state]
  if (limit !== undefined && text.silentMs > limit)
    found.push({
      rule: 'left_open',
      detail: `${text.state} and silent for ${Math.round(text.silentMs / 1_000)} s`,
    })
  const endedMs = run?.endedAt?.getTime()
  if (endedMs !== undefined && text.createdAt.getTime() > endedMs + stopToleranceMs)
    found.push({
      rule: 'after_stop',
      detail: `sent ${text.createdAt.getTime() - endedMs} ms after its run ended`,
    })
  const taken = entries.find((entry) => entry.kind === 'intended')?.at
  const since = forbiddenSince(text.lane, text.forbidden)
  const sent = !['queued', 'canceled', 'not_sent'].includes(text.state)
  if (sent && taken && since && taken.getTime() > since.getTime() + stopToleranceMs)
    found.push({ rule: 'not_allowed', detail: 'its number was on the do-not-call list' })
  if (entries.some((entry) => entry.stray))
    found.push({ rule: 'stray', detail: `the carrier sent another text for it, which is ${text.state}` })
  return found.map((one) => ({ ...one, subject: `text ${text.id}` }))
}

/** A code goes past an entry of the workspace, and past nothing that the person said. */
function forbiddenSince(lane: Lane, forbidden: TextRecord['forbidden']): Date | null {
  if (forbidden === null) return null
  return lane === 'otp' ? forbidden.stoppedAt : forbidden.since
}

function bad(detail: string): Omit<Finding, 'subject'>[] {
  return [{ rule: 'history', detail }]
}

function history(text: Text, entries: readonly TextEntryRecord[]): Omit<Finding, 'subject'>[] {
  if (entries.length !== text.entries) return bad(`${entries.length} entries, the text says ${text.entries}`)
  for (const [index, entry] of entries.entries()) {
    if (entry.sequence !== index + 1) return bad(`entry ${index + 1} is missing`)
    const before = entries[index - 1]?.state
    if (before === undefined) {
      if (entry.state !== 'queued' && entry.state !== 'sending') return bad(`begins as ${entry.state}`)
    } else if (before !== entry.state && !mayMoveText(before, entry.state)) {
      return bad(`moved from ${before} to ${entry.state}`)
    }
  }
  const last = entries.at(-1)?.state
  return last === text.state ? [] : bad(`ends as ${last ?? 'nothing'}, the text is ${text.state}`)
}

/** Open texts of one carrier account: no two that are identical. Carrier ids belong to one text each. */
export function judgeTextsTogether(
  texts: readonly Pick<TextRecord, 'id' | 'state' | 'fromNumber' | 'toNumber' | 'hash' | 'carrierSid'>[],
): Finding[] {
  const found: Finding[] = []
  const open = new Map<string, string>()
  const sids = new Map<string, string>()
  for (const text of texts) {
    const key = `${text.fromNumber} ${text.toNumber} ${text.hash}`
    const beside = isOpenText(text.state) ? open.get(key) : undefined
    if (beside !== undefined)
      found.push({
        rule: 'twice',
        subject: `text ${text.id}`,
        detail: `open at once with its double ${beside}`,
      })
    if (isOpenText(text.state)) open.set(key, text.id)
    const namesake = text.carrierSid === null ? undefined : sids.get(text.carrierSid)
    if (namesake !== undefined)
      found.push({
        rule: 'twice',
        subject: `text ${text.id}`,
        detail: `has the carrier id of text ${namesake}`,
      })
    if (text.carrierSid !== null) sids.set(text.carrierSid, text.id)
  }
  return found
}
