-- Who is rung second follows from the first call, and the length from the request.
alter table calls drop column room_side, drop column room_seconds;
