/** Runs wait for events; events that somebody waits for, or may wait for, are kept for a while. */
export const sql = `
-- In the order they came. The body is sealed under the project's key.
CREATE TABLE kept_events (
  kept_no INTEGER PRIMARY KEY, event_id TEXT NOT NULL, event_type TEXT NOT NULL, contract_version INTEGER NOT NULL,
  received_at INTEGER NOT NULL, keep_until INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX kept_events_event ON kept_events (event_id, event_type);
CREATE INDEX kept_events_received ON kept_events (received_at, kept_no);
CREATE INDEX kept_events_due ON kept_events (keep_until);
-- What a kept event can be found by (journal/event-tokens.ts): keyed hashes of its type and of its values.
CREATE TABLE kept_tokens (
  token BLOB NOT NULL, kept_no INTEGER NOT NULL, PRIMARY KEY (token, kept_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_tokens_event ON kept_tokens (kept_no);

CREATE TABLE event_waits (
  wait_no INTEGER PRIMARY KEY, wait_id TEXT NOT NULL UNIQUE, run_no INTEGER NOT NULL,
  step TEXT NOT NULL, key TEXT NOT NULL, event_type TEXT NOT NULL,
  -- It is looked up by the one that fewest others are looked up by; the others, if any, follow one another.
  token BLOB, others BLOB,
  -- open: no event yet. matched: kept_no is its event. taken: and that is on record in the run.
  status TEXT NOT NULL, opened_at INTEGER NOT NULL, expires_at INTEGER, kept_no INTEGER,
  -- 0: matched while the run was not waiting, and the run was not sent to look since.
  told INTEGER NOT NULL
) STRICT;
CREATE INDEX event_waits_open ON event_waits (token, wait_no) WHERE status = 'open';
CREATE INDEX event_waits_type ON event_waits (event_type) WHERE status = 'open';
CREATE INDEX event_waits_run ON event_waits (run_no, status);
CREATE INDEX event_waits_kept ON event_waits (kept_no) WHERE kept_no IS NOT NULL;
`;
