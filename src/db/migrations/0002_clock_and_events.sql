-- The product clock: database time plus this offset is the time every rule works with.
create table product_clock (
  only_row boolean primary key default true check (only_row),
  offset_ms bigint not null default 0
);
insert into product_clock default values;

-- One counter row per workspace, locked last in every transaction that changes something worth telling:
-- positions therefore become visible in their own order, and a reader that resumes after one misses nothing.
create table event_heads (
  workspace_id bigint primary key references workspaces (id),
  position bigint not null default 0
);

-- What open pages are told. Kept for 24 hours.
create table events (
  workspace_id bigint not null references workspaces (id),
  position bigint not null,
  at timestamptz not null,
  kind text not null,
  -- Null: everyone who may see the board. Else only this user (and managers).
  visible_to uuid,
  data jsonb not null,
  primary key (workspace_id, position)
);
create index events_by_age on events (at); -- for the daily clean-up

-- Exact counts, kept in the transaction that changes what is counted (the board's summary, a campaign's progress).
-- campaign_id 0 is the whole workspace: it counts what belongs to a campaign as well.
create table totals (
  workspace_id bigint not null references workspaces (id),
  campaign_id bigint not null,
  subject text not null check (subject in ('call', 'number')),
  state text not null,
  count bigint not null default 0 check (count >= 0),
  primary key (workspace_id, subject, campaign_id, state)
) with (fillfactor = 50);
