import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { Stage } from '../../lib/request-types.ts'

export const requestsKey = ['requests'] as const
export const heroesKey = ['heroes'] as const
export const requestsPageSize = 20

/** One page (from 1) of a stage, latest moved first, with how many there are of each. */
export function requestsQuery(stage: Stage, page: number) {
  return queryOptions({
    queryKey: [...requestsKey, stage, page] as const,
    queryFn: ({ signal }) =>
      answered(
        api.GET('/api/requests/', {
          params: { query: { stage, page, page_size: requestsPageSize } },
          signal,
        }),
      ),
  })
}

export function requestQuery(id: number) {
  return queryOptions({
    queryKey: [...requestsKey, id] as const,
    queryFn: ({ signal }) => answered(api.GET('/api/requests/{id}/', { params: { path: { id } }, signal })),
  })
}

/** Who may be asked. `waiting`: who asked to be a hero, for administrators. */
export function heroesQuery(filter: { search: string; page: number; waiting: boolean }) {
  const { search, page, waiting } = filter
  const query = {
    page,
    page_size: requestsPageSize,
    ...(search === '' ? {} : { search }),
    ...(waiting ? { waiting } : {}),
  }
  return queryOptions({
    queryKey: [...heroesKey, filter] as const,
    queryFn: ({ signal }) => answered(api.GET('/api/v1/heroes/', { params: { query }, signal })),
  })
}

export function heroQuery(id: number) {
  return queryOptions({
    queryKey: [...heroesKey, id] as const,
    queryFn: ({ signal }) => answered(api.GET('/api/v1/heroes/{id}/', { params: { path: { id } }, signal })),
  })
}
