import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import { isJobOver } from './campaign.ts'

export interface ImportProgress {
  jobId: number
  status: string
  done: number
  /** Null while nobody knows how many rows there are. */
  total: number | null
}

export function importKey(jobId: number) {
  return ['campaigns', 'import', jobId] as const
}

/** The stream tells every step; asking every few seconds is for the step that was told before the page listened. */
export function importQuery(jobId: number) {
  return queryOptions({
    queryKey: importKey(jobId),
    queryFn: async ({ signal }): Promise<ImportProgress> => {
      const job = await answered(api.GET('/api/jobs/{id}/', { params: { path: { id: jobId } }, signal }))
      return { jobId, status: job.status, done: job.done, total: job.total }
    },
    refetchInterval: (query) => (query.state.data && isJobOver(query.state.data.status) ? false : 4_000),
  })
}

/** The first hundred rows that were wrong, once the import is over: the stream does not tell them. */
export function importErrorsQuery(jobId: number) {
  return queryOptions({
    queryKey: ['campaigns', 'import errors', jobId] as const,
    queryFn: async ({ signal }) => {
      const job = await answered(api.GET('/api/jobs/{id}/', { params: { path: { id: jobId } }, signal }))
      return job.errors
    },
  })
}
