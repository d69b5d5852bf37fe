import type { Json } from "../../base/json.ts";
import type { ControlRow } from "../../journal/ports.ts";
import type { Disposition, Run, RunFailure, RunState, RunStatus, WaitKind } from "../../journal/run.ts";
import { TERMINAL } from "../../journal/run.ts";
import type { Database, Row } from "./database.ts";
import { heldTime } from "./held-time.ts";
import { closeWaits } from "./event-waits.ts";
import { kindNo } from "./run-kinds.ts";
import { forgetOutcome, indexOutcome } from "./search.ts";

const RUN_COLUMNS =
  "r.run_no, r.run_id, r.workflow, r.event_type, r.event_id, r.contract_version, r.priority, r.status, r.wait, r.wake_at," +
  " r.epoch, r.worker, r.lease_until, r.deaths, r.death_seq, r.next_seq, r.disposition, r.fingerprint, r.release, r.stage," +
  " r.cost_usd, r.created_at, r.updated_at, r.deadline_at, r.started_at, r.ended_at, r.chain, r.concurrency_key, r.path_no, r.facet_set_no," +
  " r.originals_removed_at, r.values_removed_at, r.restored_at, r.code_pin," +
  " p.body AS pins, o.decision, o.failure";

/** Columns of a run, for a query that names the runs table `r`. */
export const SELECT_RUN: string = `SELECT ${RUN_COLUMNS}`;
/** What a run's columns come from besides the runs table. */
export const JOIN_TEXTS: string =
  " LEFT JOIN pins p ON p.pin_no = r.pin_no LEFT JOIN run_outcomes o ON o.run_no = r.run_no";

const BY_NO = `${SELECT_RUN} FROM runs r${JOIN_TEXTS} WHERE r.run_no = ?`;
const BY_ID = `${SELECT_RUN} FROM runs r${JOIN_TEXTS} WHERE r.run_id = ?`;

export function runByNo(db: Database, runNo: number): Row | undefined {
  return db.get(BY_NO, runNo);
}

export function runById(db: Database, runId: string): Row | undefined {
  return db.get(BY_ID, runId);
}

/** A selected row as a run. */
export function toRun(row: Row): Run {
  return {
    ...toState(row),
    runId: row["run_id"] as string,
    workflow: row["workflow"] as string,
    eventType: row["event_type"] as string,
    eventId: row["event_id"] as string,
    contractVersion: row["contract_version"] as number,
    priority: row["priority"] as number,
    createdAt: row["created_at"] as number,
    updatedAt: row["updated_at"] as number,
    deadlineAt: row["deadline_at"] as number | null,
    release: row["release"] as number | null,
    stage: row["stage"] as string | null,
    pins: row["pins"] as string | null,
    codePin: (row["code_pin"] as string) || null,
    decision: row["decision"] === null ? null : (JSON.parse(row["decision"] as string) as Json),
    costUsd: row["cost_usd"] as number | null,
    fingerprint: row["fingerprint"] as string | null,
    originalsRemovedAt: row["originals_removed_at"] as number | null,
    valuesRemovedAt: row["values_removed_at"] as number | null,
    restoredAt: row["restored_at"] as number | null,
  };
}

/** The part of a selected row that transitions work on. */
export function toState(row: Row): RunState {
  return {
    status: row["status"] as RunStatus,
    wait: row["wait"] as WaitKind | null,
    wakeAt: row["wake_at"] as number | null,
    epoch: row["epoch"] as number,
    worker: row["worker"] as string | null,
    leaseUntil: row["lease_until"] as number | null,
    deaths: row["deaths"] as number,
    deathSeq: row["death_seq"] as number,
    nextSeq: row["next_seq"] as number,
    disposition: row["disposition"] as Disposition | null,
    failure: row["failure"] === null ? null : (JSON.parse(row["failure"] as string) as RunFailure),
    startedAt: row["started_at"] as number | null,
    endedAt: row["ended_at"] as number | null,
  };
}

/** A run of which a transition is written: its row before, and what the transition and the new records made of it. */
export interface Step {
  row: Row;
  state: RunState;
  chain: Uint8Array;
  now: number;
  /** Groups dead letters; kept as it is where absent. */
  fingerprint?: string | undefined;
  /** Which way it has gone; as the row says where absent. */
  pathNo?: number | null;
}

const MOVE =
  "UPDATE runs SET status = ?, wait = ?, wake_at = ?, epoch = ?, worker = ?, lease_until = ?, deaths = ?, death_seq = ?," +
  " started_at = ?, next_seq = ?, chain = ?, updated_at = ?, path_no = ?, path_indexed = ?, ready = 1" +
  " WHERE run_no = ? AND epoch = ?";
