/** A call that was dialed for a plan records itself on it when it is over, in the transaction that ends it. */
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import type { Call, CallState } from '../calls/call.ts'
import type { Move } from '../calls/call-telling.ts'
import { findPlansOfCalls } from './plan-call-store.ts'
import { toWholeSecond } from './plan-dates.ts'
import { recordCalls } from './plan-recording.ts'
import type { Outcome } from './plan.ts'

/** Follows the report writer. Only the second call counts, the one to the lead: ringing an agent calls nobody. */
export async function recordDialedCalls(
  tx: Tx,
  moves: readonly Move[],
  now: Date,
): Promise<WorkspaceBatch[]> {
  const ended = moves.flatMap(({ before, after }) => {
    const outcome = outcomeOf(after.state)
    const isNew = before?.state !== after.state && after.numberId === null
    return isNew && outcome !== null ? [{ call: after, outcome }] : []
  })
  if (ended.length === 0) return []
  const plans = await findPlansOfCalls(
    tx,
    ended.map(({ call }) => ({ workspaceId: call.workspaceId, callId: call.id })),
  )
  const recordings = ended.flatMap(({ call, outcome }) => {
    const planId = plans.get(call.id)
    return planId === undefined ? [] : [recordingOf(call, planId, outcome)]
  })
  return (await recordCalls(tx, recordings, now)).batches
}

function recordingOf(call: Call, planId: number, outcome: Outcome) {
  return {
    workspaceId: call.workspaceId,
    planId,
    ownerId: null,
    calledAt: toWholeSecond(call.createdAt),
    outcome,
    notes: '',
    callId: call.id,
    recordedBy: null,
  }
}

/** Null while nothing is known, and when nobody was called. */
function outcomeOf(state: CallState): Outcome | null {
  switch (state) {
    case 'completed':
      return 'answered'
    case 'busy':
      return 'busy'
    case 'no_answer':
    case 'canceled':
      return 'no_answer'
    case 'failed':
      return 'other'
    default:
      return null
  }
}
