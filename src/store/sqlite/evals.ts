import type { FailureInfo } from "../../base/failure.ts";
import type { EndEval, EvalPlan, EvalRun, EvalStatus, EvalStore, NewEval, NewResult } from "../../eval/ports.ts";
import type { Page, Paged } from "../../journal/ports.ts";
import type { Verdict } from "../../release/evidence.ts";
import type { Database, Row } from "./database.ts";
import { addEvidence } from "./evidence.ts";
import { plain, type Operation } from "./operation.ts";

const COLUMNS =
  "eval_no, eval_id, status, plan, total, done, cached, cost_usd, unpriced, verdict, failure, created_at, created_by," +
  " started_at, ended_at, ended_by";
const OPEN = "status IN ('queued', 'running')";

function toRun(row: Row): EvalRun {
  const failure = row["failure"] as string | null;
  return {
    evalId: row["eval_id"] as string,
    status: row["status"] as EvalStatus,
    plan: JSON.parse(row["plan"] as string) as EvalPlan,
    total: row["total"] as number,
    done: row["done"] as number,
    cached: row["cached"] as number,
    costUsd: row["cost_usd"] as number,
    unpriced: row["unpriced"] as number,
    verdict: row["verdict"] as Verdict | null,
    failure: failure === null ? null : (JSON.parse(failure) as FailureInfo),
    createdAt: row["created_at"] as number,
    createdBy: row["created_by"] as string,
    startedAt: row["started_at"] as number | null,
    endedAt: row["ended_at"] as number | null,
    endedBy: row["ended_by"] as string | null,
  };
}

function rowOf(db: Database, evalId: string): Row | undefined {
  return db.get(`SELECT ${COLUMNS} FROM eval_runs WHERE eval_id = ?`, evalId);
}

function runOf(db: Database, evalId: string): EvalRun | null {
  const row = rowOf(db, evalId);
  return row === undefined ? null : toRun(row);
}

/** Its number where `owner` works on it; null where somebody else does, or it has ended. */
function heldBy(db: Database, evalId: string, owner: string): number | null {
  const row = db.get(
    "SELECT eval_no FROM eval_runs WHERE eval_id = ? AND owner = ? AND status = 'running'",
    evalId,
    owner,
  );
  return row === undefined ? null : (row["eval_no"] as number);
}

export const addEvals: Operation<readonly NewEval[], readonly NewEval[], EvalRun[]> = plain(
  "addEvals",
  (db, evals, now) =>
    evals.map(({ evalId, request, plan, total, by }) => {
      db.change(
        "INSERT INTO eval_runs (eval_id, suite, request, status, plan, total, done, cached, cost_usd, unpriced, created_at," +
          " created_by) VALUES (?, ?, ?, 'queued', ?, ?, 0, 0, 0, 0, ?, ?)",
        evalId,
        plan.suite,
        request,
        JSON.stringify(plan),
        total,
        now,
        by,
      );
      return runOf(db, evalId) as EvalRun;
    }),
);

export const evalRun: Operation<string, string, EvalRun | null> = plain("evalRun", runOf);

interface Listed {
  filter: { suite?: string };
  page: Page;
}

export const evalRuns: Operation<Listed, Listed, Paged<EvalRun>> = plain("evalRuns", (db, { filter, page }) => {
  const before = page.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(page.cursor);
  const { suite } = filter;
  const where = suite === undefined ? "eval_no < ?1" : "suite = ?3 AND eval_no < ?1";
  const rows = db.all(
    `SELECT ${COLUMNS} FROM eval_runs WHERE ${where} ORDER BY eval_no DESC LIMIT ?2`,
    before,
    page.limit + 1,
    ...(suite === undefined ? [] : [suite]),
  );
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  const next = rows.length > page.limit && last !== undefined ? String(last["eval_no"]) : null;
  return { items: items.map(toRun), next };
});

export const unfinishedEval: Operation<Uint8Array, Uint8Array, EvalRun | null> = plain(
  "unfinishedEval",
  (db, request) => {
    // Only the newest: what was asked for again since, and is done, has taken the place of what came before.
    const row = db
      .all(`SELECT ${COLUMNS} FROM eval_runs WHERE request = ? ORDER BY eval_no DESC LIMIT 4`, request)
      .find(({ plan }) => (JSON.parse(plan as string) as EvalPlan).baselineOf === null);
    return row === undefined || row["status"] === "done" ? null : toRun(row);
  },
);

export const openEvals: Operation<null, null, EvalRun[]> = plain("openEvals", (db) =>
  db.all(`SELECT ${COLUMNS} FROM eval_runs WHERE ${OPEN} ORDER BY eval_no`).map(toRun),
);

interface Take {
  evalId: string;
  owner: string;
}

