/** What a text does to the number it was sent to, written in the transaction that moves the text. */
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { isFinalText, type FinalTextState, type Text } from '../messages/text.ts'
import type { TextMove } from '../messages/text-telling.ts'
import { retryEnded } from './retry-store.ts'
import { givenBackDelayMs, retriedFailure, writeOutcomes, type NumberOutcome } from './number-outcomes.ts'

/**
 * The outcome of a finished text for its number. Credits: one per segment that the carrier took. A text that was sent and
 * never confirmed counts as completed: it probably arrived, and whoever repeats the failed ones must not send it again.
 */
export function textOutcome(text: Text & { state: FinalTextState }, now: Date): NumberOutcome {
  const sent = {
    usesAttempt: true,
    dueAt: null,
    duration: 0,
    playback: 0,
    credits: text.segments,
    retriedAs: null,
  }
  const unsent = { ...sent, credits: 0 }
  switch (text.state) {
    case 'delivered':
      return { status: 'completed', reason: null, ...sent }
    case 'unconfirmed':
      return { status: 'completed', reason: 'no_delivery_report', ...sent }
    case 'undelivered':
      return { status: 'failed', reason: text.reason ?? 'undelivered', ...sent, retriedAs: 'failed' }
    case 'failed':
      return { status: 'failed', reason: text.reason, ...unsent, retriedAs: retriedFailure(text) }
    case 'held':
      return { status: 'failed', reason: 'held', ...unsent }
    case 'canceled':
      return { status: 'terminated', reason: text.reason ?? 'canceled', ...unsent }
    case 'not_sent': {
      const dueAt = new Date(now.getTime() + givenBackDelayMs)
      return { status: 'queued', reason: text.reason, ...unsent, usesAttempt: false, dueAt }
    }
  }
}

/** Writes the outcomes of the texts that ended to their numbers. */
export async function recordTextOutcomes(
  tx: Tx,
  moves: readonly TextMove[],
  now: Date,
): Promise<WorkspaceBatch[]> {
  const ended = moves.flatMap(({ after }) => {
    const { workspaceId, runId, numberId, attempt } = after
    if (numberId === null || runId === null || !hasEnded(after)) return []
    return [{ workspaceId, runId, numberId, attempt, outcome: textOutcome(after, now) }]
  })
  return writeOutcomes(tx, await retryEnded(tx, ended, { of: 'texts', now }))
}

function hasEnded(text: Text): text is Text & { state: FinalTextState } {
  return isFinalText(text.state)
}
