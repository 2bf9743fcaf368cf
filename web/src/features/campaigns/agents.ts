import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

/** Whom a call can be joined with, the first hundred. */
export const agentsQuery = queryOptions({
  queryKey: ['agents'] as const,
  queryFn: async ({ signal }) => {
    const query = { page_size: 100 }
    const { results } = await answered(api.GET('/api/agents/', { params: { query }, signal }))
    return results
  },
})
