/** Records calls on their plans: the dates of the plans, their histories, and what open pages are told. */
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { addPlanCalls, type NewPlanCall } from './plan-call-store.ts'
import { tellPlans } from './plan-events.ts'
import { lockPlans, savePlanDates, type LockedPlan } from './plan-store.ts'
import { datesAfterCall, type Plan } from './plan.ts'

/** `ownerId`: records only on plans whose lead this person works on; null = on any of the workspace. */
export type Recording = NewPlanCall & { ownerId: string | null }

export type Recorded = {
  /** The plan of each recording, as it is after it; null when there is no such plan. */
  plans: (Plan | null)[]
  /** For the end of the transaction. */
  batches: WorkspaceBatch[]
}

/** Plans are locked in one order, so two batches never wait for each other in a circle. */
export async function recordCalls(tx: Tx, recordings: readonly Recording[], now: Date): Promise<Recorded> {
  if (recordings.length === 0) return { plans: [], batches: [] }
  const locked = await lockPlans(tx, recordings)
  const before = new Map(locked.map((plan) => [keyOf(plan.workspaceId, plan.id), plan]))
  const after = new Map(before)
  const calls = new Map<string, NewPlanCall>()
  const plans = recordings.map((recording): Plan | null => {
    const key = keyOf(recording.workspaceId, recording.planId)
    const plan = after.get(key)
    if (plan === undefined || (recording.ownerId !== null && plan.assignedTo !== recording.ownerId))
      return null
    const dates = datesAfterCall(plan, recording.calledAt, plan.timeZone)
    const changed = dates === null ? plan : { ...plan, ...dates }
    after.set(key, changed)
    addCall(calls, recording)
    return changed
  })
  const moved = locked.flatMap((plan) => {
    const changed = after.get(keyOf(plan.workspaceId, plan.id))
    return changed === undefined || changed === plan ? [] : [changed]
  })
  if (calls.size > 0) await addPlanCalls(tx, [...calls.values()], now)
  if (moved.length > 0) await savePlanDates(tx, moved, now)
  return { plans, batches: tellPlans(touched(locked, calls)) }
}

/** The same call told twice at once is one call. */
function addCall(calls: Map<string, NewPlanCall>, recording: Recording): void {
  const { workspaceId, planId, calledAt, outcome, notes, callId, recordedBy } = recording
  const key = `${keyOf(workspaceId, planId)} ${calledAt.getTime()}`
  const known = calls.get(key)
  calls.set(key, {
    workspaceId,
    planId,
    calledAt,
    outcome: outcome ?? known?.outcome ?? null,
    notes: notes === '' ? (known?.notes ?? '') : notes,
    callId: known?.callId ?? callId,
    recordedBy: known?.recordedBy ?? recordedBy,
  })
}

function touched(locked: readonly LockedPlan[], calls: ReadonlyMap<string, NewPlanCall>): LockedPlan[] {
  const keys = new Set([...calls.values()].map((call) => keyOf(call.workspaceId, call.planId)))
  return locked.filter((plan) => keys.has(keyOf(plan.workspaceId, plan.id)))
}

function keyOf(workspaceId: number, planId: number): string {
  return `${workspaceId} ${planId}`
}
