import { DERIVED } from "./fsck-derived.ts";
import type { Rule } from "./fsck-rule.ts";

const RESTORE = 'Run "sluice audit verify"; restore the newest backup that holds.';
const ENDED = "('completed', 'dead', 'stopped', 'cancelled')";

/** What evals ran on. */
const DATASETS: readonly Rule[] = [
  {
    code: "cases_missing",
    what: "Versions of datasets have other cases than were published",
    sql:
      "SELECT v.name || ' version ' || v.version AS example FROM dataset_versions v WHERE v.version IS NOT NULL AND v.cases <>" +
      " (SELECT count(*) FROM dataset_members m JOIN dataset_cases c USING (case_no) WHERE m.version_no = v.version_no)",
    meaning: "Evidence says it is about cases that are not there any more.",
    fix: "Restore the newest backup that holds; else publish the dataset anew, and evaluate anew.",
  },
];

/** What is evidence: nothing else says what it was, so nothing makes it anew. */
const JOURNAL: readonly Rule[] = [
  {
    code: "records_missing",
    what: "Runs have other records than they wrote",
    sql:
      "SELECT r.run_id AS example FROM runs r LEFT JOIN (SELECT run_no, count(*) AS n, min(seq) AS first, max(seq) AS last" +
      " FROM records GROUP BY run_no) c ON c.run_no = r.run_no" +
      " WHERE c.n IS NULL OR c.first <> 1 OR c.last <> r.next_seq - 1 OR c.n <> r.next_seq - 1",
    meaning: "Evidence was removed or added; such a run may do again what it has done.",
    fix: `Cancel those that have not ended. ${RESTORE}`,
  },
  {
    code: "records_without_run",
    what: "Records belong to no run",
    sql: "SELECT DISTINCT 'run number ' || run_no AS example FROM records WHERE run_no NOT IN (SELECT run_no FROM runs)",
    meaning: "A run was removed, its records were not.",
    fix: RESTORE,
  },
  {
    code: "head_off",
    what: "Runs do not end with their last record",
    sql:
      "SELECT r.run_id AS example FROM runs r JOIN records e ON e.run_no = r.run_no AND e.seq = r.next_seq - 1" +
      " WHERE e.chain <> r.chain",
    meaning: "The run or its last record was changed.",
    fix: RESTORE,
  },
  {
    code: "epochs_off",
    what: "Records are of a claim that their run never had, or out of the order of claims",
    sql:
      "SELECT DISTINCT r.run_id AS example FROM records e JOIN runs r ON r.run_no = e.run_no" +
      " LEFT JOIN records p ON p.run_no = e.run_no AND p.seq = e.seq - 1 WHERE e.epoch > r.epoch OR e.epoch < p.epoch",
    meaning: "Two workers may have written to one run.",
    fix: "Look at the run's trace; compare its writes with the other side.",
  },
  {
    code: "event_without_runs",
    what: "Accepted events have not the runs they started",
    sql:
      "SELECT e.event_id AS example FROM events e WHERE e.run_count <> (SELECT count(*) FROM runs r WHERE" +
      " r.run_no >= e.first_run AND r.run_no < e.first_run + e.run_count AND r.event_id = e.event_id AND r.event_type = e.event_type)",
    meaning: "An acknowledged event is not worked on, or was removed.",
    fix: `${RESTORE} Else send these events again under another id.`,
  },
  {
    code: "run_without_event",
    what: "Runs belong to no event",
    sql:
      "SELECT r.run_id AS example FROM runs r WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = r.event_id" +
      " AND e.event_type = r.event_type AND r.run_no >= e.first_run AND r.run_no < e.first_run + e.run_count)",
    meaning: "The same event, sent again, would start a second run.",
    fix: RESTORE,
  },
  {
    code: "status_off",
    what: "Runs contradict themselves",
    sql:
      `SELECT run_id || ' (' || status || ')' AS example FROM runs WHERE (status IN ${ENDED}) <> (ended_at IS NOT NULL)` +
      " OR (status = 'running') <> (worker IS NOT NULL) OR (status = 'running') <> (lease_until IS NOT NULL)" +
      " OR (status = 'waiting') <> (wait IS NOT NULL) OR (failure_class IS NOT NULL AND status NOT IN ('dead', 'stopped'))" +
      " OR (disposition IS NOT NULL AND status NOT IN ('completed', 'stopped')) OR next_seq < 2",
    meaning: "A run may never be claimed again, or be claimed while another works on it.",
    fix: "Cancel it, or restore the newest backup.",
  },
  {
    code: "decision_off",
    what: "Runs are completed without one decision on record, or decided and not completed",
    sql:
      "SELECT r.run_id AS example FROM runs r WHERE (r.status = 'completed') <>" +
      " (1 = (SELECT count(*) FROM records e WHERE e.run_no = r.run_no AND e.kind = 'decide' AND e.status = 'success'))",
    meaning: "The evidence of a decision is missing, or a decision was not carried out.",
    fix: RESTORE,
  },
  {
    code: "outcome_off",
    what: "Outcomes are of no run, or values that were removed are still there",
    sql:
      "SELECT coalesce(r.run_id, 'run number ' || o.run_no) AS example FROM run_outcomes o LEFT JOIN runs r ON r.run_no = o.run_no" +
      " WHERE r.run_no IS NULL OR r.values_removed_at IS NOT NULL",
    meaning: "A decision or failure is kept that no run owns any more.",
    fix: RESTORE,
  },
  {
    code: "tombstone_off",
    what: "Runs whose values retention took still have some, or have tombstones and should not",
    sql:
      "SELECT DISTINCT r.run_id AS example FROM records e JOIN runs r ON r.run_no = e.run_no WHERE" +
      ' (r.values_removed_at IS NOT NULL) <> (e.body LIKE \'%"removed":{"at":%,"mac":"%\' AND e.blob_refs IS NULL)' +
      " AND NOT (r.values_removed_at IS NOT NULL AND e.ended_at > r.values_removed_at)" +
      ' AND (r.values_removed_at IS NOT NULL OR e.body LIKE \'{%"removed":{"at":%,"mac":"%"}}\')',
    meaning: "Values were put back or taken away behind the store's back.",
    fix: RESTORE,
  },
];

