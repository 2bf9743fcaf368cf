import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import { keepPages, moveCalls, toBoard, type Board, type BoardFilter, type Call } from './board.ts'

/** How many calls of each lane the first answer brings; the rest comes by pages as the lane is scrolled. */
export const lanePageSize = 200

/** What the stream said lately, so that an answer that was under way meanwhile does not take it back. */
export const recentCallsKey = ['calls', 'recent'] as const

export function boardKey(filter: BoardFilter) {
  return ['calls', 'board', { campaign: filter.campaign ?? null, q: filter.q ?? '' }] as const
}

export function boardQuery(filter: BoardFilter) {
  return queryOptions({
    queryKey: boardKey(filter),
    queryFn: async ({ client, signal }) => {
      const query = { ...filterQuery(filter), limit: lanePageSize }
      const answer = await answered(
        api.GET('/api/hume-twilio/dashboard/outbound/scheduled/', { params: { query }, signal }),
      )
      const board = keepPages(client.getQueryData<Board>(boardKey(filter)), toBoard(answer))
      return moveCalls(board, client.getQueryData<Call[]>(recentCallsKey) ?? [], filter)
    },
  })
}

export function filterQuery(filter: BoardFilter): { campaign?: number; q?: string } {
  return {
    ...(filter.campaign === undefined ? {} : { campaign: filter.campaign }),
    ...(filter.q ? { q: filter.q } : {}),
  }
}
