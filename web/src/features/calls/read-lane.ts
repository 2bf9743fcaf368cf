import { answered, api } from '../../lib/api.ts'
import { cursorOf, type BoardFilter, type Bucket, type Lane } from './board.ts'
import { filterQuery, lanePageSize } from './read-board.ts'

/** The page of one lane that follows `cursor`. */
export async function readLane(filter: BoardFilter, bucket: Bucket, cursor: string): Promise<Lane> {
  const query = { ...filterQuery(filter), limit: lanePageSize, status: bucket, cursor }
  const answer = await answered(
    api.GET('/api/hume-twilio/dashboard/outbound/scheduled/', { params: { query } }),
  )
  return { calls: answer.calls[bucket], next: cursorOf(answer.pagination?.[bucket]?.next ?? null) }
}
