import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

export const meKey = ['me'] as const

/** Who is signed in. @throws ApiError 401 when nobody is. */
export const meQuery = queryOptions({
  queryKey: meKey,
  queryFn: async ({ signal }) =>
    (await answered(api.GET('/api/accounts/user_details/', { signal }))).data.user_details,
  staleTime: 5 * 60_000,
  retry: false,
})
