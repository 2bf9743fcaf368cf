-- What a code is for, and who must present it: a code of one purpose never serves another. `program`: for a program that
-- called the API, which holds all codes of its workspace; `phone`: proves that a person's phone is theirs.
alter table otp_codes
  add column purpose text not null default 'program' check (purpose in ('program', 'phone')),
  add column holder uuid, -- the person who must present it; null: anybody of the workspace who may verify
  add constraint otp_codes_holder check ((purpose = 'program') = (holder is null));
alter table otp_codes alter column purpose drop default;
-- A number never has two codes that count for one purpose and holder.
drop index otp_codes_one_live;
create unique index otp_codes_one_live on otp_codes (workspace_id, number, purpose, holder)
  nulls not distinct where closed_at is null;
