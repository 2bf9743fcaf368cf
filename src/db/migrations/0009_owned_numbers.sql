-- The numbers that a workspace was shown for sale, has, or had. The sid is ours: it belongs to workspace and number for
-- ever, and names the number before, during and after it is owned.
create table phone_numbers (
  workspace_id bigint not null references workspaces (id),
  sid text not null check (sid ~ '^[0-9a-f]{32}$'),
  number text not null, -- E.164
  carrier_account_id integer not null references carrier_accounts (id),
  carrier_sid text, -- the carrier's own name for it, while it is owned
  country text not null, -- ISO 3166; empty when unknown
  friendly_name text not null,
  capabilities text[] not null, -- voice, sms, mms, fax
  call_url text not null default '', -- where the carrier asks what to do with calls to it
  call_method text not null default 'POST',
  state text not null check (state in ('seen', 'buying', 'pending', 'owned', 'releasing')),
  reason text, -- why it was not bought, or not released
  was_bought boolean not null default false, -- through us; others were found at the carrier
  request bytea, -- which request with an Idempotency-Key bought it last
  owner bigint, -- the worker that asks the carrier for it, or to take it back
  asked_at timestamptz, -- database time of that
  owned_at timestamptz, -- product time
  paid_until timestamptz, -- product time: the next month is charged then
  seen_at timestamptz not null, -- product time: last listed
  primary key (workspace_id, sid),
  unique (workspace_id, number),
  check (state not in ('pending', 'owned', 'releasing') or (carrier_sid is not null and owned_at is not null)),
  check (state not in ('buying', 'releasing') or asked_at is not null)
);
-- A number has one owner in the installation, from the moment in which it is asked for.
create unique index phone_numbers_one_owner on phone_numbers (carrier_account_id, number) where state <> 'seen';
create index phone_numbers_unsettled on phone_numbers (carrier_account_id, asked_at) where state in ('buying', 'releasing', 'pending'); -- the number loop
create index phone_numbers_to_pay on phone_numbers (carrier_account_id, paid_until) where paid_until is not null; -- the number loop
