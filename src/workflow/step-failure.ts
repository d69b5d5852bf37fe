import type { FailureInfo } from "../base/failure.ts";
import { Failure } from "../base/failure.ts";
import { policyOf } from "../base/failure-overrides.ts";
import type { Json } from "../base/json.ts";
import { retryDelay } from "../base/retry.ts";
import { failureFrom } from "../tool/failures.ts";
import { asRunFailure } from "./frame.ts";
import type { Entry, Frame } from "./frame.ts";
import { reviewNameOf } from "./history.ts";
import { openReview } from "./reviewing.ts";
import type { ReviewSubject } from "./reviewing.ts";
import { AttemptFailed, newRecord, saidOf } from "./step-call.ts";
import type { Attempt, StepCall } from "./step-call.ts";
import { StepFailed } from "./step-failed.ts";

export type Tried = Pick<Attempt, "number" | "route" | "startedAt" | "inputHash">;

/** What an attempt threw, with the records that say so. */
export function attemptFailure(frame: Frame, call: StepCall, error: unknown, tried: Tried): AttemptFailed {
  if (error instanceof AttemptFailed) return error;
  const info =
    error instanceof Failure ? error.info : failureFrom(error, `The step "${call.name}"`, frame.engine.clock).info;
  const record = newRecord(frame, call, {
    ...tried,
    status: "error",
    body: { ...saidOf(call, tried.route), error: info },
  });
  return new AttemptFailed(info, [{ record, marks: { input: call.inputMarks ?? [] } }]);
}

/** Puts a failed attempt on record and says what follows: another attempt, another route, a review, or the end of the step. */
export async function afterFailure(
  frame: Frame,
  call: StepCall,
  failed: AttemptFailed,
  { number, route }: Tried,
  /** Takes the step by its next route, given the records just made. */
  goOn: (made: readonly Entry[]) => Promise<Json>,
): Promise<() => Promise<Json>> {
  const { info, entries } = failed;
  const last = entries.at(-1) as Entry;
  const policy = policyOf(info.class, frame.workflow.failures, call.routes?.[route]?.failures, call.failures);
  if (number < policy.attempts) {
    const retryAt = frame.now() + retryDelay(policy, number, info);
    last.record.body.retryAt = retryAt;
    await frame.commit(entries);
    return () => frame.underway.park("retry", retryAt);
  }
  const next = policy.fallback ? call.routes?.[route + 1] : undefined;
  if (next !== undefined) {
    last.record.body.fallback = next.name;
    await frame.commit(entries);
    return () => goOn(entries);
  }
  if (policy.then === "review") return await toReview(frame, call, info, entries);
  last.record.ends = true;
  await frame.commit(entries);
  return async () => {
    await frame.underway.abortSiblings();
    throw new StepFailed(call.name, info);
  };
}

async function toReview(
  frame: Frame,
  call: StepCall,
  info: FailureInfo,
  entries: Entry[],
): Promise<() => Promise<Json>> {
  if (frame.stage === "shadow") {
    const failure = asRunFailure(info, call.name);
    frame.finish({ end: "stopped", disposition: "shadowed", failure, records: entries });
    return () => new Promise(() => {});
  }
  const subject: ReviewSubject = {
    name: reviewNameOf(call.name),
    key: call.key,
    of: call.reviewOf?.name ?? null,
    ofKey: call.reviewOf?.key ?? "",
    why: info.class,
    reason: info.message,
    detail: { failure: info as unknown as Json },
  };
  const parked = await openReview(frame, subject, entries);
  return parked;
}
