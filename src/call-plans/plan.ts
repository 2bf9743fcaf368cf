/** A call plan: how often somebody is called, and what a recorded call changes. Pure. */
import { nextAfterCall, type Frequency } from './plan-dates.ts'

export type Plan = {
  workspaceId: number
  id: number
  leadId: number
  frequency: Frequency
  lastCalled: Date | null
  nextCallDate: Date
  notes: string
  /** The lead must not be called, or is closed: nobody is asked to call it. */
  paused: boolean
}

export const outcomes = ['answered', 'no_answer', 'busy', 'left_message', 'wrong_number', 'other'] as const
export type Outcome = (typeof outcomes)[number]

/** Clocks of callers may be a little ahead of ours. */
export const mostAheadMs = 5 * 60 * 1_000

/**
 * What a call does to the dates of its plan. Null: nothing, because a later one is recorded already.
 */
export function datesAfterCall(
  plan: Pick<Plan, 'lastCalled' | 'frequency'>,
  calledAt: Date,
  zone: string,
): { lastCalled: Date; nextCallDate: Date } | null {
  if (plan.lastCalled !== null && calledAt <= plan.lastCalled) return null
  return { lastCalled: calledAt, nextCallDate: nextAfterCall(calledAt, plan.frequency, zone) }
}
