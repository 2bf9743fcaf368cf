import { infiniteQueryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

export const creditsKey = ['credits'] as const
const pageSize = 50

/** The sums with the newest entries of the ledger, and older ones page by page. */
export const creditsQuery = infiniteQueryOptions({
  queryKey: creditsKey,
  initialPageParam: 0,
  queryFn: async ({ pageParam: before, signal }) => {
    const query = { page_size: pageSize, ...(before === 0 ? {} : { before }) }
    return (await answered(api.GET('/api/system/credits/', { params: { query }, signal }))).data
  },
  getNextPageParam: (page) => page.next_before ?? undefined,
})
