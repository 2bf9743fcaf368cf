/** The people of a request. */
import { arrayOf, type Queryable } from '../db/sql.ts'

/** A party, as the other party and the reminders need them. */
export type Person = {
  id: string
  firstName: string
  lastName: string
  email: string
  isVerifiedEmail: boolean
  phone: string
  /** A path of ours or an https URL. */
  profileImage: string | null
  /** IANA; the workspace's when the person chose none. */
  timeZone: string
  createdAt: Date
}

/** Both parties of a request. */
export type Parties = { user: Person; hero: Person }

type PersonRow = {
  id: string
  first_name: string
  last_name: string
  email: string
  is_verified_email: boolean
  phone: string
  profile_image: string | null
  time_zone: string
  created_at: Date
}

export async function findPeople(
  sql: Queryable,
  workspaceId: number,
  ids: readonly string[],
): Promise<Map<string, Person>> {
  const rows = await sql<PersonRow[]>`
    select person.id, first_name, last_name, email, is_verified_email, phone, profile_image, person.created_at,
           coalesce(person.time_zone, workspaces.settings ->> 'time_zone', 'UTC') as time_zone
      from users person
      join workspaces on workspaces.id = person.workspace_id
     where person.workspace_id = ${workspaceId} and person.id = any(${arrayOf([...new Set(ids)])}::uuid[])
     limit ${ids.length + 1}`
  return new Map(rows.map((row) => [row.id, toPerson(row)]))
}

function toPerson(row: PersonRow): Person {
  return {
    id: row.id,
    firstName: row.first_name,
    lastName: row.last_name,
    email: row.email,
    isVerifiedEmail: row.is_verified_email,
    phone: row.phone,
    profileImage: row.profile_image,
    timeZone: row.time_zone,
    createdAt: row.created_at,
  }
}
