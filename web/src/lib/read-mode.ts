import { queryOptions } from '@tanstack/react-query'
import { answered, api } from './api.ts'
import { setProductTime } from './product-time.ts'

/** Which carrier is behind everything, whose console this is, and what time it is there. */
export const modeQuery = queryOptions({
  queryKey: ['mode'] as const,
  queryFn: async ({ signal }) => {
    const mode = await answered(api.GET('/api/mode/', { signal }))
    setProductTime(mode.product_time)
    return mode
  },
  staleTime: 60_000,
  // Nobody should look at a board that stands still for longer than this without being told why.
  refetchInterval: 10_000,
})
