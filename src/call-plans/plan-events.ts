/** What open pages are told about plans. Pure. */
import type { WorkspaceBatch } from '../events/event-log.ts'

type Told = { workspaceId: number; id: number; leadId: number; assignedTo: string | null }

/** An event for each person who works on the leads of these plans. */
export function tellPlans(plans: readonly Told[]): WorkspaceBatch[] {
  const groups = new Map<string, Told[]>()
  for (const plan of plans) {
    const key = `${plan.workspaceId} ${plan.assignedTo}`
    groups.set(key, [...(groups.get(key) ?? []), plan])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const data = { plans: group.map((plan) => plan.id), leads: group.map((plan) => plan.leadId) }
    return [
      {
        workspaceId: first.workspaceId,
        totals: [],
        events: [{ kind: 'call_plans.changed', visibleTo: first.assignedTo, data }],
      },
    ]
  })
}
