/** Working through the plans of today, one after the other. Pure. */
import type { CallPlan } from './read-today.ts'

export type Step = 'called' | 'rescheduled' | 'skipped'

export interface Queue {
  /** In the order in which they came; what is done stays in its place until the queue is left. */
  plans: readonly CallPlan[]
  steps: Readonly<Record<number, Step>>
}

export const emptyQueue: Queue = { plans: [], steps: {} }

/**
 * The queue with what is due now: known plans keep their place and new ones come last. Gone ones stay if they are done,
 * or if `current` names them: a call that was dialed takes its plan out of what is due before anybody wrote how it went.
 */
export function withDue(queue: Queue, due: readonly CallPlan[], current?: number): Queue {
  const fresh = new Map(due.map((plan) => [plan.id, plan]))
  const known = new Set(queue.plans.map((plan) => plan.id))
  const plans = [
    ...queue.plans.flatMap(
      (plan) =>
        fresh.get(plan.id) ?? (queue.steps[plan.id] !== undefined || plan.id === current ? [plan] : []),
    ),
    ...due.filter((plan) => !known.has(plan.id)),
  ]
  return { ...queue, plans }
}

export function withStep(queue: Queue, planId: number, step: Step): Queue {
  return { ...queue, steps: { ...queue.steps, [planId]: step } }
}

export function waiting(queue: Queue): CallPlan[] {
  return queue.plans.filter((plan) => queue.steps[plan.id] === undefined)
}

/** The plan that waits next to this one, in a direction; from the end it goes on at the other. Null when none waits. */
export function neighbour(queue: Queue, planId: number | undefined, direction: 1 | -1): CallPlan | null {
  const { plans } = queue
  const at = plans.findIndex((plan) => plan.id === planId)
  for (let distance = 1; distance <= plans.length; distance += 1) {
    const index = (at + direction * distance + plans.length * 2) % plans.length
    const plan = plans[index]
    if (plan !== undefined && queue.steps[plan.id] === undefined) return plan
  }
  return null
}

export function countOf(queue: Queue, step: Step): number {
  return Object.values(queue.steps).filter((one) => one === step).length
}
