import type { CommandResult, OutsideCommand } from "../../journal/ports.ts";
import { deathFingerprint, TERMINAL } from "../../journal/run.ts";
import { transition } from "../../journal/transition.ts";
import type { Database, Row } from "./database.ts";
import { SUSPECT } from "./line.ts";
import { plain, type Operation } from "./operation.ts";
import { appendRecords } from "./records.ts";
import { withdrawReviews } from "./reviews.ts";
import { runById, runByNo, toState, writeStep } from "./run-row.ts";

interface RenewInput {
  held: readonly { runId: string; epoch: number }[];
  leaseMs: number;
}

export const renew: Operation<RenewInput, RenewInput, string[]> = plain("renew", (db, { held, leaseMs }, now) => {
  const lost = held.filter(({ runId, epoch }) => {
    const changed = db.change(
      "UPDATE runs SET lease_until = ? WHERE run_id = ? AND epoch = ? AND status = 'running'",
      now + leaseMs,
      runId,
      epoch,
    );
    return changed !== 1;
  });
  return lost.map(({ runId }) => runId);
});

interface AbandonInput {
  exceptWorker?: string;
}

interface Abandoned {
  requeued: number;
  poisoned: string[];
}

export const abandon: Operation<AbandonInput, AbandonInput, Abandoned> = plain("abandon", (db, input, now) => {
  const lost =
    input.exceptWorker === undefined
      ? db.all<{ run_no: number }>(
          "SELECT run_no FROM runs INDEXED BY runs_running WHERE status = 'running' AND lease_until <= ?",
          now,
        )
      : db.all<{ run_no: number }>(
          "SELECT run_no FROM runs INDEXED BY runs_running WHERE status = 'running' AND worker <> ?",
          input.exceptWorker,
        );
  if (input.exceptWorker !== undefined && lost.length > 0) clearSuspects(db);
  const poisoned = lost.map(({ run_no }) => abandonRun(db, run_no, now)).filter((runId) => runId !== null);
  return { requeued: lost.length - poisoned.length, poisoned };
});

/**
 * A process has died while these were waiting for their trial: something kills it that is not one of them. Their deaths
 * count from the beginning, so that an outside storm of kills makes no run poison. Before the lost ones are given back.
 */
function clearSuspects(db: Database): void {
  for (const queue of [
    "INDEXED BY runs_ready SET deaths = 0 WHERE ready = 1",
    "INDEXED BY runs_kept_back SET deaths = 0 WHERE ready = 0",
  ])
    db.change(`UPDATE runs ${queue} AND status = 'queued' AND ${SUSPECT}`);
}

/** The run's id where this death was one too many. */
function abandonRun(db: Database, runNo: number, now: number): string | null {
  const row = runByNo(db, runNo) as Row;
  const result = transition(toState(row), { do: "abandon" }, now);
  if (!result.ok) throw new Error(`Run ${String(row["run_id"])} cannot be abandoned: ${result.refusal}.`);
  const { failure } = result.state;
  const fingerprint = failure === null ? undefined : deathFingerprint(row["workflow"] as string, failure);
  writeStep(db, { row, state: result.state, chain: row["chain"] as Uint8Array, now, fingerprint });
  if (result.state.status !== "dead") return null;
  withdrawReviews(db, runNo);
  return row["run_id"] as string;
}

/** A cancel, wake or redrive from outside, which no lease fences. */
export const command: Operation<OutsideCommand, OutsideCommand, CommandResult> = plain("command", (db, input, now) => {
  const row = runById(db, input.runId);
  if (row === undefined) return { ok: false, refusal: "unknown_run" };
  const state = toState(row);
  const result = transition(state, input.command, now);
  if (!result.ok) return { ok: false, refusal: result.refusal };
  if (TERMINAL.includes(state.status) && row["originals_removed_at"] !== null)
    return { ok: false, refusal: "originals_removed" };
  const before = { nextSeq: state.nextSeq, chain: row["chain"] as Uint8Array };
  const runNo = row["run_no"] as number;
  const records = input.record === null ? [] : [input.record];
  const head = appendRecords(db, runNo, before, result.state.epoch, records);
  writeStep(db, { row, state: { ...result.state, nextSeq: head.nextSeq }, chain: head.chain, now });
  if (TERMINAL.includes(result.state.status)) withdrawReviews(db, runNo);
  return { ok: true };
});
