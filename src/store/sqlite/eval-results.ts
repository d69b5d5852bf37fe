import type { ResultQuery, StoredAnswer, StoredResult } from "../../eval/ports.ts";
import type { CaseOutcome } from "../../eval/result.ts";
import type { Database, Row } from "./database.ts";
import { plain, type Operation } from "./operation.ts";

export const evalResults: Operation<ResultQuery, ResultQuery, StoredResult[]> = plain("evalResults", (db, query) => {
  const { evalId, from, limit, outcome, failing, caseId } = query;
  const conditions = [
    ...(outcome === undefined ? [] : ["r.outcome = ?4"]),
    ...(failing === undefined ? [] : [failing ? "r.passing = 0" : "r.passing = 1"]),
    ...(caseId === undefined ? [] : ["r.case_id = ?5"]),
  ];
  return db
    .all(
      "SELECT r.place, r.case_id, r.dataset, r.repeat, r.outcome, r.passing, r.cached, r.case_hash, r.scores, a.body" +
        " FROM eval_results r JOIN eval_answers a ON a.answer_no = r.answer_no" +
        " WHERE r.eval_no = (SELECT eval_no FROM eval_runs WHERE eval_id = ?1) AND r.place >= ?2" +
        conditions.map((each) => ` AND ${each}`).join("") +
        " ORDER BY r.place LIMIT ?3",
      evalId,
      from,
      limit,
      // A value for every number that a condition may name.
      ...(caseId !== undefined ? [outcome ?? null, caseId] : outcome !== undefined ? [outcome] : []),
    )
    .map(toResult);
});

function toResult(row: Row): StoredResult {
  return {
    place: row["place"] as number,
    caseId: row["case_id"] as string,
    caseHash: row["case_hash"] as Uint8Array,
    dataset: row["dataset"] as string,
    repeat: row["repeat"] as number,
    outcome: row["outcome"] as CaseOutcome,
    passing: row["passing"] === 1,
    cached: row["cached"] === 1,
    scores: row["scores"] as Uint8Array | null,
    body: row["body"] as Uint8Array,
  };
}

interface Between {
  evalId: string;
  from: number;
  to: number;
}

export const placesDone: Operation<Between, Between, number[]> = plain("placesDone", (db, { evalId, from, to }) =>
  db
    .all<{ place: number }>(
      "SELECT place FROM eval_results WHERE eval_no = (SELECT eval_no FROM eval_runs WHERE eval_id = ?)" +
        " AND place >= ? AND place < ? ORDER BY place",
      evalId,
      from,
      to,
    )
    .map(({ place }) => place),
);

export const cachedAnswers: Operation<readonly Uint8Array[], readonly Uint8Array[], (StoredAnswer | null)[]> = plain(
  "cachedAnswers",
  (db, keys) => keys.map((key) => answerOf(db, key)),
);

function answerOf(db: Database, key: Uint8Array): StoredAnswer | null {
  const row = db.get("SELECT answer_no, body FROM eval_answers WHERE key = ?", key);
  return row === undefined ? null : { answer: row["answer_no"] as number, body: row["body"] as Uint8Array };
}

export const evalReport: Operation<string, string, Uint8Array | null> = plain("evalReport", (db, evalId) => {
  const row = db.get("SELECT report FROM eval_runs WHERE eval_id = ?", evalId);
  return (row?.["report"] as Uint8Array | null | undefined) ?? null;
});
