import type {
  Redrive,
  RedriveInput,
  RedriveItem,
  RedrivePlan,
  RedriveResult,
  RedriveStanding,
  RedriveState,
  RedriveTurn,
  StartRedrive,
} from "../../journal/redrive.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import { transition } from "../../journal/transition.ts";
import type { Database, Row } from "./database.ts";
import { plain, type Operation } from "./operation.ts";
import { writePins } from "./pins.ts";
import { appendRecords } from "./records.ts";
import { planFilter, startOf } from "./run-filter.ts";
import { runById, toState, writeStep } from "./run-row.ts";

/** What selects the dead runs of a filter; null where there can be none. */
function deadOf(
  db: Database,
  filter: RunFilter & { runId?: string },
): { sql: string; values: (string | number)[] } | null {
  const { runId, ...rest } = filter;
  if (runId !== undefined) return { sql: "FROM runs r WHERE r.run_id = ? AND r.status = 'dead'", values: [runId] };
  const plan = planFilter(db, { ...rest, status: "dead" });
  if (plan === null) return null;
  const where = [plan.walk.where, ...plan.conditions].join(" AND ");
  return { sql: `FROM ${plan.walk.from} WHERE ${where}`, values: [...startOf(plan), ...plan.values] };
}

interface Some {
  filter: RunFilter;
  limit: number;
}

export const countDead: Operation<RunFilter, RunFilter, { workflow: string; count: number }[]> = plain(
  "countDead",
  (db, filter) => {
    const dead = deadOf(db, filter);
    if (dead === null) return [];
    return db
      .all<{ workflow: string; count: number }>(
        `SELECT r.workflow, count(*) AS count ${dead.sql} GROUP BY r.workflow ORDER BY r.workflow`,
        ...dead.values,
      )
      .map((row) => ({ ...row }));
  },
);

export const deadRuns: Operation<Some, Some, string[]> = plain("deadRuns", (db, { filter, limit }) => {
  const dead = deadOf(db, filter);
  if (dead === null) return [];
  return db
    .all<{ run_id: string }>(`SELECT r.run_id ${dead.sql} ORDER BY r.run_no LIMIT ?`, ...dead.values, limit)
    .map(({ run_id }) => run_id);
});

interface RedriveRow extends Record<string, unknown> {
  redrive_no: number;
  state: RedriveState;
  plan: string;
  total: number;
}

const COLUMNS =
  "redrive_no, redrive_id AS redriveId, state, why, plan, by, reason, created_at AS createdAt, ended_at AS endedAt," +
  " ended_by AS endedBy, next_at AS nextAt, total, redriven, refused, went_on AS wentOn, waits, died";

function rowOf(db: Database, redriveId: string): RedriveRow | undefined {
  return db.get(`SELECT ${COLUMNS} FROM redrives WHERE redrive_id = ?`, redriveId) as RedriveRow | undefined;
}

function toRedrive({ redrive_no: _no, ...row }: RedriveRow): Redrive {
  return { ...row, plan: JSON.parse(row.plan) as RedrivePlan } as unknown as Redrive;
}

function start(db: Database, { redriveId, plan, limit, by, reason }: StartRedrive, now: number): Redrive {
  const no = db.insert(
    "INSERT INTO redrives (redrive_id, state, plan, by, reason, created_at, next_at, total, redriven, refused, went_on, waits, died)" +
      " VALUES (?, 'running', ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0)",
    redriveId,
    JSON.stringify(plan),
    by,
    reason,
    now,
    now,
  );
  const dead = deadOf(db, plan.filter);
  const total =
    dead === null
      ? 0
      : db.change(
          "INSERT INTO redrive_runs (redrive_no, place, run_no, state)" +
            ` SELECT ?, row_number() OVER (ORDER BY run_no), run_no, 'next' FROM (SELECT r.run_no ${dead.sql} ORDER BY r.run_no LIMIT ?)`,
          no,
          ...dead.values,
          limit,
        );
  db.change("UPDATE redrives SET total = ? WHERE redrive_no = ?", total, no);
  return toRedrive(rowOf(db, redriveId) as RedriveRow);
}

export const startRedrive: Operation<StartRedrive, StartRedrive, Redrive> = plain("startRedrive", start);

interface Turns {
  redriveId: string;
  limit: number;
}

/** Condition of the index, word by word: so it is used. */
const OPEN = "m.state IN ('next', 'under_way')";

export const redriveTurns: Operation<Turns, Turns, RedriveTurn[]> = plain("redriveTurns", (db, { redriveId, limit }) =>
  db
    .all<RedriveTurn & Row>(
      "SELECT m.place, r.run_id AS runId, r.workflow FROM redrives j" +
        " JOIN redrive_runs m INDEXED BY redrive_runs_open ON m.redrive_no = j.redrive_no JOIN runs r ON r.run_no = m.run_no" +
        ` WHERE j.redrive_id = ? AND j.state = 'running' AND m.state = 'next' AND ${OPEN} ORDER BY m.place LIMIT ?`,
      redriveId,
      limit,
    )
    .map((row) => ({ ...row })),
);

