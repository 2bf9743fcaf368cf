import { Pool } from 'pg'
import { firstPhone, settings } from './settings.mjs'

// A schema of its own: whatever database is given, nothing else in it is dropped.
const schema = 'bench_peers'

export const recipientStates = { fresh: 0, calling: 1, done: 2 }

/** States of a call in the order in which it may move; every update takes the greater one. */
export const callStates = { placing: 0, initiated: 1, ringing: 2, 'in-progress': 3, completed: 4 }

export function openDatabase(connections = settings.databaseConnections) {
  return new Pool({
    connectionString: settings.databaseUrl,
    max: connections,
    idleTimeoutMillis: 0,
    options: `-c search_path=${schema}`,
  })
}

/**
 * The tables of a life cycle, the same for the limit and for the libraries. They hold what the work needs and no
 * index that the work does not use: no partial index of the claim (the watermark needs only the key) and none of
 * the sid (a callback names its call in its path). The fill factors keep every later update within its page.
 */
export async function makeLifecycleTables(pool, count) {
  await pool.query(`
    drop schema if exists ${schema} cascade;
    create schema ${schema};
    create table recipients (
      id bigint primary key,
      phone text not null,
      state smallint not null default 0,
      attempts smallint not null default 0
    ) with (fillfactor = 50);
    create table calls (
      id bigint generated always as identity primary key,
      recipient_id bigint not null,
      attempt smallint not null,
      phone text not null,
      state smallint not null default 0,
      sid text,
      duration integer not null default 0,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      unique (recipient_id, attempt)
    ) with (fillfactor = 40);
    create table call_events (
      call_id bigint not null,
      sequence smallint not null,
      kind text not null,
      at timestamptz not null default now(),
      primary key (call_id, sequence)
    );`)
  await fillRecipients(pool, count)
}

/** A call for every recipient as it stands after its POST: intent and placement are in its history. */
export async function seedPlacedCalls(pool) {
  await pool.query(`
    update recipients set state = ${recipientStates.calling}, attempts = 1;
    insert into calls (recipient_id, attempt, phone, sid)
    select id, 1, phone, 'CA' || lpad(to_hex(id), 32, '0') from recipients order by id;
    insert into call_events (call_id, sequence, kind)
    select id, sequence, kind from calls, (values (0, 'intent'), (1, 'placed')) told (sequence, kind);`)
  await pool.query('vacuum analyze')
  await pool.query('checkpoint')
}

/** The table of the dialing loop alone. */
export async function makeDialTables(pool, count) {
  await pool.query(`
    drop schema if exists ${schema} cascade;
    create schema ${schema};
    create table recipients (
      id bigint primary key,
      phone text not null,
      state smallint not null default 0,
      attempts smallint not null default 0,
      sid text
    ) with (fillfactor = 50);`)
  await fillRecipients(pool, count)
}

async function fillRecipients(pool, count) {
  await pool.query(
    `insert into recipients (id, phone) select n, '+' || ($2::bigint + n) from generate_series(1, $1::int) n`,
    [count, firstPhone],
  )
  await pool.query('vacuum analyze recipients')
  await pool.query('checkpoint')
}

/** Reads the tables, not what the program believes it did. */
export async function checkLifecycle(pool, count) {
  const calls = await one(
    pool,
    `select count(*) = $1 as "one call per recipient", count(distinct sid) = $1 as "distinct sids",
            bool_and(state = $2 and ended_at is not null and duration = 42) as "every call completed"
       from calls`,
    [count, callStates.completed],
  )
  const recipients = await one(
    pool,
    `select bool_and(state = $1 and attempts = 1) as "every recipient done once" from recipients`,
    [recipientStates.done],
  )
  const history = await one(
    pool,
    `select count(*) = $1 and bool_and(kinds = 'intent,placed,initiated,ringing,in-progress,completed')
              as "six history rows per call, in order"
       from (select string_agg(kind, ',' order by sequence) as kinds from call_events group by call_id) told`,
    [count],
  )
  return { ...calls, ...recipients, ...history }
}

export async function checkDial(pool, count) {
  return one(
    pool,
    `select count(*) = $1 as "every recipient dialed", count(distinct sid) = $1 as "distinct sids",
            bool_and(attempts = 1) as "one attempt each"
       from recipients where state = $2`,
    [count, recipientStates.done],
  )
}

const one = async (pool, text, values) => (await pool.query(text, values)).rows[0]
