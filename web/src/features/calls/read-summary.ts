import { answered, api } from '../../lib/api.ts'
import { toSummary, type BoardFilter, type Bucket } from './board.ts'
import { filterQuery } from './read-board.ts'

/** Only the four counts of a filtered board: the stream tells them for the whole workspace alone. */
export async function readSummary(filter: BoardFilter): Promise<Record<Bucket, number>> {
  const query = { ...filterQuery(filter), limit: 1 }
  return toSummary(
    await answered(api.GET('/api/hume-twilio/dashboard/outbound/scheduled/', { params: { query } })),
  )
}
