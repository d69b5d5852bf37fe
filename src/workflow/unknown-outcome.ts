import { Failure } from "../base/failure.ts";
import type { FailureInfo } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { AnyTool } from "../tool/define.ts";

/** What the tool's own look-up gave: it has none, it does not know either, or it failed. */
type LookUp = { said: "none" } | { said: "unknown" } | { said: "failed"; failure: FailureInfo };

/** A call of a write that was cut off, with all that is known of it. Times are epoch ms. */
export interface UnknownOutcome {
  step: string;
  key: string;
  tool: string;
  /** Exactly what it was called with. */
  payload: Json;
  idempotencyKey: string;
  claimedAt: number;
  /** Which try of the step, under which lease, by which worker (null where that was not noted). */
  attempt: number;
  epoch: number;
  worker: string | null;
  lookUp: { said: LookUp["said"]; class?: string; code?: string; message?: string };
}

const SAID: Record<LookUp["said"], (failure: string) => string> = {
  none: () => "The tool has no look-up (reconcile) that could say.",
  unknown: () => "Its look-up (reconcile) does not know either.",
  failed: (failure) => `Its look-up (reconcile) failed: ${failure.replace(/\.?$/, ".")}`,
};

/** Sends a cut-off call to a person, who decides what is to be taken for true. */
export function outcomeUnknown(tool: AnyTool, claim: JournalRecord, lookUp: LookUp): Failure {
  const { name: step, key, attempt, epoch, endedAt: claimedAt, body } = claim;
  const { worker = null } = (body.detail ?? {}) as { worker?: string | null };
  const failure = lookUp.said === "failed" ? lookUp.failure : null;
  const known: UnknownOutcome = {
    step,
    key,
    tool: tool.name,
    payload: body.input ?? null,
    idempotencyKey: body.idempotencyKey ?? "",
    claimedAt,
    attempt,
    epoch,
    worker,
    lookUp: {
      said: lookUp.said,
      ...(failure === null ? {} : { class: failure.class, code: failure.code, message: failure.message }),
    },
  };
  const said = SAID[lookUp.said](failure?.message ?? "");
  // Without a number it is on no record: `lostClaim`.
  const what =
    claim.seq > 0
      ? `An earlier call of ${tool.name} was cut off, and nobody can say whether it happened.`
      : `This run came back from a backup. Nobody can say whether it called ${tool.name} after that was made.`;
  const message = `${what} ${said} Approve to call it again, correct to enter its result, or reject.`;
  const detail = { unknown_outcome: known } as unknown as Json;
  return new Failure({ class: "denied", code: "outcome_unknown", message, detail });
}

/** What a failure says of a call whose outcome nobody knows; null where it is about something else. */
export function unknownOutcomeIn(detail: Json | undefined): UnknownOutcome | null {
  const found = isObject(detail) ? detail["unknown_outcome"] : undefined;
  return isObject(found) ? (found as unknown as UnknownOutcome) : null;
}