export const redriveRuns: Operation<RedriveInput, RedriveInput, RedriveResult[]> = plain(
  "redriveRuns",
  (db, { redriveId, items, nextAt }, now) => {
    const job = redriveId === null ? null : rowOf(db, redriveId);
    if (job === undefined || (job !== null && job.state !== "running"))
      return items.map(({ runId }) => ({ runId, ok: false, why: "redrive_over" }));
    const results = items.map((item) => (job === null ? redriveOne(db, item, now) : takeTurn(db, job, item, now)));
    if (job !== null) db.change("UPDATE redrives SET next_at = ? WHERE redrive_no = ?", nextAt, job.redrive_no);
    return results;
  },
);

/** Each place of a redrive has one turn, whatever comes of it. */
function takeTurn(db: Database, job: RedriveRow, item: RedriveItem, now: number): RedriveResult {
  const turn = db.get(
    "SELECT 1 FROM redrive_runs WHERE redrive_no = ? AND place = ? AND state = 'next'",
    job.redrive_no,
    item.place,
  );
  if (turn === undefined) return { runId: item.runId, ok: false, why: "had_its_turn" };
  const result = redriveOne(db, item, now);
  db.change(
    "UPDATE redrive_runs SET state = ?, why = ? WHERE redrive_no = ? AND place = ?",
    result.ok ? "under_way" : "refused",
    result.ok ? null : result.why,
    job.redrive_no,
    item.place,
  );
  db.change(
    `UPDATE redrives SET ${result.ok ? "redriven = redriven + 1" : "refused = refused + 1"} WHERE redrive_no = ?`,
    job.redrive_no,
  );
  return result;
}

function redriveOne(db: Database, { runId, record, why, pins }: RedriveItem, now: number): RedriveResult {
  if (record === null) return { runId, ok: false, why: why ?? "unreadable" };
  const row = runById(db, runId);
  if (row === undefined) return { runId, ok: false, why: "unknown_run" };
  const result = transition(toState(row), { do: "redrive" }, now);
  if (!result.ok) return { runId, ok: false, why: result.refusal };
  const runNo = row["run_no"] as number;
  const before = { nextSeq: row["next_seq"] as number, chain: row["chain"] as Uint8Array };
  const head = appendRecords(db, runNo, before, result.state.epoch, [record]);
  writeStep(db, { row, state: { ...result.state, nextSeq: head.nextSeq }, chain: head.chain, now });
  if (pins !== undefined) writePins(db, runNo, pins);
  return { runId, ok: true };
}

const CAME_TO: Readonly<Record<string, { state: string; counter: string }>> = {
  completed: { state: "went_on", counter: "went_on" },
  stopped: { state: "went_on", counter: "went_on" },
  cancelled: { state: "went_on", counter: "went_on" },
  dead: { state: "died", counter: "died" },
};
const WAITS = { state: "waits", counter: "waits" };

export const judgeRedrive: Operation<string, string, RedriveStanding | null> = plain(
  "judgeRedrive",
  (db, redriveId) => {
    const job = rowOf(db, redriveId);
    if (job === undefined) return null;
    let [moving, resting] = [0, 0];
    const underWay = db.all<{ place: number; status: string; wait: string | null }>(
      "SELECT m.place, r.status, r.wait FROM redrive_runs m INDEXED BY redrive_runs_open JOIN runs r ON r.run_no = m.run_no" +
        ` WHERE m.redrive_no = ? AND m.state = 'under_way' AND ${OPEN}`,
      job.redrive_no,
    );
    for (const { place, status, wait } of underWay) {
      const cameTo = status === "waiting" && wait === "review" ? WAITS : CAME_TO[status];
      if (cameTo !== undefined) {
        db.change(
          "UPDATE redrive_runs SET state = ? WHERE redrive_no = ? AND place = ?",
          cameTo.state,
          job.redrive_no,
          place,
        );
        db.change(`UPDATE redrives SET ${cameTo.counter} = ${cameTo.counter} + 1 WHERE redrive_no = ?`, job.redrive_no);
      } else if (wait === "sleep" || wait === "event") resting++;
      else moving++;
    }
    return { redrive: toRedrive(rowOf(db, redriveId) as RedriveRow), moving, resting };
  },
);

interface End {
  redriveId: string;
  state: Exclude<RedriveState, "running">;
  why: string | null;
  by: string | null;
}

export const endRedrive: Operation<End, End, Redrive | null> = plain(
  "endRedrive",
  (db, { redriveId, state, why, by }, now) => {
    db.change(
      "UPDATE redrives SET state = ?, why = ?, ended_at = ?, ended_by = ? WHERE redrive_id = ? AND state = 'running'",
      state,
      why,
      now,
      by,
      redriveId,
    );
    const row = rowOf(db, redriveId);
    return row === undefined ? null : toRedrive(row);
  },
);

const LISTED = 200;

export const redrives: Operation<RedriveState | null, RedriveState | null, Redrive[]> = plain("redrives", (db, state) =>
  db
    .all<RedriveRow>(
      `SELECT ${COLUMNS} FROM redrives ${state === "running" ? "INDEXED BY redrives_running WHERE state = 'running'" : "WHERE state = coalesce(?1, state)"}` +
        " ORDER BY redrive_no DESC LIMIT ?",
      ...(state === "running" ? [] : [state]),
      LISTED,
    )
    .map(toRedrive),
);

export const redrive: Operation<string, string, Redrive | null> = plain("redrive", (db, redriveId) => {
  const row = rowOf(db, redriveId);
  return row === undefined ? null : toRedrive(row);
});
