import { Failure } from "../../base/failure.ts";
import { bug } from "../frame.ts";
import type { RuleOptions } from "../context.ts";
import type { Frame } from "../frame.ts";
import { reviewNameOf } from "../history.ts";
import { reviewState } from "../reviewing.ts";
import { newRecord } from "../step-call.ts";
import type { StepCall } from "../step-call.ts";
import { takeStep } from "../step.ts";

/** A condition the run rests on. Where it fails, a reviewer corrects what it judged, or overrides it with a reason. */
export async function ruleStep(frame: Frame, name: string, holds: boolean, options: RuleOptions): Promise<void> {
  if (typeof holds !== "boolean")
    throw bug("rule_not_boolean", `Rule "${name}" must be given true or false; it was given ${typeof holds}.`);
  const key = options.key ?? "";
  const of = options.of ?? frame.lastPrompt?.name;
  const ofKey = options.ofKey ?? (options.of === undefined ? frame.lastPrompt?.key : frame.promptKeys.get(options.of));
  const overridden = reviewState(frame, reviewNameOf(name), key).answer?.action === "approve";
  const call: StepCall = {
    kind: "rule",
    type: "rule",
    name,
    key,
    input: { holds },
    abortable: true,
    failures: options.failures,
    reviewOf: of === undefined ? null : { name: of, key: ofKey ?? "" },
    async execute({ number, startedAt, inputHash }) {
      if (!holds && !overridden) {
        const message = options.message ?? `The rule "${name}" does not hold.`;
        throw new Failure({ class: "rule_failed", code: "rule_failed", message });
      }
      const detail = { holds, overridden: !holds };
      const body = { output: true, detail };
      return {
        output: true,
        entries: [
          { record: newRecord(frame, call, { number, startedAt, inputHash, status: "success", ends: true, body }) },
        ],
      };
    },
  };
  if (!frame.live && !frame.ahead && (holds || overridden)) {
    frame.enter(name, key);
    return;
  }
  if (frame.instead !== null) frame.instead.asked.push({ step: name, why: "rule_failed" });
  await takeStep(frame, call);
}
