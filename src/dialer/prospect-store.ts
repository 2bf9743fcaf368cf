/** What a claim would find. Read without a lock: who has nothing to claim must not stand in the way of others. */
import { arrayOf, type Sql } from '../db/sql.ts'
import { lanePlaces } from '../messages/text.ts'
import type { Prospect } from './pacing.ts'

export async function callProspect(
  sql: Sql,
  { carrierAccountId, now }: { carrierAccountId: number; now: Date },
): Promise<Prospect> {
  const rows = await sql<ProspectRow[]>`
    select clock_timestamp() as wall, nullif(next_slot_at, '-infinity') as next_slot_at, calls_per_second,
           exists (select from calls
                    where carrier_account_id = ${carrierAccountId} and phase = 'waiting' and urgent
                      and due_at <= ${now}) as urgent,
           exists (select from calls
                    where carrier_account_id = ${carrierAccountId} and phase = 'waiting' and due_at <= ${now})
           or exists (select from runs r
                        join campaigns c on c.workspace_id = r.workspace_id and c.id = r.campaign_id
                       where r.state = 'running' and c.service = 'PHONE') as others
      from carrier_accounts
     where id = ${carrierAccountId}`
  return toProspect(rows)
}

export async function textProspect(
  sql: Sql,
  { carrierAccountId, now }: { carrierAccountId: number; now: Date },
): Promise<Prospect> {
  const isDue = (urgent: boolean) => sql`
    exists (select from unnest(${arrayOf(lanePlaces(urgent))}::smallint[]) as of_lane (lane)
             cross join lateral (
               select from texts t
                where t.carrier_account_id = ${carrierAccountId} and t.phase = 'waiting'
                  and t.lane = of_lane.lane and t.due_at <= ${now}
                limit 1) as due)`
  const rows = await sql<ProspectRow[]>`
    select clock_timestamp() as wall, nullif(next_slot_at, '-infinity') as next_slot_at, calls_per_second,
           ${isDue(true)} as urgent,
           ${isDue(false)}
           or exists (select from runs r
                        join campaigns c on c.workspace_id = r.workspace_id and c.id = r.campaign_id
                       where r.state = 'running' and c.service = 'SMS') as others
      from carrier_accounts
     where id = ${carrierAccountId}`
  return toProspect(rows)
}

type ProspectRow = {
  wall: Date
  next_slot_at: Date | null
  calls_per_second: number
  urgent: boolean
  others: boolean
}

function toProspect([row]: readonly ProspectRow[]): Prospect {
  if (row === undefined) throw new Error('the account of the carrier does not exist')
  const { wall, next_slot_at: next, calls_per_second: perSecond, urgent, others } = row
  return { nowMs: wall.getTime(), nextMs: (next ?? wall).getTime(), perSecond, urgent, others }
}
