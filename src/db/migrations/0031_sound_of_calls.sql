alter table calls add column audio_id bigint; -- of a direct call: the sound of the library that is played after its message
