import { historySequence } from './history-writer.mjs'
import { callStates, recipientStates } from './tables.mjs'

const callbackStatement = `
  with told as (
    insert into call_events (call_id, sequence, kind) values ($1, $2, $3) on conflict do nothing
  )
  update calls set state = $4, sid = coalesce(sid, $5) where id = $1 and state < $4`
const completedStatement = `
  with told as (
    insert into call_events (call_id, sequence, kind) values ($1, $2, $3) on conflict do nothing
  ), moved as (
    update calls set state = $4, sid = coalesce(sid, $5), duration = $6, ended_at = now()
     where id = $1 and state < $4
    returning recipient_id
  )
  update recipients set state = ${recipientStates.done} from moved where recipients.id = moved.recipient_id`

/**
 * The same as the group's writer with a transaction for every callback, in one statement and one round trip over a
 * pool of connections: the best of what most servers do.
 */
export function openCallbackWriter(pool) {
  function write({ callId, kind, sid, duration, written }) {
    const values = [callId, historySequence[kind], kind, callStates[kind], sid]
    const query =
      kind === 'completed'
        ? { name: 'completed', text: completedStatement, values: [...values, duration] }
        : { name: 'callback', text: callbackStatement, values }
    pool.query(query).then(
      () => written(true),
      (error) => {
        console.error(error.message)
        written(false)
      },
    )
  }
  return { write }
}