const KEYS: readonly Rule[] = [
  {
    code: "key_missing",
    what: "Runs that have not ended have no key",
    sql: `SELECT run_id AS example FROM runs WHERE status NOT IN ${ENDED} AND run_no NOT IN (SELECT run_no FROM run_keys)`,
    meaning: "They cannot go on: what they were given is redacted for good.",
    fix: "Cancel them and send their events again under another id.",
  },
  {
    code: "removal_off",
    what: "Runs say that their originals were removed and have them, or say nothing and have none",
    sql:
      "SELECT r.run_id AS example FROM runs r LEFT JOIN run_keys k ON k.run_no = r.run_no WHERE" +
      ` (r.originals_removed_at IS NOT NULL) <> (k.run_no IS NULL) AND r.status IN ${ENDED}`,
    meaning: "A key was put back or taken away behind the store's back.",
    fix: 'Erase the runs that should have none: "sluice privacy erase". For the others restore the newest backup.',
  },
  {
    code: "key_without_run",
    what: "Keys belong to no run",
    sql: "SELECT 'run number ' || run_no AS example FROM run_keys WHERE run_no NOT IN (SELECT run_no FROM runs)",
    meaning: "A run was removed, its key was not.",
    fix: RESTORE,
  },
  {
    code: "originals_left",
    what: "Sealed originals are left of runs whose key is gone",
    sql:
      "SELECT DISTINCT coalesce(r.run_id, 'run number ' || e.run_no) AS example FROM records e LEFT JOIN runs r ON r.run_no = e.run_no" +
      " WHERE e.vault IS NOT NULL AND e.run_no NOT IN (SELECT run_no FROM run_keys)",
    meaning: "Nobody can open them; they only take room.",
    fix: "None is needed.",
  },
  {
    code: "text_missing",
    what: "Records name long texts that are not there",
    sql:
      "SELECT DISTINCT coalesce(r.run_id, 'run number ' || e.run_no) AS example FROM records e, json_each(e.blob_refs) j" +
      " LEFT JOIN runs r ON r.run_no = e.run_no WHERE e.blob_refs IS NOT NULL AND j.value NOT IN (SELECT hash FROM blobs)",
    meaning: "The trace of these runs cannot be shown, and those that have not ended cannot go on.",
    fix: RESTORE,
  },
];

