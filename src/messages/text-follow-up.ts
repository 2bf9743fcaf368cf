/** A text of nobody's run that was given back is followed by another one, as a campaign's number is texted again by its run. */
import { moveHolds } from '../credits/credit-store.ts'
import { uuidV7 } from '../random.ts'
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { insertTextsAgain } from './text-store.ts'
import { tellTexts, type TextMove } from './text-telling.ts'

/** So that a carrier in trouble is not asked at once again. */
const againAfterMs = 1_000
/** Then the text is left as it is, with its reason. */
const mostAttempts = 20

/** Queues the next attempt of each text that was just given back. One that has expired by then is dropped by its claim. */
export async function queueTextsAgain(
  tx: Tx,
  moves: readonly TextMove[],
  now: Date,
): Promise<WorkspaceBatch[]> {
  const again = moves.filter(givesBack).map(({ after }) => ({
    workspaceId: after.workspaceId,
    oldId: after.id,
    id: uuidV7(now.getTime()),
    createdAt: now,
    dueAt: new Date(now.getTime() + againAfterMs),
  }))
  if (again.length === 0) return []
  const born = await insertTextsAgain(tx, again)
  await moveHolds(
    tx,
    again.flatMap(({ workspaceId, oldId: from, id: to }) =>
      born.some((text) => text.id === to) ? [{ workspaceId, kind: 'text' as const, from, to }] : [],
    ),
  )
  return tellTexts(born.map((text) => ({ before: null, after: text })))
}

function givesBack({ before, after }: TextMove): boolean {
  if (after.state !== 'not_sent' || before?.state === 'not_sent') return false
  return after.numberId === null && after.attempt < mostAttempts
}
