-- What phones hear: files that people uploaded, and texts that were spoken by a voice. Always telephone quality: one
-- channel, 8,000 samples a second, mu-law. Every server reads it from here.
create table audio (
  workspace_id bigint not null references workspaces (id),
  id bigint not null default nextval('uploads_id_seq'), -- files of either kind have one row of numbers
  name text, -- an uploaded file's own name; null = spoken
  voice text, -- of a spoken text
  spoken text,
  spoken_key bytea, -- hash of voice and text: each is spoken once
  state text not null check (state in ('receiving', 'wanted', 'ready', 'failed')),
  reason text, -- why it failed
  tries smallint not null default 0,
  tried_at timestamptz, -- database time: a try that does not come back is repeated
  duration_ms integer not null default 0,
  bytes integer not null default 0,
  created_by uuid,
  created_at timestamptz not null,
  used_at timestamptz, -- of a spoken text, by whole days: what nobody wants any more is removed
  removed_at timestamptz, -- no longer listed; calls under way may still play it
  primary key (workspace_id, id),
  check ((name is null) = (spoken_key is not null))
);
create unique index audio_spoken_once on audio (workspace_id, spoken_key) where spoken_key is not null;
create index audio_by_name on audio (workspace_id, name, id) where name is not null and removed_at is null; -- the library
create index audio_by_use on audio (used_at) where used_at is not null; -- upkeep
create index audio_removed on audio (removed_at) where removed_at is not null; -- upkeep
create index audio_wanted on audio (created_at, id) where state = 'wanted'; -- the speech loop

create table audio_chunks (
  workspace_id bigint not null,
  audio_id bigint not null,
  sequence integer not null, -- 0, 1, 2 …
  content bytea not null,
  primary key (workspace_id, audio_id, sequence),
  foreign key (workspace_id, audio_id) references audio (workspace_id, id) on delete cascade
);
alter table audio_chunks alter column content set storage external;

alter table campaigns add column audio_id bigint, add column priority text check (priority in ('message', 'audio'));
alter table runs
  add column audio_id bigint,
  add column priority text not null default 'message' check (priority in ('message', 'audio')), -- what is played first
  add column spoken_by text not null default 'carrier' check (spoken_by in ('carrier', 'voice')); -- who says the message
