-- Programs outside that are told what happened, and what each of them is told.
create table webhook_endpoints (
  workspace_id bigint not null references workspaces (id),
  id uuid not null,
  url text not null check (length(url) <= 2000),
  -- The kinds of events it wants; at least one.
  kinds text[] not null check (cardinality(kinds) > 0),
  -- Of its secret, which is derived; until overlap_ends_at the one before signs too (by the wall clock).
  generation int not null default 1,
  overlap_ends_at timestamptz,
  created_at timestamptz not null,
  disabled_at timestamptz,
  disabled_reason text,
  last_delivered_at timestamptz,
  -- Since when nothing was taken; null while it answers.
  failing_since timestamptz,
  primary key (workspace_id, id)
);

create table webhook_deliveries (
  workspace_id bigint not null,
  -- The same for every endpoint that is told the same event: what a receiver knows it by.
  message_id uuid not null,
  endpoint_id uuid not null,
  id uuid not null,
  kind text not null,
  -- Exactly what is signed and sent.
  body text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  attempts int not null default 0,
  created_at timestamptz not null,
  -- When it is tried next (product time).
  due_at timestamptz not null,
  -- Tried no more after this (product time).
  give_up_at timestamptz not null,
  ended_at timestamptz check ((ended_at is null) = (state = 'waiting')),
  -- What the last attempt came to.
  tried_at timestamptz,
  answer_status int,
  answer_body text,
  answer_ms int,
  problem text,
  primary key (workspace_id, id),
  foreign key (workspace_id, endpoint_id) references webhook_endpoints (workspace_id, id) on delete cascade
);
create index webhook_deliveries_due on webhook_deliveries (workspace_id, endpoint_id, due_at) where state = 'waiting';
create index webhook_deliveries_of_endpoint on webhook_deliveries (workspace_id, endpoint_id, id desc);
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where ended_at is not null;
