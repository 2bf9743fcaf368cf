-- One row per process that dials. Its id is also the key of the advisory lock that the process holds while it
-- lives: who obtains that lock knows that the process is gone.
create table workers (
  id bigint generated always as identity primary key,
  name text not null,
  started_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz -- its unfinished attempts were taken over
);

-- An account at a carrier and its budget, shared by every process.
create table carrier_accounts (
  id integer generated always as identity primary key,
  account_sid text not null unique,
  calls_per_second double precision not null,
  max_concurrent_calls integer not null,
  next_slot_at timestamptz not null default '-infinity', -- database time, not product time: it paces real requests
  blocked_until timestamptz, -- the carrier said 429 or is away: nobody dials before
  blocked_reason text,
  refused_logins integer not null default 0
);

-- The part of that budget a workspace may use, when it set limits of its own.
create table workspace_budgets (
  workspace_id bigint not null references workspaces (id),
  carrier_account_id integer not null references carrier_accounts (id),
  next_slot_at timestamptz not null default '-infinity',
  primary key (workspace_id, carrier_account_id)
);

-- A call is one attempt, born at intent: before the carrier hears of it.
create table calls (
  workspace_id bigint not null,
  id uuid not null, -- version 7: ordered by time
  carrier_account_id integer not null,
  campaign_id bigint,
  run_id bigint,
  number_id bigint,
  attempt smallint not null default 1,
  agent_id uuid,
  created_by uuid,
  to_number text not null,
  from_number text not null,
  customer_name text,
  message text, -- of a direct call; a campaign's is its run's
  voice text, -- of a direct call, likewise
  message_seconds integer not null default 0, -- estimated length of what will be said
  state text not null check (state in ('queued', 'placing', 'unknown', 'initiated', 'ringing', 'in_progress',
    'completed', 'busy', 'no_answer', 'failed', 'canceled', 'not_placed', 'held')),
  -- Every index below looks at the phase, not at the state, so that the moves within a live call touch no index.
  phase text not null generated always as (case
    when state = 'queued' then 'waiting'
    when state in ('placing', 'unknown', 'initiated', 'ringing', 'in_progress') then 'open'
    when state = 'completed' then 'completed'
    when state = 'not_placed' then 'void'
    else 'failed' end) stored,
  reason text,
  carrier_sid text,
  sid_confirmed boolean not null default false, -- the carrier named it again after its first answer
  next_id uuid, -- the call that followed when this direct call was given back
  owner bigint, -- the worker that placed it
  due_at timestamptz, -- queued: not before (product time)
  created_at timestamptz not null,
  started_at timestamptz, -- answered
  ended_at timestamptz,
  duration integer not null default 0 check (duration >= 0), -- seconds talked
  heard boolean not null default false, -- the message was heard to its end
  playback integer not null default 0, -- seconds of the message that were heard
  hang_up boolean not null default false, -- somebody asked to end it
  entries smallint not null default 0, -- history rows written
  intended_at timestamptz, -- database time of the intent, to compare with the carrier's clock
  reported_at timestamptz not null default clock_timestamp(), -- database time of the last report
  primary key (workspace_id, id),
  -- One key into the other tables is checked per row, the one that could cross workspaces: each costs a look-up a call.
  foreign key (workspace_id, run_id) references runs (workspace_id, id),
  foreign key (workspace_id, agent_id) references agents (workspace_id, id),
  check (state <> 'queued' or due_at is not null),
  check (state in ('queued', 'not_placed', 'canceled') or owner is not null),
  check ((run_id is null) = (number_id is null)),
  check (state not in ('initiated', 'ringing', 'in_progress', 'completed') or carrier_sid is not null),
  check ((ended_at is not null) = (state in ('completed', 'busy', 'no_answer', 'failed', 'canceled', 'not_placed', 'held')))
) with (fillfactor = 70);
-- Never two attempts of the same number: a given-back attempt (void) leaves its number free.
create unique index calls_one_per_attempt on calls (workspace_id, run_id, number_id, attempt)
  where run_id is not null and phase <> 'void';
-- At most one open call between two numbers, which makes finding a call by To and From exact. Also counts concurrency,
-- and says who is being called.
create unique index calls_one_open on calls (carrier_account_id, to_number, from_number) where phase = 'open';
create unique index calls_by_carrier_sid on calls (carrier_account_id, carrier_sid) where carrier_sid is not null;
create index calls_by_phase on calls (workspace_id, phase, id); -- the board
create index calls_by_campaign on calls (workspace_id, campaign_id, phase, id) where campaign_id is not null; -- the board of one campaign
create index calls_by_agent on calls (workspace_id, agent_id, phase, id) where agent_id is not null; -- the board of one agent
create index calls_waiting on calls (carrier_account_id, due_at, id) where phase = 'waiting'; -- the claim of direct calls
create index calls_by_number on calls (workspace_id, to_number, id); -- frequency cap, search by number

-- Everything that was learned about a call, in the order in which it was learned.
create table call_events (
  workspace_id bigint not null,
  call_id uuid not null,
  sequence smallint not null,
  at timestamptz not null,
  kind text not null,
  source text not null check (source in ('dialer', 'answer', 'webhook', 'poll', 'list', 'person')),
  state text not null, -- of the call, after it
  detail jsonb,
  primary key (workspace_id, call_id, sequence, at)
) partition by range (at);
create table call_events_default partition of call_events default;

-- Calls at the carrier that are not ours to keep: a second one for one attempt, or one that appeared after its attempt
-- was given back. Ended as soon as they are seen, and shown by the audit.
create table stray_calls (
  workspace_id bigint not null,
  call_id uuid not null,
  carrier_sid text not null,
  found_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (workspace_id, call_id, carrier_sid),
  foreign key (workspace_id, call_id) references calls (workspace_id, id)
);
create index stray_calls_to_end on stray_calls (found_at) where ended_at is null; -- the reconcile loop
