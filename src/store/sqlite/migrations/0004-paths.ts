/**
 * Which way each run went, who was shown the originals of a run, and a queue of reviews that is counted and handed out
 * from its index. Of runs that are older than this the way is not known: their paths stay null.
 */
export const sql = `
-- A path is a chain of rows from the trigger on, shared by all runs that went the same way. A row says which node was
-- come to next; 'ok' and 'error' (it failed there for good) are new to the path, 'again' only goes where it has been.
CREATE TABLE paths (
  path_no INTEGER PRIMARY KEY, workflow TEXT NOT NULL,
  -- The path before this row; 0: none.
  parent INTEGER NOT NULL, node TEXT NOT NULL, outcome TEXT NOT NULL,
  -- Counts the paths of one workflow.
  nth INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX paths_next ON paths (parent, workflow, node, outcome);
CREATE UNIQUE INDEX paths_workflow ON paths (workflow, nth);

-- path_indexed is path_no as of the last change of status: steps of a running run do not touch the index.
ALTER TABLE runs ADD COLUMN path_no INTEGER;
ALTER TABLE runs ADD COLUMN path_indexed INTEGER;
DROP INDEX runs_workflow;
CREATE INDEX runs_workflow ON runs (workflow, created_at, run_no, path_indexed, status);
DROP INDEX runs_kind;
CREATE INDEX runs_kind ON runs (kind_no, created_at, path_indexed, status) WHERE kind_no IS NOT NULL;

-- Appended only.
CREATE TABLE run_views (
  view_no INTEGER PRIMARY KEY, run_no INTEGER NOT NULL, seen_by TEXT NOT NULL, seen_at INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX run_views_run ON run_views (run_no, view_no);

CREATE INDEX reviews_open ON reviews (priority DESC, created_at, review_no, workflow, team, why, claimed_by, claim_until)
  WHERE status = 'open';
CREATE INDEX reviews_claimed ON reviews (claimed_by, priority DESC, created_at, review_no)
  WHERE status = 'open' AND claimed_by IS NOT NULL;
`;
