import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { Role } from '../http/principal.ts'
import { randomToken } from '../random.ts'
import type { ReceivedImage } from './profile-image.ts'
import type { UserChange } from './user-change.ts'
import { ensureProfile, findUser, requireFree } from './user-store.ts'
import type { User } from './user.ts'

/** What an administrator may change beside what people change themselves. */
export type UserUpdate = UserChange & {
  passwordHash?: string
  role?: Role
  dialerUserId?: string | null
  isVerifiedEmail?: boolean
  isVerifiedPhone?: boolean
  isVerifiedPayment?: boolean
  isActive?: boolean
  /** An https URL; null removes it. */
  profileImage?: string | null
}

/**
 * Writes the members that are given. A changed e-mail or phone loses its verification unless the update verifies it; a
 * new password and disabling end every token of the person. The last active administrator stays one.
 * Throws `not_found`, `email_taken`, `username_taken`, `dialer_user_id_taken`, `last_admin`.
 */
export async function updateUser(
  tx: Tx,
  who: { workspaceId: number; id: string },
  update: UserUpdate,
  now: Date,
): Promise<User> {
  const old = await lockUser(tx, who)
  if (old === null) throw new AppError('not_found', 'not_found', 'Not found.')
  const next = { ...old, ...definedOf(update) }
  await requireFree(tx, next)
  if (old.role === 'admin' && old.isActive && (next.role !== 'admin' || !next.isActive))
    await requireOtherAdmin(tx, old)

  const keepsEmail = next.email.toLowerCase() === old.email.toLowerCase()
  const endsTokens = update.passwordHash !== undefined || (old.isActive && !next.isActive)
  await tx`
    update users
       set email = ${next.email}, username = ${next.username}, role = ${next.role}, first_name = ${next.firstName},
           last_name = ${next.lastName}, phone = ${next.phone}, address = ${next.address}, time_zone = ${next.timeZone},
           profile_image = ${next.profileImage}, dialer_user_id = ${next.dialerUserId},
           is_verified_email = ${update.isVerifiedEmail ?? (keepsEmail && old.isVerifiedEmail)},
           is_verified_phone = ${update.isVerifiedPhone ?? (next.phone === old.phone && old.isVerifiedPhone)},
           is_verified_payment = ${next.isVerifiedPayment}, is_active = ${next.isActive},
           password_hash = coalesce(${update.passwordHash ?? null}, password_hash),
           token_version = token_version + ${endsTokens ? 1 : 0}, updated_at = ${now}
     where workspace_id = ${who.workspaceId} and id = ${who.id}`
  await ensureProfile(tx, { ...who, now })
  const user = await findUser(tx, who.workspaceId, who.id)
  if (user === null) throw new Error('A user that was just updated is not there')
  return user
}

/** The person, held until the transaction ends: what a change is checked against must not change meanwhile. */
export async function lockUser(tx: Tx, who: { workspaceId: number; id: string }): Promise<User | null> {
  await tx`select from users where workspace_id = ${who.workspaceId} and id = ${who.id} for update`
  return findUser(tx, who.workspaceId, who.id)
}

/** Stores the picture of a person and returns its path, which nobody can guess and which changes with the picture. */
export async function storeImage(
  tx: Tx,
  who: { workspaceId: number; id: string },
  image: ReceivedImage,
  now: Date,
): Promise<string> {
  const token = randomToken(24)
  await tx`
    insert into profile_images (workspace_id, user_id, token, content_type, bytes, created_at)
    values (${who.workspaceId}, ${who.id}, ${token}, ${image.contentType}, ${image.bytes}, ${now})
    on conflict (workspace_id, user_id) do update
       set token = excluded.token, content_type = excluded.content_type, bytes = excluded.bytes,
           created_at = excluded.created_at`
  return `/files/images/${token}`
}

export async function removeImage(tx: Tx, who: { workspaceId: number; id: string }): Promise<void> {
  await tx`delete from profile_images where workspace_id = ${who.workspaceId} and user_id = ${who.id}`
}

/** A stored picture by the token in its path: knowing the token is the permission. */
export async function findImage(
  sql: Queryable,
  token: string,
): Promise<{ contentType: string; bytes: Buffer } | null> {
  const [row] = await sql<{ contentType: string; bytes: Buffer }[]>`
    select content_type as "contentType", bytes from profile_images where token = ${token}`
  return row ?? null
}

/** Two administrators who disable each other at once must not both succeed: the workspace's row is locked first. */
async function requireOtherAdmin(tx: Tx, user: User): Promise<void> {
  await tx`select from workspaces where id = ${user.workspaceId} for no key update`
  const others = await tx`
    select from users
     where workspace_id = ${user.workspaceId} and role = 'admin' and is_active and id <> ${user.id} limit 1`
  if (others.length > 0) return
  throw new AppError(
    'conflict',
    'last_admin',
    `${user.email} is the last active administrator of this workspace. Make somebody else one first.`,
  )
}

function definedOf(update: UserUpdate): Partial<User> {
  const { passwordHash: _, ...members } = update
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