const REVIEWS: readonly Rule[] = [
  {
    code: "review_without_run",
    what: "Reviews belong to no run, or to another than they say",
    sql:
      "SELECT v.review_id AS example FROM reviews v LEFT JOIN runs r ON r.run_no = v.run_no" +
      " WHERE r.run_id IS NULL OR r.run_id <> v.run_id OR r.workflow <> v.workflow",
    meaning: "An answer to it would reach nobody, or the wrong run.",
    fix: RESTORE,
  },
  {
    code: "review_of_ended_run",
    what: "Reviews are open though their run has ended",
    sql: `SELECT v.review_id AS example FROM reviews v JOIN runs r ON r.run_no = v.run_no WHERE v.status = 'open' AND r.status IN ${ENDED}`,
    meaning: "Reviewers see work that is none; their answers are refused.",
    fix: "None is needed but patience: no answer is taken.",
  },
  {
    code: "review_off_record",
    what: "Reviews are not on record in their run",
    sql:
      "SELECT v.review_id AS example FROM reviews v JOIN runs r ON r.run_no = v.run_no WHERE NOT EXISTS (SELECT 1 FROM records e" +
      " WHERE e.run_no = v.run_no AND e.kind = 'review' AND instr(e.body, v.review_id) > 0)",
    meaning: "The question was removed from the journal, or invented.",
    fix: RESTORE,
  },
  {
    code: "waits_for_nobody",
    what: "Runs wait for a person whom nobody asks",
    sql:
      "SELECT r.run_id AS example FROM runs r WHERE r.status = 'waiting' AND r.wait = 'review' AND r.wake_at IS NULL" +
      " AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.run_no = r.run_no AND v.status = 'open')",
    meaning: "They wait for ever.",
    fix: "Cancel them and send their events again under another id.",
  },
  {
    code: "view_of_nothing",
    what: "Looks at originals are on record of runs or reviews that are not there",
    sql:
      "SELECT 'run number ' || run_no AS example FROM run_views WHERE run_no NOT IN (SELECT run_no FROM runs)" +
      " UNION SELECT 'review number ' || review_no FROM review_views WHERE review_no NOT IN (SELECT review_no FROM reviews)",
    meaning: "A run or review was removed.",
    fix: RESTORE,
  },
];

const AUDIT: readonly Rule[] = [
  {
    code: "audit_gap",
    what: "Links of the audit chain are missing",
    sql:
      "SELECT 'number ' || (a.entry_no - 1) AS example FROM audit a LEFT JOIN audit p ON p.entry_no = a.entry_no - 1" +
      " WHERE a.entry_no > 1 AND p.entry_no IS NULL",
    meaning: "Evidence was removed.",
    fix: RESTORE,
  },
  {
    code: "audit_off",
    what: "Links of the audit chain are of other records than the journal holds",
    sql:
      "SELECT 'number ' || a.entry_no AS example FROM audit a LEFT JOIN runs r ON r.run_id = a.run_id" +
      " LEFT JOIN records e ON e.run_no = r.run_no AND e.seq = a.last_seq WHERE e.chain IS NULL OR e.chain <> a.head",
    meaning: "A run was changed or removed after it ended.",
    fix: RESTORE,
  },
  {
    code: "audit_owed",
    what: "Ended runs are neither in the audit chain nor due to be",
    sql:
      `SELECT r.run_id AS example FROM runs r WHERE r.status IN ${ENDED} AND r.audit_due IS NULL` +
      " AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.run_id = r.run_id AND a.last_seq = r.next_seq - 1)",
    meaning: "Nothing outside of the run itself would show that it was changed.",
    fix: RESTORE,
  },
];

