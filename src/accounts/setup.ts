import { createHash } from 'node:crypto'
import type { Config } from '../config.ts'
import { transaction, type Queryable, type Sql, type Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { randomToken } from '../random.ts'
import { hashPassword } from './password.ts'
import { createUser } from './user-store.ts'
import type { User } from './user.ts'
import { createWorkspace, findWorkspace } from './workspace-store.ts'

export const setupLinkMinutes = 30
const firstWorkspaceName = 'Main'

export type FirstAdmin = {
  email: string
  passwordHash: string
  firstName?: string
  lastName?: string
  workspaceName?: string
  timeZone: string
  defaultRegion: string
}

/** True while nobody could sign in: there is no administrator yet. */
export async function needsSetup(sql: Queryable): Promise<boolean> {
  const rows = await sql`select from users where is_owner limit 1`
  return rows.length === 0
}

/**
 * A link that lets the first administrator in, once, within 30 minutes. The token is behind the #, which no server
 * and no proxy ever sees. `wall` is database time.
 */
export async function createSetupLink(
  sql: Sql,
  origin: string,
  wall: Date,
): Promise<{ url: string; expiresAt: Date }> {
  const token = randomToken(24)
  const expiresAt = new Date(wall.getTime() + setupLinkMinutes * 60_000)
  await sql`insert into setup_links (token_hash, expires_at) values (${hashOf(token)}, ${expiresAt})`
  return { url: `${origin}/setup#${token}`, expiresAt }
}

/** Uses up a setup link and makes the first administrator. Throws `setup_done` (conflict), `setup_link_invalid`. */
export async function setUp(
  sql: Sql,
  token: string,
  admin: FirstAdmin,
  at: { now: Date; wall: Date },
): Promise<User> {
  return transaction(sql, async (tx) => {
    await lockSetup(tx)
    if (!(await needsSetup(tx))) {
      throw new AppError('conflict', 'setup_done', 'This installation is set up already. Sign in instead.')
    }
    const used = await tx`
      update setup_links set used_at = ${at.wall}
       where token_hash = ${hashOf(token)} and used_at is null and expires_at > ${at.wall}`
    if (used.count === 0) {
      const message =
        'This setup link was used or has expired. Print a new one with: npx trunkline setup-link'
      throw new AppError('forbidden', 'setup_link_invalid', message, { param: 'token' })
    }
    return insertFirstAdmin(tx, admin, at.now)
  })
}

/**
 * Makes the administrator that ADMIN_EMAIL and ADMIN_PASSWORD name, when there is none yet. Servers that start at once
 * make one. Says what the installation needs: nothing, or a setup link.
 */
export async function ensureFirstAdmin(
  sql: Sql,
  config: Pick<Config, 'firstAdmin' | 'timeZone' | 'defaultRegion'>,
  now: Date,
): Promise<'ready' | 'needs_setup'> {
  if (!(await needsSetup(sql))) return 'ready'
  if (config.firstAdmin === null) return 'needs_setup'
  const { email, password } = config.firstAdmin
  const { timeZone, defaultRegion } = config
  const passwordHash = await hashPassword(password)
  const admin = { email, passwordHash, timeZone, defaultRegion }
  await transaction(sql, async (tx) => {
    await lockSetup(tx)
    if (await needsSetup(tx)) await insertFirstAdmin(tx, admin, now)
  })
  return 'ready'
}

/** The first administrator owns the installation. A workspace that is there already is theirs. */
async function insertFirstAdmin(tx: Tx, admin: FirstAdmin, now: Date): Promise<User> {
  const settings = { timeZone: admin.timeZone, defaultRegion: admin.defaultRegion }
  const name = admin.workspaceName ?? firstWorkspaceName
  const workspace = (await findWorkspace(tx, null)) ?? (await createWorkspace(tx, { name, settings }, now))
  const { email, passwordHash, firstName, lastName } = admin
  return createUser(
    tx,
    { workspaceId: workspace.id, email, passwordHash, firstName, lastName, role: 'admin', isOwner: true },
    now,
  )
}

async function lockSetup(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('first administrator'))`
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