const SETTLE =
  "UPDATE runs SET disposition = ?2, failure_class = ?3, fingerprint = ?4, ended_at = ?5, audit_due = ?6, kind_no = ?7 WHERE run_no = ?1";

/**
 * Writes a transition, fenced by the epoch the row had. Ending and coming back to life (redrive) touch further columns and
 * indexes; every other move leaves those alone. Throws where the row is no longer as it was read.
 */
export function writeStep(db: Database, { row, state, chain, now, fingerprint, pathNo }: Step): void {
  const runNo = row["run_no"] as number;
  const path = pathNo === undefined ? (row["path_no"] as number | null) : pathNo;
  const changed = db.change(
    MOVE,
    state.status,
    state.wait,
    state.wakeAt,
    state.epoch,
    state.worker,
    state.leaseUntil,
    state.deaths,
    state.deathSeq,
    state.startedAt,
    state.nextSeq,
    chain,
    now,
    path,
    path,
    runNo,
    row["epoch"] as number,
  );
  if (changed !== 1) throw new Error(`Run ${String(row["run_id"])} changed between reading and writing it.`);
  const before = row["status"] as RunStatus;
  if (row["deadline_at"] !== null && (before === "queued" || row["wait"] === "hold")) addHeldTime(db, row, now);
  db.count(row["workflow"] as string, before, state.status);
  if (TERMINAL.includes(state.status) || TERMINAL.includes(before)) settle(db, row, state, fingerprint);
  if (holdsKey(before) && state.status !== "running") releaseKey(db, row["concurrency_key"] as string | null);
}

/** The time a run stood in the queue or parked while its workflow was on hold is not of its deadline. */
function addHeldTime(db: Database, row: Row, now: number): void {
  const held = heldTime(db, row["workflow"] as string, row["updated_at"] as number, now);
  if (held > 0)
    db.change("UPDATE runs SET deadline_at = deadline_at + ? WHERE run_no = ?", held, row["run_no"] as number);
}

function settle(db: Database, row: Row, state: RunState, fingerprint: string | undefined): void {
  const runNo = row["run_no"] as number;
  const ended = TERMINAL.includes(state.status);
  const kept = fingerprint ?? (ended ? (row["fingerprint"] as string | null) : null);
  db.change(
    SETTLE,
    runNo,
    state.disposition,
    state.failure?.class ?? null,
    kept,
    state.endedAt,
    ended ? state.endedAt : null,
    kindNo(db, row, state),
  );
  if (state.failure !== null || row["failure"] !== null)
    db.change(
      "INSERT INTO run_outcomes (run_no, failure) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET failure = ?2",
      runNo,
      state.failure === null ? null : JSON.stringify(state.failure),
    );
  if (ended) closeWaits(db, runNo);
  if (ended) indexOutcome(db, runNo);
  else forgetOutcome(db, runNo);
}

/** Queued counts too: one that is cancelled must not leave those behind it waiting for a run that never starts. */
function holdsKey(status: RunStatus): boolean {
  return status === "running" || status === "queued";
}

const BLOCKED = "runs INDEXED BY runs_blocked WHERE status = 'queued' AND ready = 0 AND concurrency_key = ?";

/**
 * Lets the first run that is held back by this concurrency key stand for claim again: of those that any code resumes, and
 * of each code that runs are pinned to, since nobody may be there to claim those.
 */
function releaseKey(db: Database, key: string | null): void {
  if (key === null) return;
  let code: string | undefined = "";
  while (code !== undefined) {
    db.change(
      `UPDATE runs SET ready = 1 WHERE run_no = (SELECT run_no FROM ${BLOCKED} AND code_pin = ? ORDER BY priority DESC, run_no LIMIT 1)`,
      key,
      code,
    );
    const next = db.get(`SELECT code_pin FROM ${BLOCKED} AND code_pin > ? ORDER BY code_pin LIMIT 1`, key, code);
    code = next?.["code_pin"] as string | undefined;
  }
}

/** The present control row of a workflow. */
export function controlOf(db: Database, workflow: string): ControlRow | null {
  const row = db.get(
    "SELECT c.workflow, c.version, c.release, r.body FROM controls c JOIN releases r" +
      " ON r.workflow = c.workflow AND r.number = c.release WHERE c.workflow = ?",
    workflow,
  );
  return row === undefined ? null : ({ ...row } as unknown as ControlRow);
}
