/** The JSON of one call on the board, written by the database: it is the fastest writer of many. */
import type { Queryable } from '../db/sql.ts'
import { noAgentName } from './board-call.ts'
import { callStates, wireStatus } from './call.ts'
import type { Fragment } from './call-condition.ts'

/** Where the id stands in a line that has one character before it, in bytes. */
const idFrom = '0{"call_id":"'.length
const idLength = 36

/** The id of the call that a line shows. */
export function callIdOf(line: Buffer): string {
  return line.toString('latin1', idFrom, idFrom + idLength)
}

/**
 * The same members as `toBoardCall`, in the same order. Reads the columns of `c` (a call) and `c.agent_name`. Text that
 * people or carriers wrote is escaped; ids, numbers and words of ours need no escaping.
 */
export function boardLine(sql: Queryable, now: Date): Fragment {
  return sql`'{"call_id":"' || c.id || '","call_sid":' || coalesce(to_json(c.carrier_sid)::text, 'null')
    || ',"to_number":"' || c.to_number || '","customer_name":' || coalesce(to_json(c.customer_name)::text, 'null')
    || ',"status":"' || ${sql.unsafe(statusWord)} || '","state":"' || c.state || '","agent":{"id":'
    || case when c.agent_id is null then ${sql.unsafe(literal(`null,"name":"${noAgentName}"`))}
            else '"' || c.agent_id || '","name":' || to_json(c.agent_name) end
    || '},"created_at":"' || ${sql.unsafe(instant('c.created_at'))}
    || '","started_at":' || coalesce('"' || ${sql.unsafe(instant('c.started_at'))} || '"', 'null')
    || ',"duration":' || case when c.state = 'in_progress'
         then greatest(0, floor(date_part('epoch', ${now}::timestamptz - c.started_at)))::bigint else c.duration end
    || ',"campaign_id":' || coalesce(c.campaign_id::text, 'null') || '}'`
}

/** Whole seconds, in UTC. */
function instant(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}

/** The states whose word on the wire is another one. */
const statusWord = `case c.state ${callStates
  .filter((state) => wireStatus[state] !== state)
  .map((state) => `when ${literal(state)} then ${literal(wireStatus[state])}`)
  .join(' ')} else c.state end`

/** Only for words of ours. */
function literal(word: string): string {
  return `'${word.replaceAll("'", "''")}'`
}
