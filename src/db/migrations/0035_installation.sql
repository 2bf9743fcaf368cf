-- Where this database runs, so that one restored from a backup is noticed before it dials: the carrier went on meanwhile.
create table installation (
  only_row boolean primary key default true check (only_row),
  place text, -- the cluster and the database, by the ids that PostgreSQL gave them
  beat bigint not null default 0, -- grows while a server runs; its data folder keeps a copy
  beat_at timestamptz, -- database time
  held_since timestamptz, -- nothing is dialed or sent before somebody lets it go
  held_from timestamptz, -- the last moment that the backup knows of
  swept_at timestamptz, -- the carrier was asked for what happened since
  unknown_calls integer not null default 0, -- calls and texts it had that this database did not know
  set_aside integer not null default 0 -- numbers, calls and texts that waited, and were reached by one of those
);
insert into installation default values;
