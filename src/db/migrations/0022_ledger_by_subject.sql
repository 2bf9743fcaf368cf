create index credit_entries_by_subject on credit_entries (workspace_id, kind, subject); -- what a run has cost