export const takeEval: Operation<Take, Take, EvalRun | null> = plain("takeEval", (db, { evalId, owner }, now) => {
  const taken = db.change(
    "UPDATE eval_runs SET status = 'running', owner = ?2, started_at = coalesce(started_at, ?3)" +
      ` WHERE eval_id = ?1 AND ${OPEN}`,
    evalId,
    owner,
    now,
  );
  return taken === 0 ? null : runOf(db, evalId);
});

interface Reopen {
  evalId: string;
  plan: Pick<EvalPlan, "budgetUsd" | "concurrency">;
}

export const reopenEval: Operation<Reopen, Reopen, EvalRun | null> = plain("reopenEval", (db, { evalId, plan }) => {
  const row = rowOf(db, evalId);
  if (row === undefined) return null;
  const present = toRun(row);
  const { budgetUsd, concurrency } = plan;
  const body = JSON.stringify({ ...present.plan, budgetUsd, concurrency });
  if (present.status === "failed" || present.status === "cancelled")
    db.change(
      "UPDATE eval_runs SET status = 'queued', owner = NULL, plan = ?, failure = NULL, ended_at = NULL, ended_by = NULL" +
        " WHERE eval_id = ?",
      body,
      evalId,
    );
  else if (present.status !== "done") db.change("UPDATE eval_runs SET plan = ? WHERE eval_id = ?", body, evalId);
  return runOf(db, evalId);
});

type Put = Parameters<EvalStore["putResults"]>[0];

export const putResults: Operation<Put, Put, EvalRun | null> = plain("putResults", (db, input, now) => {
  const { evalId, owner, results, costUsd, unpriced } = input;
  const evalNo = heldBy(db, evalId, owner);
  if (evalNo === null) return null;
  let [done, cached] = [0, 0];
  for (const result of results) {
    if (!putResult(db, evalNo, result, now)) continue;
    done++;
    if ("stored" in result.answer) cached++;
  }
  db.change(
    "UPDATE eval_runs SET done = done + ?, cached = cached + ?, cost_usd = cost_usd + ?, unpriced = unpriced + ?" +
      " WHERE eval_no = ?",
    done,
    cached,
    costUsd,
    unpriced,
    evalNo,
  );
  return runOf(db, evalId);
});

/** False where the place has a result. */
function putResult(db: Database, evalNo: number, result: NewResult, now: number): boolean {
  const { place, caseId, caseHash, dataset, repeat, outcome, passing, scores, answer } = result;
  if (db.get("SELECT 1 FROM eval_results WHERE eval_no = ? AND place = ?", evalNo, place) !== undefined) return false;
  const answerNo = "stored" in answer ? answer.stored : addAnswer(db, answer.body, answer.key, now);
  db.change(
    "INSERT INTO eval_results (eval_no, place, case_id, dataset, repeat, outcome, passing, cached, case_hash, answer_no, scores)" +
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    evalNo,
    place,
    caseId,
    dataset,
    repeat,
    outcome,
    passing ? 1 : 0,
    "stored" in answer ? 1 : 0,
    caseHash,
    answerNo,
    scores,
  );
  return true;
}

/** The newest answer under a key is the one that is used again; older ones stay with the runs they were made in. */
function addAnswer(db: Database, body: Uint8Array, key: Uint8Array | null, now: number): number {
  if (key !== null) db.change("UPDATE eval_answers SET key = NULL WHERE key = ?", key);
  return db.insert("INSERT INTO eval_answers (key, body, made_at) VALUES (?, ?, ?)", key, body, now);
}

export const endEval: Operation<EndEval, EndEval, EvalRun | null> = plain("endEval", (db, input, now) => {
  const { evalId, owner, status, verdict, failure, report, evidence } = input;
  const evalNo = heldBy(db, evalId, owner);
  if (evalNo === null) return null;
  db.change(
    "UPDATE eval_runs SET status = ?, verdict = ?, failure = ?, report = ?, ended_at = ?, owner = NULL WHERE eval_no = ?",
    status,
    verdict,
    failure === null ? null : JSON.stringify(failure),
    report,
    now,
    evalNo,
  );
  if (evidence !== null) addEvidence(db, evidence);
  return runOf(db, evalId);
});

interface Cancel {
  evalId: string;
  by: string;
  failure: FailureInfo;
}

export const cancelEval: Operation<Cancel, Cancel, EvalRun | null> = plain(
  "cancelEval",
  (db, { evalId, by, failure }, now) => {
    const run = runOf(db, evalId);
    if (run === null) return null;
    for (const id of [evalId, run.plan.baseline ?? evalId])
      db.change(
        "UPDATE eval_runs SET status = 'cancelled', owner = NULL, failure = ?, ended_at = ?, ended_by = ?" +
          ` WHERE eval_id = ? AND ${OPEN}`,
        JSON.stringify(failure),
        now,
        by,
        id,
      );
    return runOf(db, evalId);
  },
);
