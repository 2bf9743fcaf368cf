-- Whoever dials is told of an opt-out when it commits, whichever way it came. Of many at once only that there were some.
create function tell_do_not_call() returns trigger language plpgsql as $$
begin
  if (select count(*) from (select from added limit 101) first_ones) > 100 then
    perform pg_notify('trunkline_do_not_call', '');
  else
    perform pg_notify('trunkline_do_not_call', workspace_id || ' ' || number) from added;
  end if;
  return null;
end $$;

create trigger do_not_call_is_told after insert on do_not_call
  referencing new table as added for each statement execute function tell_do_not_call();
