/** Which release each process serves, holds that come of a release, and what shadow candidates answered. */
export const sql = `
-- A process notes itself about once a second; one that stays silent has ended.
CREATE TABLE workers (
  worker TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, started_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT;
-- since: when it began to serve that release.
CREATE TABLE worker_serves (
  worker TEXT NOT NULL, workflow TEXT NOT NULL, release INTEGER NOT NULL, version INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (worker, workflow)
) STRICT, WITHOUT ROWID;

-- cause: command, or release where the present release is off and holds the events. Each ends by itself.
ALTER TABLE holds ADD COLUMN cause TEXT NOT NULL DEFAULT 'command';
DROP INDEX holds_present;
CREATE UNIQUE INDEX holds_present ON holds (workflow, cause) WHERE state <> 'over';

-- One answer of a candidate that was asked beside a run, with the inputs of one of its prompt steps.
-- status: valid, invalid, failed, skipped. output: redacted JSON, null where there is none or retention took it.
-- agrees: 1 where it says what the run was served; person, served_person: whether it and the served one say what a person decided.
-- fields: JSON, by field whether it is the same as the served one's.
CREATE TABLE candidate_answers (
  answer_no INTEGER PRIMARY KEY, run_no INTEGER NOT NULL, run_id TEXT NOT NULL, workflow TEXT NOT NULL, slot TEXT NOT NULL,
  key TEXT NOT NULL, release INTEGER NOT NULL, prompt TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, model TEXT NOT NULL,
  status TEXT NOT NULL, code TEXT, repaired INTEGER NOT NULL, output TEXT, agrees INTEGER, person INTEGER, served_person INTEGER,
  fields TEXT, cost_usd REAL, latency_ms INTEGER, input_tokens INTEGER, output_tokens INTEGER, asked_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX candidate_answers_once ON candidate_answers (run_no, slot, key, hash, model);
CREATE INDEX candidate_answers_of ON candidate_answers (workflow, slot, version, answer_no);
CREATE INDEX candidate_answers_asked ON candidate_answers (asked_at, cost_usd);

-- How far those have come who follow the journal of ended runs: number of the last entry of the audit chain they have seen.
CREATE TABLE followers (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
