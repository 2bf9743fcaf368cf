/** What can be asked before a campaign begins: what one person gets, and what the whole of it comes to. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { Begin } from '../../lib/api-types.ts'

/** What one recipient gets; without a number, the first one. */
export function previewQuery(id: number, asked: { message: string; numberId: number | null }) {
  return queryOptions({
    queryKey: ['campaigns', 'preview', id, asked] as const,
    queryFn: async ({ signal }) => {
      const { message, numberId } = asked
      const body = { message, ...(numberId === null ? {} : { number_id: numberId }) }
      const answer = await answered(
        api.POST('/api/system/campaigns/{id}/preview/', { params: { path: { id } }, body, signal }),
      )
      return answer.data.details
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export function estimateQuery(id: number, body: Begin) {
  return queryOptions({
    queryKey: ['campaigns', 'estimate', id, body] as const,
    queryFn: async ({ signal }) => {
      const answer = await answered(
        api.POST('/api/system/campaigns/{id}/estimate/', { params: { path: { id } }, body, signal }),
      )
      return answer.data.details
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export function reportKey(id: number) {
  return ['campaigns', 'report', id] as const
}

export function reportQuery(id: number) {
  return queryOptions({
    queryKey: reportKey(id),
    queryFn: async ({ signal }) => {
      const answer = await answered(
        api.GET('/api/system/campaigns/{id}/report/', { params: { path: { id } }, signal }),
      )
      return answer.data.details
    },
    retry: false,
  })
}

export const ownedNumbersQuery = queryOptions({
  queryKey: ['numbers', 'owned'] as const,
  queryFn: async ({ signal }) => {
    const { data } = await answered(api.GET('/api/system/owned/phone_numbers', { signal }))
    return data.owned_numbers.map((one) => one.phone_number)
  },
})
