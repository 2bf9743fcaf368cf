-- What a workspace has used and what is on hold: the sums of its ledger, locked by whoever adds to it. Absent: nothing.
create table credit_accounts (
  workspace_id bigint primary key references workspaces (id),
  used bigint not null default 0 check (used >= 0),
  held bigint not null default 0 check (held >= 0)
) with (fillfactor = 50);

-- Credits that were promised to something that is not over: a run, a direct call, a text, a purchase.
create table credit_holds (
  workspace_id bigint not null references workspaces (id),
  kind text not null check (kind in ('run', 'call', 'text', 'number')),
  subject text not null, -- its id
  held bigint not null check (held >= 0), -- what is left
  prices jsonb not null, -- as they were agreed then
  created_at timestamptz not null,
  primary key (workspace_id, kind, subject)
) with (fillfactor = 50);

-- The ledger. Rows are added and never changed. One row may stand for many calls that were settled together.
create table credit_entries (
  workspace_id bigint not null references workspaces (id),
  id bigint generated always as identity,
  at timestamptz not null,
  entry text not null check (entry in ('hold', 'settle', 'release')),
  kind text not null check (kind in ('run', 'call', 'text', 'number')),
  subject text not null,
  items integer not null default 1 check (items > 0), -- calls, texts or months it stands for
  used bigint not null check (used >= 0), -- added to what is used
  held bigint not null, -- added to what is on hold; negative when it is no longer
  primary key (workspace_id, id)
);
