import { infiniteQueryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { MessageStatus } from '../../lib/api-types.ts'

export interface MessageFilter {
  status?: MessageStatus | undefined
  q?: string | undefined
}

export const messagesKey = ['messages', 'list'] as const
const pageSize = 100

/** Texts, newest first, a page after the other. */
export function messagesQuery(filter: MessageFilter) {
  return infiniteQueryOptions({
    queryKey: [...messagesKey, filter] as const,
    initialPageParam: '',
    queryFn: ({ pageParam: cursor, signal }) => {
      const { status, q } = filter
      const query = {
        page_size: pageSize,
        ...(status === undefined ? {} : { status }),
        ...(q === undefined ? {} : { q }),
        ...(cursor === '' ? {} : { cursor }),
      }
      return answered(api.GET('/api/messages/', { params: { query }, signal }))
    },
    getNextPageParam: (page) => cursorOf(page.next),
  })
}

export const receivedKey = ['messages', 'received'] as const

/** What people texted to our numbers, newest first. */
export function receivedQuery() {
  return infiniteQueryOptions({
    queryKey: receivedKey,
    initialPageParam: '',
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { page_size: pageSize, ...(cursor === '' ? {} : { cursor }) }
      return answered(api.GET('/api/messages/inbound/', { params: { query }, signal }))
    },
    getNextPageParam: (page) => cursorOf(page.next),
  })
}

function cursorOf(next: string | null): string | undefined {
  return next === null ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined)
}
