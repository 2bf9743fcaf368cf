-- One-time codes. A generated code is derived from the id and stored nowhere; one that was given is sealed under a key
-- that is outside the database.
create table otp_codes (
  workspace_id bigint not null references workspaces (id),
  id uuid not null,
  number text not null, -- E.164
  kind text not null check (kind in ('generated', 'personnel')),
  length smallint not null check (length between 4 and 10),
  sealed bytea check ((kind = 'personnel') = (sealed is not null)),
  channel text not null check (channel in ('text', 'voice')),
  template text not null, -- the message of the last send, with {otp} where the code stands
  created_at timestamptz not null,
  sent_at timestamptz not null, -- the last time
  expires_at timestamptz not null,
  sends smallint not null default 1,
  attempts smallint not null default 0,
  verified_at timestamptz,
  closed_at timestamptz, -- it counts no more: used, used up, expired, or followed by another
  primary key (workspace_id, id),
  check (verified_at is null or closed_at is not null)
);
-- A number never has two codes that count.
create unique index otp_codes_one_live on otp_codes (workspace_id, number) where closed_at is null;
create index otp_codes_by_age on otp_codes (workspace_id, created_at desc); -- the log

-- What the limits count. Kept for a day.
create table otp_sends (
  workspace_id bigint not null references workspaces (id),
  id bigint generated always as identity,
  otp_id uuid not null,
  number text not null,
  prefix text not null, -- the number without its last four digits
  at timestamptz not null,
  primary key (workspace_id, id)
);
create index otp_sends_by_number on otp_sends (workspace_id, number, at);
create index otp_sends_by_prefix on otp_sends (workspace_id, prefix, at);
create index otp_sends_by_age on otp_sends (at); -- the clean-up

-- How many were sent on a local day. Its row is also the lock under which the limits are counted.
create table otp_days (
  workspace_id bigint not null references workspaces (id),
  day date not null,
  sends integer not null,
  primary key (workspace_id, day)
);

-- A call that says a code: the code is put into its message in the moment of dialing. It goes before all others.
alter table calls add column otp_id uuid;
alter table calls add column urgent boolean not null default false;
create index calls_urgent on calls (carrier_account_id, due_at, id) where phase = 'waiting' and urgent; -- the claim
create index calls_by_otp on calls (workspace_id, otp_id, id) where otp_id is not null; -- what became of a code
