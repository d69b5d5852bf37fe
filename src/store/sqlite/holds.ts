import { newId } from "../../base/id.ts";
import type { Hold, HoldAct, PauseInput, ResumeInput } from "../../journal/hold.ts";
import type { Database } from "./database.ts";
import { move } from "./move.ts";
import { plain, type Operation } from "./operation.ts";

interface HoldRow {
  hold_no: number;
  hold_id: string;
  workflow: string;
  state: Hold["state"];
  held_at: number;
  ended_at: number | null;
  per_minute: number | null;
  released_at: number | null;
  cause: Cause;
  to_start: number | null;
  started: number | null;
  next_at: number | null;
}

const COLUMNS =
  "hold_no, hold_id, workflow, state, held_at, ended_at, per_minute, released_at, to_start, started, next_at, cause";

/** What holds a workflow: somebody's command, or a release that is off. Each ends by itself. */
type Cause = "command" | "release";

function presentRow(db: Database, workflow: string, cause: Cause = "command"): HoldRow | undefined {
  return db.get(
    `SELECT ${COLUMNS} FROM holds WHERE workflow = ? AND cause = ? AND state <> 'over'`,
    workflow,
    cause,
  ) as HoldRow | undefined;
}

function toHold(db: Database, row: HoldRow): Hold {
  const { hold_no: no, hold_id: holdId, workflow, state, held_at: heldAt, ended_at: endedAt } = row;
  const runs = state === "over" ? 0 : standing(db, workflow);
  const release =
    row.per_minute === null
      ? null
      : {
          perMinute: row.per_minute,
          since: row.released_at as number,
          toStart: row.to_start as number,
          started: row.started as number,
          nextAt: row.next_at as number,
        };
  const acts = db.all<HoldAct>(
    "SELECT act, at, by, reason, per_minute AS perMinute FROM hold_acts WHERE hold_no = ? ORDER BY act_no",
    no,
  );
  return {
    holdId,
    workflow,
    cause: row.cause,
    state,
    heldAt,
    endedAt,
    runs,
    release,
    acts: acts.map((act) => ({ ...act })),
  };
}

/** Counted from indexes alone; `run_counts` lags within a transaction. */
function inQueue(db: Database, workflow: string): number {
  const row = db.get(
    "SELECT (SELECT count(*) FROM runs INDEXED BY runs_ready WHERE status = 'queued' AND ready = 1 AND workflow = ?1)" +
      " + (SELECT count(*) FROM runs INDEXED BY runs_kept_back WHERE status = 'queued' AND ready = 0 AND workflow = ?1) AS n",
    workflow,
  );
  return row?.["n"] as number;
}

function standing(db: Database, workflow: string): number {
  const parked = db.get(
    "SELECT count(*) AS n FROM runs INDEXED BY runs_on_hold WHERE status = 'waiting' AND wait = 'hold' AND workflow = ?",
    workflow,
  );
  return inQueue(db, workflow) + (parked?.["n"] as number);
}

function note(db: Database, holdNo: number, act: HoldAct): void {
  db.insert(
    "INSERT INTO hold_acts (hold_no, act, at, by, reason, per_minute) VALUES (?, ?, ?, ?, ?, ?)",
    holdNo,
    act.act,
    act.at,
    act.by,
    act.reason,
    act.perMinute,
  );
}

function pauseWorkflow(db: Database, { holdId, workflow, by, reason }: PauseInput, now: number): Hold {
  const present = presentRow(db, workflow);
  const no =
    present?.hold_no ??
    db.insert("INSERT INTO holds (hold_id, workflow, state, held_at) VALUES (?, ?, 'held', ?)", holdId, workflow, now);
  if (present?.state === "releasing") db.change("UPDATE holds SET state = 'held' WHERE hold_no = ?", no);
  note(db, no, { act: "pause", at: now, by, reason, perMinute: null });
  return toHold(db, presentRow(db, workflow) as HoldRow);
}

export const pause: Operation<PauseInput, PauseInput, Hold> = plain("pause", pauseWorkflow);

function resumeWorkflow(db: Database, { workflow, by, reason, perMinute }: ResumeInput, now: number): Hold | null {
  const present = presentRow(db, workflow);
  if (present === undefined) return null;
  const { hold_no: no } = present;
  note(db, no, { act: "resume", at: now, by, reason, perMinute });
  wakeParked(db, workflow, now);
  const toStart = inQueue(db, workflow);
  if (perMinute === null || toStart === 0) {
    db.change("UPDATE holds SET state = 'over', ended_at = ? WHERE hold_no = ?", now, no);
    if (perMinute !== null) note(db, no, LIFT(now));
  } else
    db.change(
      "UPDATE holds SET state = 'releasing', per_minute = ?1, released_at = ?2, next_at = ?2, to_start = ?3, started = 0," +
        " boundary = (SELECT max(run_no) FROM runs) WHERE hold_no = ?4",
      perMinute,
      now,
      toStart,
      no,
    );
  return toHold(db, db.get(`SELECT ${COLUMNS} FROM holds WHERE hold_no = ?`, no) as unknown as HoldRow);
}

export const resume: Operation<ResumeInput, ResumeInput, Hold | null> = plain("resume", resumeWorkflow);

/**
 * Sees to it that the workflow is held exactly where its present release is off and holds the events. Within the transaction
 * that makes the release the present one, so that no run is claimed in between.
 */
export function holdByRelease(
  db: Database,
  { workflow, number, holds }: { workflow: string; number: number; holds: boolean },
  now: number,
): void {
  const present = presentRow(db, workflow, "release");
  if ((present !== undefined) === holds) return;
  const act = { at: now, by: "sluice", reason: `release ${number}`, perMinute: null };
  if (present === undefined) {
    const insert = "INSERT INTO holds (hold_id, workflow, state, held_at, cause) VALUES (?, ?, 'held', ?, 'release')";
    const no = db.insert(insert, newId("hld"), workflow, now);
    note(db, no, { ...act, act: "pause" });
    return;
  }
  note(db, present.hold_no, { ...act, act: "resume" });
  wakeParked(db, workflow, now);
  db.change("UPDATE holds SET state = 'over', ended_at = ? WHERE hold_no = ?", now, present.hold_no);
}

/** Who is on record for the end of a release. */
const LIFT = (at: number): HoldAct => ({ act: "lift", at, by: "sluice", reason: null, perMinute: null });

function wakeParked(db: Database, workflow: string, now: number): void {
  const parked = db.all<{ run_no: number }>(
    "SELECT run_no FROM runs INDEXED BY runs_on_hold WHERE status = 'waiting' AND wait = 'hold' AND workflow = ?",
    workflow,
  );
  for (const { run_no } of parked) move(db, run_no, { do: "wake" }, now);
}

/** Ends a release whose runs were all started. */
export function liftHold(db: Database, holdNo: number, now: number): void {
  db.change("UPDATE holds SET state = 'over', ended_at = ? WHERE hold_no = ?", now, holdNo);
  note(db, holdNo, LIFT(now));
}

export const presentHolds: Operation<null, null, Hold[]> = plain("presentHolds", (db) =>
  db.all<HoldRow>(`SELECT ${COLUMNS} FROM holds WHERE state <> 'over' ORDER BY hold_no`).map((row) => toHold(db, row)),
);

export const holdsOf: Operation<string, string, Hold[]> = plain("holdsOf", (db, workflow) =>
  db
    .all<HoldRow>(`SELECT ${COLUMNS} FROM holds WHERE workflow = ? ORDER BY hold_no DESC`, workflow)
    .map((row) => toHold(db, row)),
);
