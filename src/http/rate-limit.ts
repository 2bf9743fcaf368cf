import { createHash } from 'node:crypto'
import type { Queryable } from '../db/sql.ts'
import { AppError } from '../errors.ts'

export type Limit = {
  /** What is counted, and for whom: `login:someone@example.com:192.0.2.7`. Stored only as a hash. */
  key: string
  atMost: number
  windowMs: number
}

/**
 * Counts one use and throws `too_many_requests` with its Retry-After when it is one too many. The counter is in the
 * database, so the limit holds over all processes; windows begin with the first use and are not extended.
 */
export async function countAgainstLimit(sql: Queryable, limit: Limit, wall: Date): Promise<void> {
  const endsAt = new Date(wall.getTime() + limit.windowMs)
  const [row] = await sql<{ count: number; window_ends_at: Date }[]>`
    insert into rate_limits as known (key, count, window_ends_at)
    values (${hashOf(limit.key)}, 1, ${endsAt})
    on conflict (key) do update
       set count = case when known.window_ends_at <= ${wall} then 1 else least(known.count, 1000000) + 1 end,
           window_ends_at = case when known.window_ends_at <= ${wall} then ${endsAt} else known.window_ends_at end
    returning count, window_ends_at`
  if (!row || row.count <= limit.atMost) return
  const retryAfterSeconds = Math.ceil((row.window_ends_at.getTime() - wall.getTime()) / 1000)
  throw new AppError(
    'too_many',
    'too_many_requests',
    `Too many attempts. Try again in ${retryAfterSeconds} seconds.`,
    {
      retryAfterSeconds,
    },
  )
}

/** Forgets what was counted: the attempt turned out well. */
export async function resetLimit(sql: Queryable, key: string): Promise<void> {
  await sql`delete from rate_limits where key = ${hashOf(key)}`
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
