-- What a campaign does beside saying its message: what a machine hears, what keys do, whether calls are recorded.
-- A run keeps its own copy, as it keeps its message.
alter table campaigns add column voice_options jsonb not null default '{}';
alter table runs add column voice_options jsonb not null default '{}';

alter table calls
  add column answered_by text, -- the carrier's word: human, machine_start, machine_end_beep …; null: not asked, or not known
  add column pressed text, -- keys, each once, in the order in which they were pressed first
  add column recording jsonb; -- {sid, seconds, deleted}
-- What was pressed, key by key.
create index calls_pressed on calls (workspace_id, campaign_id, pressed) where pressed is not null;
