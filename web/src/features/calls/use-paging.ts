import { useCallback, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { appendPage, type Board, type BoardFilter, type Bucket } from './board.ts'
import { boardKey } from './read-board.ts'
import { readLane } from './read-lane.ts'

/** Reads the pages below a lane, one at a time. `more` does nothing when there are none. */
export function usePaging({ campaign, q }: BoardFilter, bucket: Bucket) {
  const client = useQueryClient()
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle')

  const more = useCallback(async () => {
    const filter = { campaign, q }
    const key = boardKey(filter)
    const next = client.getQueryData<Board>(key)?.lanes[bucket].next ?? null
    if (next === null) return
    setState('loading')
    try {
      const page = await readLane(filter, bucket, next)
      client.setQueryData<Board>(key, (board) => board && appendPage(board, bucket, page))
      setState('idle')
    } catch {
      setState('failed')
    }
  }, [client, campaign, q, bucket])

  return { loading: state === 'loading', failed: state === 'failed', more }
}
