/** Agreed calls in large numbers, without the negotiations before them. */
import type { Sql } from '../../src/db/sql.ts'
import { arrayOf } from '../../src/db/sql.ts'
import { uuidV7 } from '../../src/random.ts'
import { people } from './people.ts'

const leadMs = 15 * 60_000

/** One request for each instant, which is when both are reminded. All are of one hero and one user, who have phones. */
export async function addAgreedRequests(sql: Sql, remindAt: readonly Date[]): Promise<void> {
  const now = new Date()
  const ids = [uuidV7(now.getTime()), uuidV7(now.getTime())] as const
  const [workspace] = await sql<{ id: number }[]>`select id from workspaces order by id limit 1`
  const workspaceId = workspace?.id ?? 0
  const phones = people(2)
  for (const [index, id] of ids.entries())
    await sql`
      insert into users (id, workspace_id, email, username, password_hash, role, first_name, phone, created_at, updated_at)
      values (${id}, ${workspaceId}, ${`${id}@x.test`}, ${id}, '-', ${index === 0 ? 'hero' : 'caller'}, 'Somebody',
              ${phones[index] ?? ''}, ${now}, ${now})`
  const [hero] = await sql<{ id: number }[]>`
    insert into heroes (workspace_id, user_id, created_at, approved_at) values (${workspaceId}, ${ids[0]}, ${now}, ${now})
    returning id`
  const agreed = remindAt.map((at) => new Date(at.getTime() + leadMs))
  await sql`
    insert into call_requests (workspace_id, user_id, hero_id, hero_user_id, message, estimated_length, status, rounds,
                               agreed_time, agreed_round, agreements, remind_at, step_at, created_at, updated_at)
    select ${workspaceId}, ${ids[1]}, ${hero?.id ?? 0}, ${ids[0]}, 'About goats', 15, 'a', 1, at, 1, 1,
           at - interval '15 minutes', at, ${now}, ${now}
      from unnest(${arrayOf(agreed)}::timestamptz[]) as at`
}
