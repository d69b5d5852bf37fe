import type { WriterPoint } from "../../store/sqlite/thread-protocol.ts";
import type { ProbePoint } from "../../workflow/engine.ts";

/** A place in the server at which a kill changes what is on disk and what is not. */
export type CrashPoint = ProbePoint | WriterPoint;

/** Where a process kills itself: at the n-th time it comes to `point`. */
export interface CrashAt {
  point: CrashPoint;
  /** From 1. */
  nth: number;
}

/** What is about to happen at each point, or just has. docs/crash-table.md says what follows from a kill there. */
const POINTS: Readonly<Record<CrashPoint, string>> = {
  before_event_commit: "an event is checked, and nothing of it on disk",
  event_committed: "event and runs are on disk, and the sender is not told",
  run_claimed: "runs are claimed, and nothing of them executed",
  before_model_call: "a model is about to be asked",
  after_model_call: "a model has answered, and that is not on record",
  before_repair: "an invalid answer is on record, and its repair not asked for",
  before_write_claim: "a write has passed its guard, and is not claimed",
  write_claimed: "a write is claimed, and not called",
  write_called: "a write is called, and its result not on record",
  write_settled: "a write's result is on record",
  review_opened: "a review is open, and its run has not parked",
  review_answered: "a review's answer is on disk, and the reviewer is not told",
  parked: "a run has parked",
  sleep_over: "a sleep is due, and its end not on record",
  wait_over: "a wait has got its event, and the run has not taken it",
  before_decision: "all steps are on record, and the decision is not",
  decided: "the decision is on record",
  redriven: "a dead run is queued again, and its operator not told",
  group_executed: "the writer has executed a group of operations, and not committed it",
  group_committed: "the writer has committed a group, and told nobody",
};

/** Every boundary a crash can be placed at, in the order a run comes to them. */
export const CRASH_POINTS: readonly CrashPoint[] = Object.keys(POINTS) as CrashPoint[];

/** Reads `write_claimed:3`; without a number the first time is meant. Throws `RangeError` for anything else. */
export function parseCrashAt(text: string): CrashAt {
  const [name, times = "1", ...rest] = text.split(":");
  const point = CRASH_POINTS.find((known) => known === name);
  const nth = Number(times);
  if (point === undefined || rest.length > 0 || !Number.isInteger(nth) || nth < 1)
    throw new RangeError(
      `"${text}" names no crash point; write POINT or POINT:N, with one of ${CRASH_POINTS.join(", ")}.`,
    );
  return { point, nth };
}

/**
 * A probe for `createSluice` that ends this very process by SIGKILL at the given place: no handler runs, nothing is
 * flushed, and nothing after it executes.
 */
export function crashAt({ point, nth }: CrashAt): (reached: ProbePoint) => Promise<void> {
  let left = nth;
  return async (reached) => {
    if (reached !== point || --left > 0) return;
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => {});
  };
}
