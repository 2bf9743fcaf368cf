create index inbound_texts_by_number on inbound_texts (workspace_id, from_number, id); -- the texts of one person, for their timeline
