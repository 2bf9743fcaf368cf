import type { Queryable, Tx } from '../db/sql.ts'

/** A hero as everybody sees them: the profile, and the person behind it. */
export type Hero = {
  id: number
  userId: string
  firstName: string
  lastName: string
  /** A path of ours or an https URL. */
  profileImage: string | null
  /** IANA; the workspace's when the person chose none. */
  timeZone: string
  bio: string
  active: boolean
  approvedAt: Date | null
  createdAt: Date
}

type HeroRow = {
  id: number
  user_id: string
  first_name: string
  last_name: string
  profile_image: string | null
  time_zone: string
  bio: string
  active: boolean
  approved_at: Date | null
  created_at: Date
}

export type HeroFilter = {
  workspaceId: number
  /** Instead of those that may be asked for a call: those who wait to be approved. */
  waiting: boolean
  /** Part of the name or of the profile. */
  search: string | null
  offset: number
  limit: number
}

/** Heroes of a workspace by name, and how many there are. */
export async function listHeroes(
  sql: Queryable,
  filter: HeroFilter,
): Promise<{ count: number; heroes: Hero[] }> {
  const like = filter.search === null ? null : `%${filter.search.replaceAll(/[\\%_]/g, '\\$&')}%`
  const among = sql`
    from heroes hero
    join users person on person.workspace_id = hero.workspace_id and person.id = hero.user_id
    join workspaces on workspaces.id = hero.workspace_id
   where hero.workspace_id = ${filter.workspaceId} and person.is_active
     and case when ${filter.waiting} then hero.approved_at is null
              else hero.active and hero.approved_at is not null end
     and (${like}::text is null or person.first_name || ' ' || person.last_name || ' ' || hero.bio ilike ${like})`
  const [total] = await sql<{ count: number }[]>`select count(*) as count ${among}`
  const rows = await sql<HeroRow[]>`
    select ${heroColumns(sql)} ${among}
     order by lower(person.first_name || ' ' || person.last_name), hero.id
    offset ${filter.offset} limit ${filter.limit}`
  return { count: total?.count ?? 0, heroes: rows.map(toHero) }
}

/** One hero by the id or by the person; null when there is none, or when the person was disabled. */
export async function findHero(
  sql: Queryable,
  workspaceId: number,
  by: { id: number } | { userId: string },
): Promise<Hero | null> {
  const [row] = await sql<HeroRow[]>`
    select ${heroColumns(sql)}
      from heroes hero
      join users person on person.workspace_id = hero.workspace_id and person.id = hero.user_id
      join workspaces on workspaces.id = hero.workspace_id
     where hero.workspace_id = ${workspaceId} and person.is_active
       and ${'id' in by ? sql`hero.id = ${by.id}` : sql`hero.user_id = ${by.userId}`}`
  return row ? toHero(row) : null
}

/** Asks to become a hero; nothing changes for somebody who asked or is one already. */
export async function applyAsHero(
  tx: Tx,
  who: { workspaceId: number; userId: string; bio: string; now: Date },
): Promise<void> {
  await tx`
    insert into heroes (workspace_id, user_id, bio, active, created_at)
    values (${who.workspaceId}, ${who.userId}, ${who.bio}, false, ${who.now})
    on conflict (workspace_id, user_id) do nothing`
}

/** Changes what is given. `approve` makes an applicant public, and a hero of somebody who was a caller. */
export async function updateHero(
  tx: Tx,
  which: { workspaceId: number; id: number },
  change: { bio: string | null; active: boolean | null; approve: boolean; now: Date },
): Promise<void> {
  await tx`
    update heroes
       set bio = coalesce(${change.bio}, bio), active = coalesce(${change.active}, active),
           approved_at = case when ${change.approve} then coalesce(approved_at, ${change.now}) else approved_at end
     where workspace_id = ${which.workspaceId} and id = ${which.id}`
  if (!change.approve) return
  await tx`
    update users person set role = 'hero', updated_at = ${change.now}
      from heroes hero
     where hero.workspace_id = ${which.workspaceId} and hero.id = ${which.id}
       and person.workspace_id = hero.workspace_id and person.id = hero.user_id and person.role = 'caller'`
}

function heroColumns(sql: Queryable) {
  return sql`
    hero.id, hero.user_id, person.first_name, person.last_name, person.profile_image, hero.bio, hero.active,
    hero.approved_at, hero.created_at,
    coalesce(person.time_zone, workspaces.settings ->> 'time_zone', 'UTC') as time_zone`
}

function toHero(row: HeroRow): Hero {
  return {
    id: row.id,
    userId: row.user_id,
    firstName: row.first_name,
    lastName: row.last_name,
    profileImage: row.profile_image,
    timeZone: row.time_zone,
    bio: row.bio,
    active: row.active,
    approvedAt: row.approved_at,
    createdAt: row.created_at,
  }
}
