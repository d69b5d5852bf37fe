/**
 * Runs are found by the words of their event and outcome, and counted by kind. Needs the functions `event_words` and
 * `outcome_words` of the connection (`migrate.ts`): runs that are older than this are indexed here.
 */
export const sql = `
-- The words are made by journal/search-words.ts, so the tokenizer has only spaces to look for.
CREATE VIRTUAL TABLE search USING fts5(
  words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_-'"
);
INSERT INTO search (rowid, words)
  SELECT run_no * 2, words FROM (
    SELECT e.run_no, event_words(e.body, (
      SELECT json_group_array(b.text) FROM json_each(e.blob_refs) j JOIN blobs b ON b.hash = j.value
    )) AS words
    FROM records e WHERE e.seq = 1
  ) WHERE words <> '';
INSERT INTO search (rowid, words)
  SELECT run_no * 2 + 1, words FROM (
    SELECT run_no, outcome_words(decision, failure) AS words FROM run_outcomes
  ) WHERE words <> '';

-- What prompts, models and tools runs used, each combination once: a JSON array of facet numbers, ascending.
CREATE TABLE facet_sets (facet_set_no INTEGER PRIMARY KEY, facets TEXT NOT NULL UNIQUE) STRICT;
-- A kind is everything that runs are counted by. Ended runs have one; the few others are counted from their rows.
CREATE TABLE run_kinds (
  kind_no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  workflow TEXT NOT NULL, status TEXT NOT NULL, disposition TEXT, stage TEXT, release INTEGER, failure_class TEXT,
  facet_set_no INTEGER
) STRICT;
ALTER TABLE runs ADD COLUMN facet_set_no INTEGER;
ALTER TABLE runs ADD COLUMN kind_no INTEGER;

CREATE TEMP TABLE sets_of_runs AS
  SELECT run_no, json_group_array(facet_no ORDER BY facet_no) AS facets FROM facets GROUP BY run_no;
INSERT INTO facet_sets (facets) SELECT DISTINCT facets FROM sets_of_runs;
UPDATE runs SET facet_set_no = s.facet_set_no
  FROM sets_of_runs x JOIN facet_sets s ON s.facets = x.facets WHERE x.run_no = runs.run_no;
DROP TABLE sets_of_runs;
INSERT INTO run_kinds (name, workflow, status, disposition, stage, release, failure_class, facet_set_no)
  SELECT DISTINCT json_array(workflow, status, disposition, stage, release, failure_class, facet_set_no),
    workflow, status, disposition, stage, release, failure_class, facet_set_no
  FROM runs WHERE status IN ('completed', 'dead', 'stopped', 'cancelled');
UPDATE runs SET kind_no = k.kind_no FROM run_kinds k
  WHERE runs.status IN ('completed', 'dead', 'stopped', 'cancelled') AND k.name = json_array(runs.workflow, runs.status,
    runs.disposition, runs.stage, runs.release, runs.failure_class, runs.facet_set_no);
CREATE INDEX runs_kind ON runs (kind_no, created_at) WHERE kind_no IS NOT NULL;
`;
