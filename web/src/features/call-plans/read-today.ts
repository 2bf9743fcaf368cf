import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { CallPlan, PlanCall } from '../../lib/api-types.ts'

export type { CallPlan, PlanCall }

export const plansKey = ['plans'] as const

/** Whom to call today, the longest overdue first. */
export const todayQuery = queryOptions({
  queryKey: [...plansKey, 'today'],
  queryFn: ({ signal }) =>
    answered(
      api.GET('/call/today/', { params: { query: { include_overdue: true, expand: 'person' } }, signal }),
    ),
})

/** The last calls recorded on a plan. */
export function historyQuery(planId: number) {
  return queryOptions({
    queryKey: [...plansKey, 'history', planId],
    queryFn: ({ signal }) =>
      answered(
        api.GET('/call/{id}/history/', { params: { path: { id: planId }, query: { limit: 10 } }, signal }),
      ),
  })
}
