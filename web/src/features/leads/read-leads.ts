import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { LeadQuery } from '../../lib/lead-types.ts'

export const leadsKey = ['leads'] as const
export const leadsPageSize = 100

export function leadKey(id: number) {
  return ['lead', id] as const
}

/** One page (from 1) of the leads that match, latest updated first. */
export function leadsQuery(filter: LeadQuery, page: number) {
  return queryOptions({
    queryKey: [...leadsKey, filter, page] as const,
    queryFn: ({ signal }) =>
      answered(
        api.GET('/api/leads/', { params: { query: { ...filter, page, page_size: leadsPageSize } }, signal }),
      ),
  })
}

export function facetsQuery(filter: LeadQuery) {
  return queryOptions({
    queryKey: [...leadsKey, 'facets', filter] as const,
    queryFn: ({ signal }) => answered(api.GET('/api/leads/facets/', { params: { query: filter }, signal })),
  })
}

export function leadQuery(id: number) {
  return queryOptions({
    queryKey: leadKey(id),
    queryFn: ({ signal }) => answered(api.GET('/api/leads/{id}/', { params: { path: { id } }, signal })),
  })
}

export function timelineQuery(id: number) {
  return queryOptions({
    queryKey: [...leadKey(id), 'timeline'] as const,
    queryFn: ({ signal }) =>
      answered(
        api.GET('/api/leads/{id}/timeline/', { params: { path: { id }, query: { page_size: 50 } }, signal }),
      ),
  })
}

/** Leads that may be the same person. */
export function duplicatesQuery(id: number) {
  return queryOptions({
    queryKey: [...leadKey(id), 'duplicates'] as const,
    queryFn: ({ signal }) =>
      answered(api.GET('/api/leads/{id}/duplicates/', { params: { path: { id } }, signal })),
  })
}

export function mergePreviewQuery(id: number, from: number) {
  return queryOptions({
    queryKey: [...leadKey(id), 'merge', from] as const,
    queryFn: ({ signal }) =>
      answered(api.GET('/api/leads/{id}/merge/', { params: { path: { id }, query: { from } }, signal })),
  })
}
