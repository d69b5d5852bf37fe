import { isoTime } from "../base/clock.ts";
import { UsageError } from "../base/failure.ts";
import type { Run } from "../journal/run.ts";

/** Why the originals of a run cannot be shown or used any more; null while they are there. */
export function originalsGone({ runId, originalsRemovedAt }: Run): string | null {
  if (originalsRemovedAt === null) return null;
  return (
    `The originals of run ${runId} were removed on ${isoTime(originalsRemovedAt)}, by retention or erasure: its key was ` +
    "destroyed. What is left is the redacted trace."
  );
}

/** Throws `UsageError` values_removed (410) where retention took the values of a run. */
export function assertValues({ runId, valuesRemovedAt }: Run): void {
  if (valuesRemovedAt === null) return;
  const message = `The values of run ${runId} were removed by retention on ${isoTime(valuesRemovedAt)}. Ids, times, statuses and hashes are left.`;
  throw new UsageError("values_removed", message, { status: 410 });
}
