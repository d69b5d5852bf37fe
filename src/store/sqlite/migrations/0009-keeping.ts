/** What is kept for how long: when originals and values were removed, how often a text is used, erasures, restores. */
export const sql = `
ALTER TABLE runs ADD COLUMN originals_removed_at INTEGER;
ALTER TABLE runs ADD COLUMN values_removed_at INTEGER;
-- When it came back from a backup unfinished: what happened after the backup was made is not on record.
ALTER TABLE runs ADD COLUMN restored_at INTEGER;

-- How far through the runs, by number, the removal of values has come; and the runs before that which were not due yet.
CREATE TABLE values_frontier (id INTEGER PRIMARY KEY CHECK (id = 1), run_no INTEGER NOT NULL) STRICT;
INSERT INTO values_frontier (id, run_no) VALUES (1, 0);
CREATE TABLE values_later (run_no INTEGER PRIMARY KEY) STRICT;

-- How many records name a text; the last one to go takes it along.
CREATE TABLE blob_uses (hash TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO blob_uses (hash, n)
  SELECT j.value, count(*) FROM records r, json_each(r.blob_refs) j WHERE r.blob_refs IS NOT NULL GROUP BY 1;

ALTER TABLE quarantine ADD COLUMN body_removed_at INTEGER;
CREATE INDEX quarantine_kept ON quarantine (received_at) WHERE body_removed_at IS NULL;
CREATE INDEX quarantine_event ON quarantine (event_id) WHERE body_removed_at IS NULL;

CREATE INDEX audit_run ON audit (run_id);

-- Appended only: what was erased at somebody's request.
CREATE TABLE erasures (
  erasure_no INTEGER PRIMARY KEY, erased_at INTEGER NOT NULL, erased_by TEXT NOT NULL, reason TEXT NOT NULL,
  -- JSON: what was asked for, and how much of it there was.
  asked TEXT NOT NULL, done TEXT NOT NULL
) STRICT;
`;
