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

/** Every boundary a crash can be placed at, in the order a run comes to them. docs/crash-table.md says what follows from each. */
export const CRASH_POINTS: readonly CrashPoint[] = [
  "before_event_commit",
  "event_committed",
  "run_claimed",
  "before_model_call",
  "after_model_call",
  "before_repair",
  "before_write_claim",
  "write_claimed",
  "write_called",
  "write_settled",
  "review_opened",
  "review_answered",
  "parked",
  "sleep_over",
  "before_decision",
  "decided",
  "redriven",
  "group_executed",
  "group_committed",
];

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
