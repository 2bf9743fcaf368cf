/** A direct call that dialed nobody is followed by another one, as a campaign's number is called again by its run. */
import { moveHolds } from '../credits/credit-store.ts'
import { failpoint } from '../failpoint.ts'
import { uuidV7 } from '../random.ts'
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { tellMoves, type Move } from './call-telling.ts'
import { insertAgain } from './new-call-store.ts'

/** So that a carrier in trouble is not asked at once again. */
const againAfterMs = 1_000
/** Then the call is left as it is, with its reason. */
const mostAttempts = 20

/**
 * Queues the next attempt of each direct call that was just given back. A call that somebody wanted ended, and one that
 * was given back twenty times, is not followed.
 */
export async function queueAgain(tx: Tx, moves: readonly Move[], now: Date): Promise<WorkspaceBatch[]> {
  const again = moves.filter(givesBack).map(({ after }) => ({
    workspaceId: after.workspaceId,
    oldId: after.id,
    id: uuidV7(now.getTime()),
    createdAt: now,
    dueAt: new Date(now.getTime() + againAfterMs),
  }))
  if (again.length === 0) return []
  const born = await insertAgain(tx, again)
  await moveHolds(
    tx,
    again.flatMap(({ workspaceId, oldId: from, id: to }) =>
      born.some((call) => call.id === to) ? [{ workspaceId, kind: 'call' as const, from, to }] : [],
    ),
  )
  failpoint('call.again')
  return tellMoves(born.map((call) => ({ before: null, after: call })))
}

function givesBack({ before, after }: Move): boolean {
  if (after.state !== 'not_placed' || before?.state === 'not_placed') return false
  return after.numberId === null && before?.hangUp !== true && after.attempt < mostAttempts
}
