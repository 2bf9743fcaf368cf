-- Both parties of an agreed call are called, each by a call of its own, and meet in a conference at the carrier.
alter table calls add column room_side text check (room_side in ('hero', 'user')), add column room_seconds integer;

-- Which calls were in which conference, as the carrier told it. Two calls that were in one of them were joined.
create table room_visits (
  workspace_id bigint not null,
  room text not null,
  conference_sid text not null, -- the carrier's: a room that everybody has left is another conference when somebody comes again
  call_id uuid not null,
  joined_at timestamptz not null, -- product time, like left_at
  left_at timestamptz,
  primary key (workspace_id, room, conference_sid, call_id),
  foreign key (workspace_id, call_id) references calls (workspace_id, id)
);
