import type { ClaimRequest, ClaimedRun, ControlRow, Reserved } from "../../journal/ports.ts";
import type { Run } from "../../journal/run.ts";
import type { Database, Row } from "./database.ts";
import { before, firstOf, holdingNow, noteStart, SUSPECT, type Candidate } from "./line.ts";
import { move } from "./move.ts";
import type { Operation } from "./operation.ts";
import { putStored, takeStored } from "./record-wire.ts";
import { recordsOf } from "./records.ts";
import { reservedOf } from "./reservations.ts";
import { controlOf, runByNo, toRun } from "./run-row.ts";

export const claim: Operation<ClaimRequest, ClaimRequest, ClaimedRun[]> = {
  name: "claim",
  put: (packer, request) => packer.cell({ ...request, workflows: request.workflows.map((w) => ({ ...w })) }),
  take: (unpacker) => unpacker.cell() as ClaimRequest,
  run: claimDue,
  putResult(packer, claimed) {
    packer.cell(claimed.length);
    for (const { run, wrappedKey, records, control, reserved } of claimed) {
      packer.cell(JSON.stringify(run));
      packer.cell(control === null ? null : JSON.stringify(control));
      packer.bytes(wrappedKey);
      putStored(packer, records);
      packer.cell(reserved);
    }
  },
  takeResult(unpacker) {
    return Array.from({ length: unpacker.number() }, (): ClaimedRun => {
      const run = JSON.parse(unpacker.text()) as Run;
      const control = unpacker.cell() as string | null;
      return {
        run,
        control: control === null ? null : (JSON.parse(control) as ControlRow),
        wrappedKey: unpacker.bytesOrNull(),
        records: takeStored(unpacker),
        reserved: unpacker.cell() as Reserved | null,
      };
    });
  },
};

/** One workflow's place in the queue. */
interface Line {
  name: string;
  /** The worker's own; runs pinned to it stand in this line too. */
  code: string | undefined;
  /** Runs it may still start. */
  room: number;
  first: Candidate | undefined;
}

function claimDue(db: Database, request: ClaimRequest, now: number): ClaimedRun[] {
  wakeDue(db, now);
  const running = countRunning(db);
  let onTrial = request.spareSuspects === true || suspectRuns(db);
  const holding = holdingNow(db);
  const next = (line: Omit<Line, "room" | "first">): Candidate | undefined =>
    firstOf(db, line, { onTrial, holding, now });
  const lines = request.workflows.map(({ name, limit, code }): Line => {
    const room = (limit ?? Infinity) - (running.byWorkflow.get(name) ?? 0);
    return { name, code, room, first: room > 0 ? next({ name, code }) : undefined };
  });
  const taken: number[] = [];
  while (taken.length < request.limit) {
    const line = foremost(lines);
    if (line?.first === undefined) break;
    if (isBlocked(line.first, running.byKey))
      db.change("UPDATE runs SET ready = 0 WHERE run_no = ?", line.first.run_no);
    else {
      onTrial ||= line.first.suspect === 1;
      move(db, line.first.run_no, { do: "claim", worker: request.worker, leaseMs: request.leaseMs }, now);
      noteStart(db, line.name, line.first, holding, now);
      taken.push(line.first.run_no);
      line.room--;
      addTo(running.byKey, line.first.concurrency_key);
    }
    // Taken or held back, it is out of the line: the first one now is the next.
    line.first = line.room > 0 ? next(line) : undefined;
    for (const other of lines) if (onTrial && other.first?.suspect === 1) other.first = next(other);
  }
  return gather(db, taken);
}

const MAX_WOKEN = 1_000;

/** Queues the waiting runs whose time has come, so that they stand in one order with all others. */
function wakeDue(db: Database, now: number): void {
  const due = db.all<{ run_no: number }>(
    "SELECT run_no FROM runs INDEXED BY runs_timed WHERE status = 'waiting' AND wake_at IS NOT NULL AND wake_at <= ?" +
      " ORDER BY wake_at LIMIT ?",
    now,
    MAX_WOKEN,
  );
  for (const { run_no } of due) move(db, run_no, { do: "wake" }, now);
}

function countRunning(db: Database): { byWorkflow: Map<string, number>; byKey: Map<string, number> } {
  const byWorkflow = new Map<string, number>();
  const byKey = new Map<string, number>();
  const groups = db.all<{ workflow: string; concurrency_key: string | null; n: number }>(
    "SELECT workflow, concurrency_key, count(*) AS n FROM runs INDEXED BY runs_running WHERE status = 'running' GROUP BY 1, 2",
  );
  for (const { workflow, concurrency_key, n } of groups) {
    byWorkflow.set(workflow, (byWorkflow.get(workflow) ?? 0) + n);
    addTo(byKey, concurrency_key, n);
  }
  return { byWorkflow, byKey };
}

/** Whether a run is being tried whose next death at the same place would make it poison. */
function suspectRuns(db: Database): boolean {
  const found = db.get(`SELECT 1 FROM runs INDEXED BY runs_running WHERE status = 'running' AND ${SUSPECT} LIMIT 1`);
  return found !== undefined;
}

function addTo(counts: Map<string, number>, key: string | null, by = 1): void {
  if (key !== null) counts.set(key, (counts.get(key) ?? 0) + by);
}

function isBlocked(candidate: Candidate, running: Map<string, number>): boolean {
  const { concurrency_key: key, concurrency_limit: limit } = candidate;
  return key !== null && limit !== null && (running.get(key) ?? 0) >= limit;
}

function foremost(lines: readonly Line[]): Line | undefined {
  let best: Line | undefined;
  for (const line of lines) {
    if (line.first === undefined) continue;
    if (best?.first === undefined || before(line.first, best.first)) best = line;
  }
  return best;
}

function gather(db: Database, runNos: readonly number[]): ClaimedRun[] {
  const controls = new Map<string, ControlRow | null>();
  return runNos.map((runNo) => {
    const run = toRun(runByNo(db, runNo) as Row);
    const control = controls.has(run.workflow) ? (controls.get(run.workflow) ?? null) : controlOf(db, run.workflow);
    controls.set(run.workflow, control);
    return {
      run,
      wrappedKey: wrappedKeyOf(db, runNo),
      records: recordsOf(db, runNo, run.runId),
      control,
      reserved: reservedOf(db, runNo),
    };
  });
}

/** The run's wrapped data key; null once it was destroyed. */
export function wrappedKeyOf(db: Database, runNo: number): Uint8Array | null {
  const row = db.get("SELECT wrapped FROM run_keys WHERE run_no = ?", runNo) as { wrapped: Uint8Array } | undefined;
  return row === undefined ? null : row.wrapped;
}
