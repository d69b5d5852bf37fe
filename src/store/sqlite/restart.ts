import type { RestartInput, RestartResult } from "../../journal/ports.ts";
import { transition } from "../../journal/transition.ts";
import { plain, type Operation } from "./operation.ts";
import { appendRecords } from "./records.ts";
import { changeReviews } from "./reviews.ts";
import { runById, toState, writeStep } from "./run-row.ts";

/** Goes back to an earlier place of a run that nobody works on: record, reviews, pin and state in one transaction. */
export const restart: Operation<RestartInput, RestartInput, RestartResult> = plain("restart", (db, input, now) => {
  const row = runById(db, input.runId);
  if (row === undefined) return { ok: false, refusal: "unknown_run" };
  const state = toState(row);
  const result = transition(state, { do: "restart" }, now);
  if (!result.ok) return { ok: false, refusal: result.refusal };
  if (row["originals_removed_at"] !== null) return { ok: false, refusal: "originals_removed" };
  if (state.nextSeq !== input.expectedNextSeq) return { ok: false, refusal: "stale" };
  const runNo = row["run_no"] as number;
  const before = { nextSeq: state.nextSeq, chain: row["chain"] as Uint8Array };
  const head = appendRecords(db, runNo, before, state.epoch, [input.record]);
  writeStep(db, { row, state: { ...result.state, nextSeq: head.nextSeq }, chain: head.chain, now });
  const open = input.withdraw.filter(
    (id) => db.get("SELECT 1 FROM reviews WHERE review_id = ? AND status = 'open'", id) !== undefined,
  );
  const withdrawn = open.map((reviewId) => ({ reviewId, to: "withdrawn" }) as const);
  changeReviews(db, runNo, withdrawn, now);
  for (const waitId of input.waits)
    db.change("DELETE FROM event_waits WHERE wait_id = ? AND run_no = ?", waitId, runNo);
  if (input.unpin) db.change("UPDATE runs SET code_pin = '' WHERE run_no = ?", runNo);
  return { ok: true };
});
