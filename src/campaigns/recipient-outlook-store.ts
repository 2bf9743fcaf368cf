import { arrayOf, type Queryable } from '../db/sql.ts'
import type { Selection } from './campaign.ts'
import type { Tags } from './number-store.ts'

/** A recipient with what is known of the person elsewhere. */
export type KnownRecipient = {
  id: number
  digits: string
  e164: string | null
  grade: 'valid' | 'unusual' | 'invalid'
  tags: Tags
  /** Of the number: names with commas in between. */
  timeZone: string | null
  /** Of the lead that has the number. */
  leadZone: string | null
  listed: boolean
}

type Place = { workspaceId: number; id: number }

/** The selected numbers of a campaign behind `after`, in order, and not behind `until`. */
export async function knownRecipients(
  sql: Queryable,
  campaign: Place,
  { selection, after, until, limit }: { selection: Selection; after: number; until: number; limit: number },
): Promise<KnownRecipient[]> {
  const individual = selection.individual === null ? null : arrayOf(selection.individual)
  return sql<KnownRecipient[]>`
    select n.id, n.digits, n.e164, n.grade, n.tags, n.time_zone as "timeZone", lead.time_zone as "leadZone",
           listed.found is not null as listed
      from (
       select * from campaign_numbers c
        where c.workspace_id = ${campaign.workspaceId} and c.campaign_id = ${campaign.id}
          and c.id > ${after} and c.id <= ${until} and c.status = any(${arrayOf(selection.statuses)}::text[])
          and (${individual}::bigint[] is null or c.id = any(${individual}::bigint[]))
        order by c.id
        limit ${limit}
     ) n
      left join lateral (
       select l.time_zone from leads l
        where l.workspace_id = ${campaign.workspaceId} and l.phone_e164 = n.e164 and l.deleted_at is null
          and l.time_zone is not null
        order by l.updated_at desc
        limit 1) lead on true
      left join lateral (
       select true as found from do_not_call d
        where d.workspace_id = ${campaign.workspaceId} and d.number = n.e164
        limit 1) listed on true
     order by n.id
     limit ${limit}`
}

/** The ids of the numbers before and behind `id`, within the range of the list. */
export async function neighbours(
  sql: Queryable,
  campaign: Place,
  { id, first, last }: { id: number; first: number; last: number },
): Promise<{ before: number | null; after: number | null }> {
  const [row] = await sql<{ before: number | null; after: number | null }[]>`
    select (select max(id) from campaign_numbers
             where workspace_id = ${campaign.workspaceId} and campaign_id = ${campaign.id}
               and id < ${id} and id >= ${first}) as before,
           (select min(id) from campaign_numbers
             where workspace_id = ${campaign.workspaceId} and campaign_id = ${campaign.id}
               and id > ${id} and id <= ${last}) as after`
  return row ?? { before: null, after: null }
}
