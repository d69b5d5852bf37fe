/** Journal, reviews, releases, tokens, audit. */
export const sql = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- The id comes first, so that the same index finds events by the beginning of their id.
-- The runs of one event are inserted together: run_no from first_run on.
CREATE TABLE events (
  event_id TEXT NOT NULL, event_type TEXT NOT NULL, body_mac BLOB NOT NULL, contract_version INTEGER NOT NULL,
  received_at INTEGER NOT NULL, first_run INTEGER, run_count INTEGER NOT NULL,
  PRIMARY KEY (event_id, event_type)
) STRICT, WITHOUT ROWID;

-- Rows are small because every step rewrites one; long texts are in the tables after it.
CREATE TABLE runs (
  run_no INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL,
  event_type TEXT NOT NULL, event_id TEXT NOT NULL, contract_version INTEGER NOT NULL,
  priority INTEGER NOT NULL, concurrency_key TEXT, concurrency_limit INTEGER,
  status TEXT NOT NULL,
  -- 0: queued behind other runs of its concurrency key, until one of them leaves.
  ready INTEGER NOT NULL,
  wait TEXT, wake_at INTEGER, epoch INTEGER NOT NULL, worker TEXT, lease_until INTEGER,
  deaths INTEGER NOT NULL, death_seq INTEGER NOT NULL, next_seq INTEGER NOT NULL, chain BLOB NOT NULL,
  disposition TEXT, failure_class TEXT, fingerprint TEXT,
  release INTEGER, stage TEXT, pin_no INTEGER, cost_usd REAL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deadline_at INTEGER, started_at INTEGER, ended_at INTEGER,
  -- When it ended, until the audit chain holds its head.
  audit_due INTEGER
) STRICT;
CREATE INDEX runs_created ON runs (created_at);
CREATE INDEX runs_workflow ON runs (workflow, created_at);
CREATE INDEX runs_status ON runs (status, created_at) WHERE status <> 'completed' AND status <> 'running';
CREATE INDEX runs_running ON runs (workflow, concurrency_key, lease_until) WHERE status = 'running';
CREATE INDEX runs_ready ON runs (workflow, priority DESC, run_no) WHERE status = 'queued' AND ready = 1;
CREATE INDEX runs_blocked ON runs (concurrency_key, priority DESC, run_no) WHERE status = 'queued' AND ready = 0;
CREATE INDEX runs_timed ON runs (wake_at) WHERE status = 'waiting' AND wake_at IS NOT NULL;
CREATE INDEX runs_disposition ON runs (disposition, created_at) WHERE disposition IS NOT NULL;
CREATE INDEX runs_failure ON runs (failure_class, created_at) WHERE failure_class IS NOT NULL;
CREATE INDEX runs_fingerprint ON runs (fingerprint, created_at) WHERE fingerprint IS NOT NULL;
CREATE INDEX runs_release ON runs (release, created_at) WHERE release IS NOT NULL;
CREATE INDEX runs_stage ON runs (stage, created_at) WHERE stage IS NOT NULL;
CREATE INDEX runs_audit ON runs (audit_due) WHERE audit_due IS NOT NULL;

CREATE TABLE run_counts (
  workflow TEXT NOT NULL, status TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (workflow, status)
) STRICT, WITHOUT ROWID;
CREATE TABLE run_keys (run_no INTEGER PRIMARY KEY, wrapped BLOB NOT NULL) STRICT;
CREATE TABLE run_outcomes (run_no INTEGER PRIMARY KEY, decision TEXT, failure TEXT) STRICT;
CREATE TABLE pins (pin_no INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;

-- Appended only. A table of its own index: records of many runs interleave, and pages fill up in order.
CREATE TABLE records (
  record_no INTEGER PRIMARY KEY, run_no INTEGER NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL,
  kind TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, attempt INTEGER NOT NULL,
  status TEXT NOT NULL, ends INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
  mac BLOB NOT NULL, chain BLOB NOT NULL, blob_refs TEXT, vault BLOB, body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_run ON records (run_no, seq);
CREATE UNIQUE INDEX records_decision ON records (run_no) WHERE kind = 'decide' AND status = 'success';
CREATE TABLE blobs (hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TABLE facet_names (facet_no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE facets (
  facet_no INTEGER NOT NULL, created_at INTEGER NOT NULL, run_no INTEGER NOT NULL,
  PRIMARY KEY (facet_no, created_at, run_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE reviews (
  review_no INTEGER PRIMARY KEY, review_id TEXT NOT NULL UNIQUE, run_no INTEGER NOT NULL, run_id TEXT NOT NULL,
  workflow TEXT NOT NULL, step TEXT NOT NULL, key TEXT NOT NULL, of TEXT, why TEXT NOT NULL, reason TEXT NOT NULL,
  team TEXT, priority INTEGER NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER,
  escalated_at INTEGER, claimed_by TEXT, claim_until INTEGER, answered_by TEXT, answered_at INTEGER, action TEXT
) STRICT;
CREATE INDEX reviews_queue ON reviews (priority DESC, created_at, review_no);
CREATE INDEX reviews_status ON reviews (status, priority DESC, created_at, review_no);
CREATE INDEX reviews_run ON reviews (run_no);

CREATE TABLE releases (
  workflow TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (workflow, number)
) STRICT;
CREATE TABLE controls (workflow TEXT PRIMARY KEY, version INTEGER NOT NULL, release INTEGER NOT NULL) STRICT;
CREATE TABLE versions (
  kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL,
  registered_at INTEGER NOT NULL, PRIMARY KEY (kind, name, version)
) STRICT;

CREATE TABLE tokens (
  token_id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER
) STRICT;

CREATE TABLE quarantine (
  quarantine_no INTEGER PRIMARY KEY, quarantine_id TEXT NOT NULL UNIQUE, received_at INTEGER NOT NULL,
  event_type TEXT, event_id TEXT, errors TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX quarantine_received ON quarantine (received_at);
CREATE TABLE drift (
  event_type TEXT NOT NULL, contract_version INTEGER NOT NULL, pointer TEXT NOT NULL,
  n INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, PRIMARY KEY (event_type, contract_version, pointer)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  entry_no INTEGER PRIMARY KEY, run_id TEXT NOT NULL, last_seq INTEGER NOT NULL, head BLOB NOT NULL, link BLOB NOT NULL
) STRICT;
`;
