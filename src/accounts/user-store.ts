import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { Role } from '../http/principal.ts'
import { uuidV7 } from '../random.ts'
import type { User } from './user.ts'

export type NewUser = {
  workspaceId: number
  email: string
  /** The e-mail when absent. */
  username?: string | undefined
  /** From hashPassword, which is slow and belongs before the transaction. */
  passwordHash: string
  role: Role
  isOwner?: boolean | undefined
  firstName?: string | undefined
  lastName?: string | undefined
  phone?: string | undefined
  address?: string | undefined
  timeZone?: string | null | undefined
  dialerUserId?: string | null | undefined
  isVerifiedEmail?: boolean | undefined
  isVerifiedPhone?: boolean | undefined
  isVerifiedPayment?: boolean | undefined
  isActive?: boolean | undefined
}

/**
 * Adds a person, and the profile that comes with the role: an agent for `agent`, a hero for `hero`.
 * Throws `email_taken`, `username_taken` or `dialer_user_id_taken` (conflict).
 */
export async function createUser(tx: Tx, user: NewUser, now: Date): Promise<User> {
  const id = uuidV7(now.getTime())
  const username = user.username ?? user.email
  await requireFree(tx, {
    id,
    workspaceId: user.workspaceId,
    email: user.email,
    username,
    dialerUserId: user.dialerUserId ?? null,
  })
  const inserted = await tx`
    insert into users (id, workspace_id, email, username, password_hash, role, is_owner, first_name, last_name, phone,
      address, time_zone, dialer_user_id, is_verified_email, is_verified_phone, is_verified_payment, is_active,
      created_at, updated_at)
    values (${id}, ${user.workspaceId}, ${user.email}, ${username}, ${user.passwordHash}, ${user.role},
      ${user.isOwner ?? false}, ${user.firstName ?? ''}, ${user.lastName ?? ''}, ${user.phone ?? ''},
      ${user.address ?? ''}, ${user.timeZone ?? null}, ${user.dialerUserId ?? null}, ${user.isVerifiedEmail ?? false},
      ${user.isVerifiedPhone ?? false}, ${user.isVerifiedPayment ?? false}, ${user.isActive ?? true}, ${now}, ${now})
    on conflict do nothing`
  // Somebody took one of the names between the look and the insert.
  if (inserted.count === 0) throw nameTaken('email', user.email)
  await ensureProfile(tx, { workspaceId: user.workspaceId, id, now })
  const created = await findUser(tx, user.workspaceId, id)
  if (created === null) throw new Error('A user that was just inserted is not there')
  return created
}

/** Makes the agent or hero that the person's role comes with, once. A role that changes leaves the old profile be. */
export async function ensureProfile(
  tx: Tx,
  user: { workspaceId: number; id: string; now: Date },
): Promise<void> {
  await tx`
    insert into agents (workspace_id, id, user_id, name, created_at)
    select workspace_id, ${uuidV7(user.now.getTime())}, id,
           coalesce(nullif(trim(first_name || ' ' || last_name), ''), username), ${user.now}
      from users
     where workspace_id = ${user.workspaceId} and id = ${user.id} and role = 'agent'
    on conflict do nothing`
  await tx`
    insert into heroes as hero (workspace_id, user_id, created_at, approved_at)
    select workspace_id, id, ${user.now}, ${user.now} from users
     where workspace_id = ${user.workspaceId} and id = ${user.id} and role = 'hero'
    on conflict (workspace_id, user_id) do update
       set approved_at = ${user.now}, active = true
     where hero.approved_at is null`
}

