import type { Page, Paged } from "../../journal/ports.ts";
import type { CandidateAnswer, CandidateTotals, EndedRuns } from "../../release/candidates.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Database, Row } from "./database.ts";
import { plain, type Operation } from "./operation.ts";

interface Look {
  position: number;
  limit: number;
}

/** A run that was redriven stands in the audit chain again; what was asked beside it is asked once. */
const ENDED =
  "SELECT a.entry_no AS position, a.run_id AS runId, r.status IN ('completed', 'stopped')" +
  ' AND p.body LIKE \'%"mode":"shadow"%\' AS asks FROM audit a JOIN runs r ON r.run_id = a.run_id' +
  " LEFT JOIN pins p ON p.pin_no = r.pin_no WHERE a.entry_no > ? ORDER BY a.entry_no LIMIT ?";

export const endedWithCandidate: Operation<Look, Look, EndedRuns> = plain(
  "endedWithCandidate",
  (db, { position, limit }) => {
    const seen = db.all<{ position: number; runId: string; asks: number | null }>(ENDED, position, limit);
    const runs = seen.filter(({ asks }) => asks === 1).map((row) => ({ runId: row.runId, position: row.position }));
    return { runs, position: seen.at(-1)?.position ?? position };
  },
);

export const followed: Operation<string, string, number> = plain(
  "followed",
  (db, follower) =>
    (db.get("SELECT position FROM followers WHERE name = ?", follower)?.["position"] as number | undefined) ?? 0,
);

interface Noted {
  answers: readonly CandidateAnswer[];
  followed: { follower: string; position: number } | null;
}

const flag = (value: boolean | null): number | null => (value === null ? null : Number(value));
const read = (value: unknown): boolean | null => (value === null ? null : value === 1);

export const noteCandidates: Operation<Noted, Noted, null> = plain(
  "noteCandidates",
  (db, { answers, followed: at }) => {
    for (const answer of answers) insert(db, answer);
    if (at !== null)
      db.change(
        "INSERT INTO followers (name, position) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET position = max(position, ?2)",
        at.follower,
        at.position,
      );
    return null;
  },
);

/** Of a run whose values are gone by now nothing new is kept. */
const INSERT =
  "INSERT OR IGNORE INTO candidate_answers (run_no, run_id, workflow, slot, key, release, prompt, version, hash, model," +
  " status, code, repaired, output, agrees, person, served_person, fields, cost_usd, latency_ms, input_tokens, output_tokens, asked_at)" +
  " SELECT run_no, run_id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22" +
  " FROM runs WHERE run_id = ?1 AND values_removed_at IS NULL";

function insert(db: Database, answer: CandidateAnswer): void {
  db.change(
    INSERT,
    answer.runId,
    answer.workflow,
    answer.slot,
    answer.key,
    answer.release,
    answer.prompt,
    answer.version,
    answer.hash,
    answer.model,
    answer.status,
    answer.code,
    Number(answer.repaired),
    answer.output,
    flag(answer.agrees),
    flag(answer.agreesWithPerson),
    flag(answer.servedAgreesWithPerson),
    answer.fields === null ? null : JSON.stringify(answer.fields),
    answer.costUsd,
    answer.latencyMs === null ? null : Math.round(answer.latencyMs),
    answer.inputTokens,
    answer.outputTokens,
    answer.askedAt,
  );
}

const ANSWER =
  "SELECT answer_no, run_id, workflow, slot, key, release, prompt, version, hash, model, status, code, repaired, output," +
  " agrees, person, served_person, fields, cost_usd, latency_ms, input_tokens, output_tokens, asked_at FROM candidate_answers";

function toAnswer(row: Row): CandidateAnswer {
  return {
    runId: row["run_id"] as string,
    workflow: row["workflow"] as string,
    slot: row["slot"] as string,
    key: row["key"] as string,
    release: row["release"] as number,
    prompt: row["prompt"] as string,
    version: row["version"] as string,
    hash: row["hash"] as string,
    model: row["model"] as string,
    status: row["status"] as CandidateAnswer["status"],
    code: row["code"] as string | null,
    repaired: row["repaired"] === 1,
    output: row["output"] as string | null,
    agrees: read(row["agrees"]),
    agreesWithPerson: read(row["person"]),
    servedAgreesWithPerson: read(row["served_person"]),
    fields: row["fields"] === null ? null : (JSON.parse(row["fields"] as string) as Record<string, boolean>),
    costUsd: row["cost_usd"] as number | null,
    latencyMs: row["latency_ms"] as number | null,
    inputTokens: row["input_tokens"] as number | null,
    outputTokens: row["output_tokens"] as number | null,
    askedAt: row["asked_at"] as number,
  };
}

export const candidatesOfRun: Operation<string, string, CandidateAnswer[]> = plain("candidatesOfRun", (db, runId) =>
  db.all(`${ANSWER} WHERE run_no = (SELECT run_no FROM runs WHERE run_id = ?) ORDER BY answer_no`, runId).map(toAnswer),
);

interface Listing {
  filter: { workflow: string; slot?: string; version?: string; differing?: boolean };
  page: Page;
}

