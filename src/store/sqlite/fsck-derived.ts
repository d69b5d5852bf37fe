import type { Rule } from "./fsck-rule.ts";

const ENDED = "('completed', 'dead', 'stopped', 'cancelled')";
const REPAIR = 'Stop the server and run "sluice fsck --repair".';
const KIND = "json_array(r.workflow, r.status, r.disposition, r.stage, r.release, r.failure_class, r.facet_set_no)";

const EVENT_WORDS =
  "event_words(e.body, (SELECT json_group_array(b.text) FROM json_each(e.blob_refs) j JOIN blobs b ON b.hash = j.value))";

/** What is made from the journal for finding and counting: broken, it misleads, and can be made anew. */
export const DERIVED: readonly Rule[] = [
  {
    code: "totals_off",
    what: "Totals do not count the runs there are",
    sql:
      "SELECT coalesce(c.workflow, t.workflow) || ' ' || coalesce(c.status, t.status) AS example" +
      " FROM (SELECT workflow, status, count(*) AS n FROM runs GROUP BY 1, 2) c" +
      " FULL JOIN (SELECT workflow, status, n FROM run_counts WHERE n <> 0) t ON t.workflow = c.workflow AND t.status = c.status" +
      " WHERE c.n IS NULL OR t.n IS NULL OR c.n <> t.n",
    meaning: "Lists and metrics show wrong numbers, and the queue's limit counts wrongly.",
    fix: REPAIR,
    repair:
      "DELETE FROM run_counts; INSERT INTO run_counts (workflow, status, n) SELECT workflow, status, count(*) FROM runs GROUP BY 1, 2;",
  },
  {
    code: "kinds_off",
    what: "Ended runs are counted as another kind than they are",
    sql:
      "SELECT r.run_id AS example FROM runs r LEFT JOIN run_kinds k ON k.kind_no = r.kind_no" +
      ` WHERE (r.status IN ${ENDED} AND (k.name IS NULL OR k.name <> ${KIND})) OR (r.status NOT IN ${ENDED} AND r.kind_no IS NOT NULL)`,
    meaning: "Filters count wrongly.",
    fix: REPAIR,
    repair:
      "INSERT OR IGNORE INTO run_kinds (name, workflow, status, disposition, stage, release, failure_class, facet_set_no)" +
      ` SELECT DISTINCT ${KIND}, r.workflow, r.status, r.disposition, r.stage, r.release, r.failure_class, r.facet_set_no FROM runs r WHERE r.status IN ${ENDED};` +
      ` UPDATE runs AS r SET kind_no = CASE WHEN r.status IN ${ENDED} THEN (SELECT k.kind_no FROM run_kinds k WHERE k.name = ${KIND}) END;`,
  },
  {
    code: "facets_off",
    what: "Runs are found by other prompts, models or tools than they used",
    sql:
      "SELECT r.run_id AS example FROM runs r JOIN facet_sets s ON s.facet_set_no = r.facet_set_no, json_each(s.facets) j" +
      " WHERE NOT EXISTS (SELECT 1 FROM facets f WHERE f.facet_no = j.value AND f.created_at = r.created_at AND f.run_no = r.run_no)" +
      " UNION SELECT coalesce(r.run_id, 'run number ' || f.run_no) FROM facets f LEFT JOIN runs r ON r.run_no = f.run_no" +
      " LEFT JOIN facet_sets s ON s.facet_set_no = r.facet_set_no" +
      " WHERE s.facets IS NULL OR f.created_at <> r.created_at OR f.facet_no NOT IN (SELECT value FROM json_each(s.facets))",
    meaning: "A filter by prompt, model or tool leaves runs out, or shows others.",
    fix: REPAIR,
    repair:
      "DELETE FROM facets; INSERT INTO facets (facet_no, created_at, run_no) SELECT j.value, r.created_at, r.run_no" +
      " FROM runs r JOIN facet_sets s ON s.facet_set_no = r.facet_set_no, json_each(s.facets) j;",
  },
  {
    code: "ways_off",
    what: "Runs that nobody works on are not indexed by the way they went",
    sql: "SELECT run_id AS example FROM runs WHERE status <> 'running' AND path_indexed IS NOT path_no",
    meaning: "The picture of a workflow leads to other runs than it counts.",
    fix: REPAIR,
    repair: "UPDATE runs SET path_indexed = path_no WHERE status <> 'running' AND path_indexed IS NOT path_no;",
  },
  {
    code: "search_off",
    what: "Runs are not found by their words, or are still found by words that were removed",
    sql:
      "SELECT r.run_id AS example FROM runs r JOIN records e ON e.run_no = r.run_no AND e.seq = 1" +
      " WHERE r.values_removed_at IS NULL AND r.run_no * 2 NOT IN (SELECT id FROM search_docsize)" +
      ` AND ${EVENT_WORDS} <> ''` +
      " UNION SELECT r.run_id FROM runs r JOIN run_outcomes o ON o.run_no = r.run_no" +
      ` WHERE r.status IN ${ENDED} AND r.values_removed_at IS NULL AND r.run_no * 2 + 1 NOT IN (SELECT id FROM search_docsize)` +
      " AND outcome_words(o.decision, o.failure) <> ''" +
      " UNION SELECT coalesce(r.run_id, 'run number ' || (d.id >> 1)) FROM search_docsize d LEFT JOIN runs r ON r.run_no = d.id >> 1" +
      ` WHERE r.run_no IS NULL OR r.values_removed_at IS NOT NULL OR (d.id & 1 AND r.status NOT IN ${ENDED})`,
    meaning: "A search by words leaves runs out, or tells of words that retention took.",
    fix: REPAIR,
    repair:
      "INSERT INTO search (search) VALUES ('delete-all');" +
      ` INSERT INTO search (rowid, words) SELECT run_no * 2, words FROM (SELECT e.run_no, ${EVENT_WORDS} AS words FROM records e` +
      " JOIN runs r ON r.run_no = e.run_no WHERE e.seq = 1 AND r.values_removed_at IS NULL) WHERE words <> '';" +
      " INSERT INTO search (rowid, words) SELECT run_no * 2 + 1, words FROM (SELECT o.run_no, outcome_words(o.decision, o.failure) AS words" +
      ` FROM run_outcomes o JOIN runs r ON r.run_no = o.run_no WHERE r.status IN ${ENDED}) WHERE words <> '';`,
  },
  {
    code: "texts_off",
    what: "Long texts are counted by other records than name them, or are kept for none",
    sql:
      "SELECT coalesce(c.hash, u.hash) AS example FROM (SELECT j.value AS hash, count(*) AS n FROM records e, json_each(e.blob_refs) j" +
      " WHERE e.blob_refs IS NOT NULL GROUP BY 1) c FULL JOIN blob_uses u ON u.hash = c.hash WHERE c.n IS NULL OR u.n IS NULL OR c.n <> u.n" +
      " UNION SELECT hash FROM blobs WHERE hash NOT IN (SELECT hash FROM blob_uses)",
    meaning: "Retention would take a text too early, or never.",
    fix: REPAIR,
    repair:
      "DELETE FROM blob_uses; INSERT INTO blob_uses (hash, n) SELECT j.value, count(*) FROM records e, json_each(e.blob_refs) j" +
      " WHERE e.blob_refs IS NOT NULL GROUP BY 1; DELETE FROM blobs WHERE hash NOT IN (SELECT hash FROM blob_uses);",
  },
];
