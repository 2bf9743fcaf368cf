-- Recipients come in by the million, and a foreign key asks for each of them whether its campaign is there, which takes
-- as long as storing it. The campaigns of a whole statement are few: they are looked for once.
alter table campaign_numbers drop constraint campaign_numbers_workspace_id_campaign_id_fkey;

create function require_campaigns() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct workspace_id, campaign_id from added) n
     where not exists (
       select from campaigns c where c.workspace_id = n.workspace_id and c.id = n.campaign_id for key share)
  ) then
    raise foreign_key_violation using message = 'a number names a campaign that is not in its workspace',
                                      table = 'campaign_numbers';
  end if;
  return null;
end $$;

create trigger campaign_numbers_of_campaigns after insert on campaign_numbers
  referencing new table as added for each statement execute function require_campaigns();
-- A number never changes its campaign.
create function refuse_new_campaign() returns trigger language plpgsql as $$
begin
  raise foreign_key_violation using message = 'a number does not change its campaign', table = 'campaign_numbers';
end $$;
create trigger campaign_numbers_stay before update of workspace_id, campaign_id on campaign_numbers
  for each statement execute function refuse_new_campaign();
