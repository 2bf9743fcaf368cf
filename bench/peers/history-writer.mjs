import { callStates, recipientStates } from './tables.mjs'

export const historySequence = {
  intent: 0,
  placed: 1,
  initiated: 2,
  ringing: 3,
  'in-progress': 4,
  completed: 5,
}

const groupStatement = `
  with told as (
    insert into call_events (call_id, sequence, kind)
    select * from unnest($1::bigint[], $2::smallint[], $3::text[])
    on conflict do nothing
  ), moved as (
    update calls c
       set state = greatest(c.state, given.state),
           sid = coalesce(c.sid, given.sid),
           duration = greatest(c.duration, given.duration),
           ended_at = case when given.state = ${callStates.completed} then coalesce(c.ended_at, now()) else c.ended_at end
      from unnest($4::bigint[], $5::smallint[], $6::text[], $7::int[]) given (id, state, sid, duration)
     where c.id = given.id and (given.state > c.state or (c.sid is null and given.sid is not null))
    returning c.recipient_id, c.state
  )
  update recipients r
     set state = ${recipientStates.done}
    from moved
   where moved.state = ${callStates.completed} and r.id = moved.recipient_id and r.state <> ${recipientStates.done}`

/**
 * Group commit: what arrives while a group is being committed is the next group, in one statement and one commit.
 * An item is { callId, kind, sid, duration, written }; `written(true)` is called after the commit that holds it,
 * `written(false)` when the database refused its group. One connection writes, so groups never wait for each
 * other's rows.
 */
export async function openHistoryWriter(client) {
  // The planner does not know how long an array will be; every join here is by primary key.
  await client.query(`set plan_cache_mode = force_generic_plan; set enable_hashjoin = off; set enable_mergejoin = off;
    set enable_seqscan = off`)
  let waiting = []
  let writing = false
  const totals = { groups: 0, items: 0 }

  function write(item) {
    waiting.push(item)
    if (!writing) {
      writing = true
      // The rest of this turn of the event loop joins the group.
      setImmediate(flush)
    }
  }

  function flush() {
    const group = waiting
    waiting = []
    totals.groups++
    totals.items += group.length
    client.query({ name: 'history-group', text: groupStatement, values: groupValues(group) }).then(
      () => settle(group, true),
      (error) => {
        console.error(`a group of ${group.length} was not written: ${error.message}`)
        settle(group, false)
      },
    )
  }

  function settle(group, written) {
    if (waiting.length > 0) flush()
    else writing = false
    for (const item of group) item.written(written)
  }

  return { write, totals }
}

/**
 * Arrays as PostgreSQL reads them, written by hand: the driver would quote every element. Nothing here needs
 * quoting: numbers, sids that were checked, kinds from our own table.
 */
function groupValues(group) {
  const moves = new Map()
  let callIds = ''
  let sequences = ''
  let kinds = ''
  for (const { callId, kind, sid, duration } of group) {
    callIds += `,${callId}`
    sequences += `,${historySequence[kind]}`
    kinds += `,${kind}`
    const move = moves.get(callId)
    const state = callStates[kind] ?? callStates.placing
    if (!move) {
      moves.set(callId, { state, sid, duration })
      continue
    }
    // PostgreSQL updates a row once per statement, so a call that has several items gets their sum.
    move.state = Math.max(move.state, state)
    move.sid ??= sid
    move.duration = Math.max(move.duration, duration)
  }
  let ids = ''
  let states = ''
  let sids = ''
  let durations = ''
  for (const [callId, move] of moves) {
    ids += `,${callId}`
    states += `,${move.state}`
    sids += `,${move.sid ?? 'NULL'}`
    durations += `,${move.duration}`
  }
  return [callIds, sequences, kinds, ids, states, sids, durations].map((list) => `{${list.slice(1)}}`)
}
