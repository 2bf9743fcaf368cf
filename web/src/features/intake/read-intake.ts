import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

export const intakeKey = ['intake'] as const
export const keysKey = ['dialer-keys'] as const
export const peopleKey = ['people'] as const
export const intakePageSize = 100

/** One page (from 1) of what dialers sent, newest first. */
export function intakeQuery(status: string | undefined, page: number) {
  return queryOptions({
    queryKey: [...intakeKey, status ?? 'all', page] as const,
    queryFn: ({ signal }) => {
      const query = { page, page_size: intakePageSize, ...(status === undefined ? {} : { status }) }
      return answered(api.GET('/api/leads/intake-log/', { params: { query }, signal }))
    },
  })
}

export const dialerKeysQuery = queryOptions({
  queryKey: keysKey,
  queryFn: ({ signal }) => answered(api.GET('/api/dialer-keys/', { signal })),
})

/** The people a dialer can name: active admins, managers and agents. */
export const peopleQuery = queryOptions({
  queryKey: peopleKey,
  queryFn: async ({ signal }) => {
    const answer = await answered(api.GET('/api/users/', { params: { query: { page_size: 100 } }, signal }))
    return answer.results.filter((one) => one.is_active && ['admin', 'manager', 'agent'].includes(one.role))
  },
})
