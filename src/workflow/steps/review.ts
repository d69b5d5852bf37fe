import type { Json } from "../../base/json.ts";
import { divergence } from "../divergence.ts";
import { bug } from "../frame.ts";
import type { ReviewOptions } from "../context.ts";
import type { Frame } from "../frame.ts";
import { openReview, reviewState } from "../reviewing.ts";
import { incomplete } from "../step.ts";

/** The author sends a prompt's output to a person: resolves with what the person approved or corrected. */
export async function reviewStep(
  frame: Frame,
  name: string,
  options: ReviewOptions,
  proposal: Json | undefined,
): Promise<Json> {
  const { key = "", ofKey = "" } = options;
  frame.enter(name, key);
  assertPriority(name, options.priority);
  if (proposal === undefined)
    throw bug("review_of_nothing", `ctx.review("${name}") names step "${options.of}", which has given no output yet.`);
  if (frame.instead !== null) {
    frame.instead.asked.push({ step: name, why: codeOf(name) });
    return proposal;
  }
  const step = frame.history.step(name, key);
  if (step !== undefined && step.kind !== "review")
    throw divergence({ step: name, key, part: "kind", recorded: `a ${step.kind} step`, present: "a review" });
  const asked = step?.records.findLast(({ ends }) => !ends)?.body.detail as { of?: string | null } | undefined;
  if (asked?.of !== undefined && asked.of !== options.of) {
    const sides = { recorded: `a review of "${asked.of}"`, present: `a review of "${options.of}"` };
    throw divergence({ step: name, key, part: "review", ...sides });
  }
  const state = reviewState(frame, name, key);
  // An approval stands for the output it was given on; a correction has become that output already.
  if (state.answer !== null) return frame.history.override(options.of, ofKey)?.output ?? proposal;
  // An eval wants to know whether a person would be asked.
  if (frame.stage === "shadow" && frame.engine.standIns === undefined) return proposal;
  if (!frame.live) return await incomplete(frame, { name, key });
  if (state.open) return await state.park();
  if (frame.held) return await frame.parkHeld();
  return await frame.underway
    .execute(false, async () => {
      const { of, team, priority, expiresIn, reveal } = options;
      const reason = `The workflow asks for a review of "${of}": ${name}.`;
      return await openReview(frame, {
        name,
        key,
        of,
        ofKey,
        why: codeOf(name),
        reason,
        team,
        priority,
        expiresIn,
        reveal,
        detail: { proposal },
      });
    })
    .then((park) => park());
}

function assertPriority(name: string, priority = 0): void {
  if (!Number.isSafeInteger(priority))
    throw bug("review_priority", `The priority of ctx.review("${name}") must be a whole number; it is ${priority}.`);
}

/** `low confidence` → `low_confidence`. */
function codeOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "_");
}
