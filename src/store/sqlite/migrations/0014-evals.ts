/** Eval runs with their results, answers of models that need not be asked again, and evidence. */
export const sql = `
-- status: queued, running, done, failed, cancelled. plan: what it is about, as JSON. request: hash of what was asked for, so
-- that the same command goes on with what it began. owner: the process that works on it. Times are epoch ms.
CREATE TABLE eval_runs (
  eval_no INTEGER PRIMARY KEY, eval_id TEXT NOT NULL UNIQUE, suite TEXT NOT NULL, request BLOB NOT NULL,
  status TEXT NOT NULL, owner TEXT, plan TEXT NOT NULL, total INTEGER NOT NULL, done INTEGER NOT NULL, cached INTEGER NOT NULL,
  cost_usd REAL NOT NULL, unpriced INTEGER NOT NULL, verdict TEXT, failure TEXT, report BLOB,
  created_at INTEGER NOT NULL, created_by TEXT NOT NULL, started_at INTEGER, ended_at INTEGER, ended_by TEXT
) STRICT;
CREATE INDEX eval_runs_of_suite ON eval_runs (suite, eval_no);
CREATE INDEX eval_runs_of_request ON eval_runs (request, eval_no);
CREATE INDEX eval_runs_open ON eval_runs (eval_no) WHERE status IN ('queued', 'running');

-- What came of asking once, sealed under the project's key. key: of all that determines it; null: not to be used again.
CREATE TABLE eval_answers (answer_no INTEGER PRIMARY KEY, key BLOB, body BLOB NOT NULL, made_at INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX eval_answers_by_key ON eval_answers (key) WHERE key IS NOT NULL;

-- place: of the case in the suite's datasets, times the repeats, from 0. passing: 1, 0. scores: JSON, sealed.
CREATE TABLE eval_results (
  eval_no INTEGER NOT NULL, place INTEGER NOT NULL, case_id TEXT NOT NULL, dataset TEXT NOT NULL, repeat INTEGER NOT NULL,
  outcome TEXT NOT NULL, passing INTEGER NOT NULL, cached INTEGER NOT NULL, case_hash BLOB NOT NULL,
  answer_no INTEGER NOT NULL, scores BLOB,
  PRIMARY KEY (eval_no, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX eval_results_failing ON eval_results (eval_no, place) WHERE passing = 0;
CREATE INDEX eval_results_of_case ON eval_results (eval_no, case_id);

-- kind: prompt, workflow; name: of it; hash: of the prompt version, or of the workflow's code. model: "" of a workflow.
CREATE TABLE evidence (
  evidence_no INTEGER PRIMARY KEY, evidence_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
  hash TEXT NOT NULL, model TEXT NOT NULL, suite TEXT NOT NULL, verdict TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_of ON evidence (kind, name, hash, model, evidence_no);
`;
