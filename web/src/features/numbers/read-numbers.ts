import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { NumberSearch } from '../../lib/number-types.ts'

export const phoneNumbersKey = ['phone-numbers'] as const

export const ownedNumbersQuery = queryOptions({
  queryKey: [...phoneNumbersKey, 'owned'] as const,
  queryFn: async ({ signal }) => {
    const answer = await answered(api.GET('/api/system/owned/phone_numbers/', { signal }))
    return answer.data.owned_numbers
  },
})

/** Numbers that can be bought. The carrier is asked, so nothing is asked again by itself. */
export function offeredNumbersQuery(search: NumberSearch) {
  return queryOptions({
    queryKey: [...phoneNumbersKey, 'offered', search] as const,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const { data, message } = await answered(
        api.GET('/api/system/phone_numbers/', { params: { query: search }, signal }),
      )
      return { numbers: data.number_lists, country: data.country, message }
    },
  })
}
