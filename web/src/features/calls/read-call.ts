import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

export function callKey(callId: string) {
  return ['calls', 'one', callId] as const
}

/** One call with everything that was learned about it. */
export function callQuery(callId: string) {
  return queryOptions({
    queryKey: callKey(callId),
    queryFn: ({ signal }) =>
      answered(api.GET('/api/calls/{call_id}/', { params: { path: { call_id: callId } }, signal })),
  })
}
