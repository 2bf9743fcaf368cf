-- A text: one attempt to send one SMS. Born waiting, or in a claim when it is a campaign's.
create table texts (
  workspace_id bigint not null,
  id uuid not null, -- version 7: ordered by time
  carrier_account_id integer not null references carrier_accounts (id),
  campaign_id bigint,
  run_id bigint,
  number_id bigint,
  attempt smallint not null default 1,
  kind text not null, -- whose it is: single, campaign, reply, otp, reminder
  subject text, -- what it is about, in the words of its kind
  lane smallint not null check (lane between 0 and 3), -- otp, reminder, single, bulk: the lower goes first
  created_by uuid,
  to_number text not null,
  from_number text not null,
  body text not null, -- as it is sent; of a code: its template, because the code itself is stored nowhere
  body_hash bytea not null, -- keyed hash of the body as it is sent
  encoding text not null check (encoding in ('GSM-7', 'UCS-2')),
  segments smallint not null check (segments > 0),
  state text not null check (state in ('queued', 'sending', 'unknown', 'accepted', 'sent',
    'delivered', 'undelivered', 'failed', 'canceled', 'unconfirmed', 'not_sent', 'held')),
  phase text not null generated always as (case
    when state = 'queued' then 'waiting'
    when state in ('sending', 'unknown', 'accepted') then 'open'
    when state = 'sent' then 'sent'
    when state = 'not_sent' then 'void'
    else 'done' end) stored,
  reason text,
  carrier_sid text,
  sid_confirmed boolean not null default false, -- the carrier named it again after its first answer
  next_id uuid, -- the text that followed when this one was given back
  owner bigint, -- the worker that sent it
  due_at timestamptz, -- queued: not before (product time)
  expires_at timestamptz, -- not sent at or after this (product time)
  created_at timestamptz not null,
  sent_at timestamptz,
  ended_at timestamptz,
  entries smallint not null default 0, -- history rows written
  intended_at timestamptz, -- database time of the intent, to compare with the carrier's clock
  reported_at timestamptz not null default clock_timestamp(), -- database time of the last report
  look_at timestamptz not null default clock_timestamp(), -- database time: the carrier is asked then, unless it reports before
  looks smallint not null default 0, -- times it was asked since the last report
  primary key (workspace_id, id),
  foreign key (workspace_id, run_id) references runs (workspace_id, id),
  check (state <> 'queued' or due_at is not null),
  check (state in ('queued', 'not_sent', 'canceled') or owner is not null),
  check ((run_id is null) = (number_id is null)),
  check (state not in ('accepted', 'sent', 'delivered', 'undelivered') or carrier_sid is not null),
  check ((ended_at is not null) = (state in ('delivered', 'undelivered', 'failed', 'canceled', 'unconfirmed', 'not_sent', 'held')))
) with (fillfactor = 70);
-- Never two attempts of the same number: a given-back attempt (void) leaves its number free.
create unique index texts_one_per_attempt on texts (workspace_id, run_id, number_id, attempt)
  where run_id is not null and phase <> 'void';
-- At most one open identical text, which makes finding it by To, From and body exact.
create unique index texts_one_open on texts (carrier_account_id, to_number, from_number, body_hash) where phase = 'open';
create unique index texts_by_carrier_sid on texts (carrier_account_id, carrier_sid) where carrier_sid is not null;
create index texts_waiting on texts (carrier_account_id, lane, due_at, id) where phase = 'waiting'; -- the claim
create index texts_to_look_at on texts (carrier_account_id, look_at) where phase in ('open', 'sent'); -- the reconcile loop
create index texts_by_phase on texts (workspace_id, phase, id); -- the list of one status
create index texts_by_number on texts (workspace_id, to_number, id); -- the texts of one person
create index texts_by_campaign on texts (workspace_id, campaign_id, id) where campaign_id is not null; -- the texts of one campaign
create index texts_by_subject on texts (workspace_id, kind, subject, id) where subject is not null; -- what became of a code, a reminder

-- Everything that was learned about a text, in the order in which it was learned.
create table text_events (
  workspace_id bigint not null,
  text_id uuid not null,
  sequence smallint not null,
  at timestamptz not null,
  kind text not null,
  source text not null check (source in ('dialer', 'answer', 'webhook', 'poll', 'list', 'person')),
  state text not null, -- of the text, after it
  detail jsonb,
  primary key (workspace_id, text_id, sequence, at)
) partition by range (at);
create table text_events_default partition of text_events default;

-- Texts that people sent to our numbers.
create table inbound_texts (
  workspace_id bigint not null references workspaces (id),
  id uuid not null, -- version 7: ordered by time
  carrier_account_id integer not null references carrier_accounts (id),
  carrier_sid text not null,
  from_number text not null,
  to_number text not null,
  body text not null,
  word text check (word in ('stop', 'start', 'help')), -- what it was understood as
  received_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index inbound_texts_once on inbound_texts (workspace_id, carrier_account_id, carrier_sid);

-- When the person texted STOP; null for an entry that somebody of the workspace made. START lifts only what STOP did.
alter table do_not_call add column stopped_at timestamptz;

alter table totals drop constraint totals_subject_check;
alter table totals add constraint totals_subject_check check (subject in ('call', 'number', 'text'));
