import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

export function messageKey(messageId: string) {
  return ['messages', 'one', messageId] as const
}

/** One text with everything that was learned about it. */
export function messageQuery(messageId: string) {
  return queryOptions({
    queryKey: messageKey(messageId),
    queryFn: ({ signal }) =>
      answered(
        api.GET('/api/messages/{message_id}/', { params: { path: { message_id: messageId } }, signal }),
      ),
  })
}
