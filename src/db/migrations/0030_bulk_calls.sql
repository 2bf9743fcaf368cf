-- Direct calls can be asked for by a list: the job that reads it makes them.
alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check check (kind in ('import', 'bulk_calls'));
