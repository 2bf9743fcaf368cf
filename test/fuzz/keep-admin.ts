/** An administrator who can be renamed, locked out and demoted by what is sent in their own name, and comes back. */
import type { Sql } from '../../src/db/sql.ts'

export type AdminKeeper = { token(): Promise<string>; restore(): Promise<void> }

export async function keepAdmin(
  sql: Sql,
  email: string,
  tokenOf: (email: string) => Promise<string>,
): Promise<AdminKeeper> {
  const [row] = await sql<{ id: string; password_hash: string; workspace_id: number; settings: object }[]>`
    select u.id, u.password_hash, u.workspace_id, w.settings
      from users u join workspaces w on w.id = u.workspace_id
     where u.email = ${email} limit 1`
  if (row === undefined) throw new Error(`nobody has the e-mail ${email}`)
  let token = await tokenOf(email)
  let known = ''
  return {
    token: async () => token,
    async restore() {
      await sql`
        update users set email = email || '.x', username = id::text
         where (lower(email) = ${email} or lower(username) = ${email}) and id <> ${row.id}`
      const [now] = await sql<{ token_version: number }[]>`
        update users set email = ${email}, username = ${email}, password_hash = ${row.password_hash}, role = 'admin', is_active = true
         where id = ${row.id} returning token_version`
      await sql`update workspaces set settings = ${sql.json(row.settings as never)} where id = ${row.workspace_id}`
      await sql`delete from rate_limits`
      const [sessions] = await sql<{ ended: number }[]>`
        select count(*)::int as ended from sessions where user_id = ${row.id} and revoked_at is not null`
      const state = `${now?.token_version} ${sessions?.ended}`
      if (state === known) return
      known = state
      token = await tokenOf(email)
    },
  }
}
