/** Lists of leads, and how many have which status, agent and campaign. */
import type { Queryable } from '../db/sql.ts'
import type { LeadFilter } from './lead-filter.ts'
import { leadColumns, leadJoins, toLead, type LeadRow } from './lead-store.ts'
import type { Lead } from './lead.ts'

/** Latest updated first. */
export async function listLeads(
  sql: Queryable,
  filter: LeadFilter,
  page: { limit: number; offset: number },
): Promise<{ count: number; leads: Lead[] }> {
  const [total] = await sql<
    { count: number }[]
  >`select count(*) as count from leads lead where ${matching(sql, filter)}`
  const rows = await sql<LeadRow[]>`
    select ${leadColumns(sql)}
      from leads lead
      ${leadJoins(sql)}
     where ${matching(sql, filter)}
     order by lead.updated_at desc, lead.id desc
     limit ${page.limit} offset ${page.offset}`
  return { count: total?.count ?? 0, leads: rows.map(toLead) }
}

/** The next leads after an id, oldest first: an export reads the whole list in steps. */
export async function listLeadsAfter(
  sql: Queryable,
  filter: LeadFilter,
  page: { after: number; limit: number },
): Promise<Lead[]> {
  const rows = await sql<LeadRow[]>`
    select ${leadColumns(sql)}
      from leads lead
      ${leadJoins(sql)}
     where ${matching(sql, filter)} and lead.id > ${page.after}
     order by lead.id
     limit ${page.limit}`
  return rows.map(toLead)
}

export type Facets = {
  status: { value: string; count: number }[]
  agent: { value: string | null; name: string | null; count: number }[]
  campaign: { value: string; count: number }[]
}

const mostFacets = 100

/** What the list could be narrowed to, each with the count it would have; a facet does not narrow itself. */
export async function countFacets(sql: Queryable, filter: LeadFilter, isOwn: boolean): Promise<Facets> {
  const status = await sql<{ value: string; count: number }[]>`
    select lead.status as value, count(*) as count from leads lead
     where ${matching(sql, { ...filter, status: null })}
     group by 1 order by 2 desc, 1 limit ${mostFacets}`
  const agent = await sql<{ value: string | null; name: string | null; count: number }[]>`
    select lead.assigned_to as value, count(*) as count,
           max(coalesce(nullif(trim(person.first_name || ' ' || person.last_name), ''), person.username)) as name
      from leads lead
      ${leadJoins(sql)}
     where ${matching(sql, isOwn ? filter : { ...filter, assignedTo: null })}
     group by 1 order by 2 desc, 1 limit ${mostFacets}`
  const campaign = await sql<{ value: string; count: number }[]>`
    select lead.campaign as value, count(*) as count from leads lead
     where ${matching(sql, { ...filter, campaign: null })} and lead.campaign <> ''
     group by 1 order by 2 desc, 1 limit ${mostFacets}`
  return { status, agent, campaign }
}

/** The other leads with one of these numbers, or with this e-mail: perhaps the same person. */
export async function findDuplicates(
  sql: Queryable,
  lead: Pick<Lead, 'workspaceId' | 'id' | 'email'>,
  seen: { numbers: readonly string[]; assignedTo: string | null },
): Promise<Lead[]> {
  const numbers = [...seen.numbers]
  const rows = await sql<LeadRow[]>`
    select ${leadColumns(sql)}
      from leads lead
      ${leadJoins(sql)}
     where lead.workspace_id = ${lead.workspaceId} and lead.id <> ${lead.id} and lead.deleted_at is null
       and (lead.phone_e164 = any(${numbers}::text[]) or lead.alt_phone_e164 = any(${numbers}::text[])
            or (${lead.email} <> '' and lower(lead.email) = lower(${lead.email})))
       and (${seen.assignedTo}::uuid is null or lead.assigned_to = ${seen.assignedTo}::uuid)
     order by lead.updated_at desc, lead.id desc
     limit 20`
  return rows.map(toLead)
}

function matching(sql: Queryable, filter: LeadFilter) {
  const { assignedTo, status, campaign, doNotCall, search } = filter
  const agent =
    assignedTo === 'none'
      ? sql`and lead.assigned_to is null`
      : sql`and lead.assigned_to = ${assignedTo}::uuid`
  return sql`
    lead.workspace_id = ${filter.workspaceId} and lead.deleted_at is null
    ${assignedTo === null ? sql`` : agent}
    ${status === null ? sql`` : sql`and lead.status = ${status}`}
    ${campaign === null ? sql`` : sql`and lead.campaign = ${campaign}`}
    ${doNotCall === null ? sql`` : sql`and ${blocked(sql)} = ${doNotCall}`}
    ${search === null ? sql`` : sql`and ${found(sql, search)}`}`
}

function blocked(sql: Queryable) {
  return sql`exists (
    select from do_not_call listed
     where listed.workspace_id = lead.workspace_id and listed.number in (lead.phone_e164, lead.alt_phone_e164))`
}

function found(sql: Queryable, search: NonNullable<LeadFilter['search']>) {
  const text = `%${escaped(search.text)}%`
  if (search.digits === null) return sql`lead.search_text like ${text}`
  return sql`(lead.search_digits like ${`%${search.digits}%`} or lead.search_text like ${text}
              or lead.phone_e164 = ${search.e164} or lead.alt_phone_e164 = ${search.e164})`
}

function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&')
}
