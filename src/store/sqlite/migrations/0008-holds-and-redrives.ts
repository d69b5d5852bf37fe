/** Workflows on hold and how they are released; redrives that go on in the background. */
export const sql = `
-- state: held, releasing, over. One hold of a workflow at a time is not over.
-- A release with a rate concerns the runs up to boundary that stood in the queue at released_at and still do.
CREATE TABLE holds (
  hold_no INTEGER PRIMARY KEY, hold_id TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL, state TEXT NOT NULL,
  held_at INTEGER NOT NULL, ended_at INTEGER,
  per_minute REAL, released_at INTEGER, boundary INTEGER, to_start INTEGER, started INTEGER, next_at INTEGER
) STRICT;
CREATE UNIQUE INDEX holds_present ON holds (workflow) WHERE state <> 'over';
CREATE INDEX holds_ended ON holds (workflow, ended_at);
-- Who did what and why: appended only. act: pause, resume, lift.
CREATE TABLE hold_acts (
  act_no INTEGER PRIMARY KEY, hold_no INTEGER NOT NULL, act TEXT NOT NULL, at INTEGER NOT NULL,
  by TEXT NOT NULL, reason TEXT, per_minute REAL
) STRICT;
CREATE INDEX hold_acts_of ON hold_acts (hold_no);
CREATE INDEX runs_on_hold ON runs (workflow) WHERE status = 'waiting' AND wait = 'hold';
CREATE INDEX runs_kept_back ON runs (workflow, run_no) WHERE status = 'queued' AND ready = 0;

-- state: running, done, stopped, cancelled. plan: what was asked for, as JSON. The counts are of its runs.
CREATE TABLE redrives (
  redrive_no INTEGER PRIMARY KEY, redrive_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, why TEXT,
  plan TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER, ended_by TEXT,
  next_at INTEGER NOT NULL, total INTEGER NOT NULL, redriven INTEGER NOT NULL, refused INTEGER NOT NULL,
  went_on INTEGER NOT NULL, waits INTEGER NOT NULL, died INTEGER NOT NULL
) STRICT;
CREATE INDEX redrives_running ON redrives (redrive_no) WHERE state = 'running';
-- state: next, under_way, went_on, waits, died, refused. place: in which order they are redriven, from 1.
CREATE TABLE redrive_runs (
  redrive_no INTEGER NOT NULL, place INTEGER NOT NULL, run_no INTEGER NOT NULL, state TEXT NOT NULL, why TEXT,
  PRIMARY KEY (redrive_no, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX redrive_runs_open ON redrive_runs (redrive_no, state, place) WHERE state IN ('next', 'under_way');
`;