/** Refuses an e-mail, username or dialer id that somebody else has. Two who want the same one take turns. */
export async function requireFree(
  tx: Tx,
  wanted: { id: string; workspaceId: number; email: string; username: string; dialerUserId: string | null },
): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('names of people'))`
  const [taken] = await tx<{ email: boolean; username: boolean }[]>`
    select bool_or(lower(email) = lower(${wanted.email})) as email,
           bool_or(lower(username) = lower(${wanted.username})) as username
      from users
     where (lower(email) = lower(${wanted.email}) or lower(username) = lower(${wanted.username}))
       and id <> ${wanted.id}`
  if (taken?.email) throw nameTaken('email', wanted.email)
  if (taken?.username) throw nameTaken('username', wanted.username)
  if (wanted.dialerUserId === null) return
  const [other] = await tx`
    select from users
     where workspace_id = ${wanted.workspaceId} and dialer_user_id = ${wanted.dialerUserId} and id <> ${wanted.id}`
  if (other) throw nameTaken('dialer_user_id', wanted.dialerUserId)
}

function nameTaken(param: 'email' | 'username' | 'dialer_user_id', value: string): AppError {
  const message = `${param} "${value}" belongs to somebody else already. Choose another.`
  return new AppError('conflict', `${param}_taken`, message, { param })
}

/** The person with this e-mail or username, any letter case, for a login; disabled people too. */
export async function findLogin(
  sql: Queryable,
  name: string,
): Promise<{
  id: string
  workspaceId: number
  passwordHash: string
  isActive: boolean
  tokenVersion: number
} | null> {
  const [row] = await sql<
    { id: string; workspaceId: number; passwordHash: string; isActive: boolean; tokenVersion: number }[]
  >`
    select id, workspace_id as "workspaceId", password_hash as "passwordHash", is_active as "isActive",
           token_version as "tokenVersion"
      from users
     where lower(email) = lower(${name}) or lower(username) = lower(${name})
     limit 1`
  return row ?? null
}

export async function findPasswordHash(
  sql: Queryable,
  workspaceId: number,
  id: string,
): Promise<string | null> {
  const [row] = await sql<{ password_hash: string }[]>`
    select password_hash from users where workspace_id = ${workspaceId} and id = ${id}`
  return row?.password_hash ?? null
}

export async function findUser(sql: Queryable, workspaceId: number, id: string): Promise<User | null> {
  const [row] = await sql<UserRow[]>`
    select ${userColumns(sql)}
      from users person
      left join agents agent on agent.workspace_id = person.workspace_id and agent.user_id = person.id
      left join heroes hero on hero.workspace_id = person.workspace_id and hero.user_id = person.id
     where person.workspace_id = ${workspaceId} and person.id = ${id}`
  return row ? toUser(row) : null
}

/** The people of a workspace in order of arrival, and how many there are. */
export async function listUsers(
  sql: Queryable,
  list: { workspaceId: number; offset: number; limit: number },
): Promise<{ count: number; users: User[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from users where workspace_id = ${list.workspaceId}`
  const rows = await sql<UserRow[]>`
    select ${userColumns(sql)}
      from users person
      left join agents agent on agent.workspace_id = person.workspace_id and agent.user_id = person.id
      left join heroes hero on hero.workspace_id = person.workspace_id and hero.user_id = person.id
     where person.workspace_id = ${list.workspaceId}
     order by person.created_at, person.id
    offset ${list.offset} limit ${list.limit}`
  return { count: total?.count ?? 0, users: rows.map(toUser) }
}

type UserRow = {
  id: string
  workspace_id: number
  email: string
  username: string
  role: Role
  is_owner: boolean
  first_name: string
  last_name: string
  phone: string
  address: string
  time_zone: string | null
  profile_image: string | null
  dialer_user_id: string | null
  is_verified_email: boolean
  is_verified_phone: boolean
  is_verified_payment: boolean
  is_active: boolean
  created_at: Date
  agent_id: string | null
  hero_id: number | null
}

function userColumns(sql: Queryable) {
  return sql`
    person.id, person.workspace_id, person.email, person.username, person.role, person.is_owner, person.first_name,
    person.last_name, person.phone, person.address, person.time_zone, person.profile_image, person.dialer_user_id,
    person.is_verified_email, person.is_verified_phone, person.is_verified_payment, person.is_active,
    person.created_at, agent.id as agent_id, hero.id as hero_id`
}

function toUser(row: UserRow): User {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    email: row.email,
    username: row.username,
    role: row.role,
    isOwner: row.is_owner,
    firstName: row.first_name,
    lastName: row.last_name,
    phone: row.phone,
    address: row.address,
    timeZone: row.time_zone,
    profileImage: row.profile_image,
    dialerUserId: row.dialer_user_id,
    isVerifiedEmail: row.is_verified_email,
    isVerifiedPhone: row.is_verified_phone,
    isVerifiedPayment: row.is_verified_payment,
    isActive: row.is_active,
    createdAt: row.created_at,
    agentId: row.agent_id,
    heroId: row.hero_id,
  }
}
