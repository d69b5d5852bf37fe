import type { Json } from "../../base/json.ts";
import type { JournalRecord } from "../../journal/record.ts";
import type { Frame } from "../frame.ts";
import { reviewNameOf } from "../history.ts";
import { reviewState } from "../reviewing.ts";
import type { Attempt, StepCall } from "../step-call.ts";

/**
 * The claim that a write may have had and that is not on record: its run came back from a backup, and what it did between
 * that and its end nobody knows. It stands in the journal nowhere, so it has no number. Null where a claim since then, or a
 * person who was asked and said so, has settled it.
 */
export function lostClaim(
  frame: Frame,
  call: StepCall,
  { number, inputHash }: Attempt,
  about: { input: Json; idempotencyKey: string },
): JournalRecord | null {
  const { restored } = frame.history;
  if (restored === null) return null;
  const { name, key } = call;
  const since = (frame.history.step(name, key)?.records ?? []).filter(({ seq }) => seq > restored.seq);
  if (since.some(({ body }) => body.phase === "claim")) return null;
  const asked = since.findLast(({ body }) => body.error?.code === "outcome_unknown");
  const { answer } = reviewState(frame, reviewNameOf(name), key);
  if (asked !== undefined && answer?.action === "approve" && answer.seq > asked.seq) return null;
  return {
    ...restored,
    seq: 0,
    kind: "tool",
    type: "tool_call",
    name,
    key,
    attempt: number,
    status: "waiting",
    ends: false,
    body: { ...about, phase: "claim", ...(inputHash === undefined ? {} : { inputHash }) },
  };
}
