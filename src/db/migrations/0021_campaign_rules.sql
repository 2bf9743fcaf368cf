-- What a campaign asks for beyond the workspace's settings; a run keeps what was in force when it began.
alter table campaigns
  add column calling_hours jsonb, -- null = the workspace's alone
  add column retry jsonb, -- null = nobody is called again by itself
  add column breaker jsonb; -- null = failures never pause it
alter table runs
  add column calling_hours jsonb,
  add column retry jsonb,
  add column breaker jsonb,
  add column pause_reason jsonb, -- of a run that paused by itself: {code, message}
  add column resumed_at timestamptz; -- the breaker counts what was begun since

-- The columns of a list as they were called, and the rows that were wrong as they were, so that they can be mended in it.
alter table jobs add column columns text[];
alter table job_problems add column cells text[];
