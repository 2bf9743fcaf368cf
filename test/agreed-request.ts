/** A call that two people have agreed on, without the negotiation before it. */
import { createUser } from '../src/accounts/user-store.ts'
import { transaction, type Sql } from '../src/db/sql.ts'

export type AgreedParties = { hero: string; user: string }

/** Writes both people with their phones, and a request whose time stands. Returns the id of the request. */
export async function addAgreedRequest(
  sql: Sql,
  { workspaceId, phones, at, now }: { workspaceId: number; phones: AgreedParties; at: Date; now: Date },
): Promise<number> {
  return transaction(sql, async (tx) => {
    const person = async (role: 'hero' | 'caller', phone: string, firstName: string) =>
      createUser(
        tx,
        { workspaceId, email: `${role}${phone}@x.test`, passwordHash: '-', role, phone, firstName },
        now,
      )
    const hero = await person('hero', phones.hero, 'Tom')
    const user = await person('caller', phones.user, 'Some')
    const [row] = await tx<{ id: number }[]>`
      insert into call_requests (workspace_id, user_id, hero_id, hero_user_id, message, estimated_length, status, rounds,
                                 agreed_time, agreed_round, agreements, remind_at, step_at, created_at, updated_at)
      values (${workspaceId}, ${user.id}, ${hero.heroId}, ${hero.id}, 'About goats', 15, 'a', 1, ${at}, 1, 1, null, ${at},
              ${now}, ${now})
      returning id`
    if (row === undefined) throw new Error('the request was not inserted')
    return row.id
  })
}