export const candidateAnswers: Operation<Listing, Listing, Paged<CandidateAnswer>> = plain(
  "candidateAnswers",
  (db, { filter, page }) => {
    const before = page.cursor === undefined ? Number.MAX_SAFE_INTEGER : (decodeCursor(page.cursor, 1)[0] as number);
    const rows = db.all(
      `${ANSWER} WHERE workflow = ?1 AND (?2 IS NULL OR slot = ?2) AND (?3 IS NULL OR version = ?3)` +
        " AND (?4 = 0 OR agrees = 0) AND answer_no < ?5 ORDER BY answer_no DESC LIMIT ?6",
      filter.workflow,
      filter.slot ?? null,
      filter.version ?? null,
      Number(filter.differing === true),
      before,
      page.limit + 1,
    );
    const items = rows.slice(0, page.limit);
    const last = items.at(-1);
    const more = rows.length > page.limit && last !== undefined;
    return { items: items.map(toAnswer), next: more ? encodeCursor([last["answer_no"] as number]) : null };
  },
);

const TOTALS =
  "SELECT slot, prompt, version, hash, model, count(*) AS total, sum(status = 'valid') AS valid, sum(status = 'invalid') AS invalid," +
  " sum(status = 'failed') AS failed, sum(status = 'skipped') AS skipped, sum(repaired) AS repaired," +
  " count(agrees) AS compared, coalesce(sum(agrees), 0) AS agreed, count(coalesce(person, served_person)) AS judged," +
  " coalesce(sum(person), 0) AS candidateRight, coalesce(sum(served_person), 0) AS servedRight," +
  " coalesce(sum(cost_usd), 0) AS costUsd, sum(status <> 'skipped' AND cost_usd IS NULL) AS unknownCosts," +
  " avg(latency_ms) AS latencyAvgMs, coalesce(sum(input_tokens), 0) AS inputTokens," +
  " coalesce(sum(output_tokens), 0) AS outputTokens, min(asked_at) AS firstAt, max(asked_at) AS lastAt" +
  " FROM candidate_answers WHERE workflow = ? GROUP BY slot, prompt, version, hash, model ORDER BY slot, max(answer_no) DESC";

type TotalsRow = Omit<CandidateTotals, "workflow" | "latencyP95Ms" | "skippedWhy" | "fields">;

export const candidateTotals: Operation<string, string, CandidateTotals[]> = plain("candidateTotals", (db, workflow) =>
  db.all<TotalsRow>(TOTALS, workflow).map((totals) => ({
    workflow,
    ...totals,
    latencyP95Ms: p95(db, workflow, totals),
    skippedWhy: skippedWhy(db, workflow, totals),
    fields: fieldsOf(db, workflow, totals),
  })),
);

type Which = Pick<TotalsRow, "slot" | "prompt" | "version" | "hash" | "model">;
const OF_ONE = "FROM candidate_answers WHERE workflow = ? AND slot = ? AND version = ? AND hash = ? AND model = ?";
const one = (workflow: string, { slot, version, hash, model }: Which): string[] => [
  workflow,
  slot,
  version,
  hash,
  model,
];

/** The nearest rank. */
function p95(db: Database, workflow: string, which: Which): number | null {
  const key = one(workflow, which);
  const n = db.get(`SELECT count(latency_ms) AS n ${OF_ONE}`, ...key)?.["n"] as number;
  if (n === 0) return null;
  const rank = Math.ceil(0.95 * n) - 1;
  const found = db.get(
    `SELECT latency_ms AS ms ${OF_ONE} AND latency_ms IS NOT NULL ORDER BY latency_ms LIMIT 1 OFFSET ?`,
    ...key,
    rank,
  );
  return found?.["ms"] as number;
}

function skippedWhy(db: Database, workflow: string, which: Which): Record<string, number> {
  const rows = db.all<{ code: string | null; n: number }>(
    `SELECT code, count(*) AS n ${OF_ONE} AND status = 'skipped' GROUP BY code ORDER BY code`,
    ...one(workflow, which),
  );
  return Object.fromEntries(rows.map(({ code, n }) => [code ?? "unknown", n]));
}

function fieldsOf(db: Database, workflow: string, which: Which): CandidateTotals["fields"] {
  const rows = db.all<{ field: string; compared: number; agreed: number }>(
    "SELECT f.key AS field, count(*) AS compared, sum(f.value) AS agreed FROM" +
      ` (SELECT fields ${OF_ONE} AND fields IS NOT NULL), json_each(fields) f GROUP BY f.key ORDER BY f.key`,
    ...one(workflow, which),
  );
  return Object.fromEntries(rows.map(({ field, compared, agreed }) => [field, { compared, agreed }]));
}

export const candidatesSpent: Operation<number, number, number> = plain(
  "candidatesSpent",
  (db, since) =>
    db.get("SELECT coalesce(sum(cost_usd), 0) AS usd FROM candidate_answers WHERE asked_at >= ?", since)?.[
      "usd"
    ] as number,
);

/** With the run's values goes what a candidate made of them. */
export function forgetCandidates(db: Database, runNo: number): void {
  db.change("UPDATE candidate_answers SET output = NULL, key = CAST(answer_no AS TEXT) WHERE run_no = ?", runNo);
}