const REFERENCES: readonly Rule[] = [
  {
    code: "pins_missing",
    what: "Runs name pins that are not there",
    sql: "SELECT run_id AS example FROM runs WHERE pin_no IS NOT NULL AND pin_no NOT IN (SELECT pin_no FROM pins)",
    meaning: "What release they were decided under is not known; those that have not ended cannot go on.",
    fix: RESTORE,
  },
  {
    code: "release_missing",
    what: "Workflows are under a release that is not there",
    sql:
      "SELECT c.workflow AS example FROM controls c LEFT JOIN releases r ON r.workflow = c.workflow AND r.number = c.release" +
      " WHERE r.number IS NULL",
    meaning: "No new run of them starts.",
    fix: RESTORE,
  },
  {
    code: "proposal_off",
    what: "Proposals say that they became a release that is not there, or are open for one that is not the present one",
    sql:
      "SELECT proposal_id AS example FROM release_proposals p WHERE (state = 'approved' AND NOT EXISTS" +
      " (SELECT 1 FROM releases r WHERE r.workflow = p.workflow AND r.number = p.release)) OR (state = 'open' AND NOT EXISTS" +
      " (SELECT 1 FROM controls c WHERE c.workflow = p.workflow AND c.release = p.base))",
    meaning: "Who agreed to a release is not certain.",
    fix: RESTORE,
  },
  {
    code: "path_missing",
    what: "Runs or paths name a path that is not there",
    sql:
      "SELECT run_id AS example FROM runs WHERE path_no IS NOT NULL AND path_no NOT IN (SELECT path_no FROM paths)" +
      " UNION ALL SELECT 'path ' || path_no FROM paths WHERE parent <> 0 AND parent NOT IN (SELECT path_no FROM paths)",
    meaning: "The picture of the workflow cannot be drawn.",
    fix: RESTORE,
  },
  {
    code: "kept_event_off",
    what: "Waits or search keys name a kept event that is not there, or ended runs wait for one",
    sql:
      "SELECT 'event ' || kept_no AS example FROM kept_tokens WHERE kept_no NOT IN (SELECT kept_no FROM kept_events)" +
      " UNION SELECT wait_id FROM event_waits WHERE kept_no IS NOT NULL AND kept_no NOT IN (SELECT kept_no FROM kept_events)" +
      ` UNION SELECT w.wait_id FROM event_waits w LEFT JOIN runs r ON r.run_no = w.run_no WHERE r.run_no IS NULL OR (w.status = 'open' AND r.status IN ${ENDED})`,
    meaning: "A run may never get the event it waits for.",
    fix: "Look at the run, and send the event again under another id.",
  },
  {
    code: "redrive_off",
    what: "Redrives name runs that are not there, or runs name redrives that are not",
    sql:
      "SELECT DISTINCT 'redrive number ' || redrive_no AS example FROM redrive_runs WHERE run_no NOT IN (SELECT run_no FROM runs)" +
      " OR redrive_no NOT IN (SELECT redrive_no FROM redrives)",
    meaning: "A redrive cannot be finished.",
    fix: "Cancel it, and redrive what is left.",
  },
  {
    code: "candidate_off",
    what: "Answers of candidates are of runs that are not there",
    sql:
      "SELECT run_id AS example FROM candidate_answers c WHERE NOT EXISTS" +
      " (SELECT 1 FROM runs r WHERE r.run_no = c.run_no AND r.run_id = c.run_id)",
    meaning: "How often a candidate agrees is not certain.",
    fix: RESTORE,
  },
  {
    code: "hold_off",
    what: "Acts are on record of holds that are not there",
    sql: "SELECT DISTINCT 'hold number ' || hold_no AS example FROM hold_acts WHERE hold_no NOT IN (SELECT hold_no FROM holds)",
    meaning: "It is not known who held what.",
    fix: RESTORE,
  },
];

export const RULES: readonly Rule[] = [
  ...JOURNAL,
  ...KEYS,
  ...REVIEWS,
  ...AUDIT,
  ...REFERENCES,
  ...DATASETS,
  ...DERIVED,
];
