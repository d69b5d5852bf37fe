import { Failure } from "../../base/failure.ts";
import type { JsonObject } from "../../base/json.ts";
import { isObject } from "../../base/json.ts";
import { DECISION } from "../../journal/names.ts";
import type { Disposition } from "../../journal/run.ts";
import { asRecorded, bug } from "../frame.ts";
import type { Frame } from "../frame.ts";
import { reviewNameOf } from "../history.ts";
import { outcomeHash } from "../outcome.ts";
import type { ProposedWrite, Ruling } from "../outcome.ts";
import { conditionsOn, rulingOn } from "../ruling.ts";
import { openReview, reviewState } from "../reviewing.ts";
import { approvedWrite } from "./approved-write.ts";

/** The decision: checked, sent to a person where stage or proposed writes ask for it, its approved writes executed. */
export async function decideStep(frame: Frame, value: unknown): Promise<void> {
  const decision = checkedDecision(frame, value);
  if (frame.decided !== null) throw bug("second_decision", "ctx.decide was called twice; a run has one decision.");
  if (frame.underway.pending > 0)
    throw bug(
      "step_not_awaited",
      "ctx.decide was called while a step was still under way; await every step before deciding.",
    );
  const hash = outcomeHash(frame.journal, decision, frame.proposed);
  if (!frame.live) {
    const bounds = frame.instead === null ? null : conditionsOn(frame, decision);
    if (bounds !== null) frame.instead?.asked.push({ step: DECISION, why: bounds.why });
    frame.decided = { decision, disposition: "reviewed", controlVersion: 0, ruling: null };
    return;
  }
  if (frame.held) await frame.parkHeld();
  const controlVersion = frame.permission.version;
  const ruling = rulingOn(frame, decision);
  if (needsPerson(frame, hash, ruling)) await askPerson(frame, decision, ruling);
  const writes = frame.proposed.splice(0);
  for (const write of writes) await approvedWrite(frame, write);
  frame.decided = { decision, disposition: dispositionOf(frame), controlVersion, ruling };
}

function checkedDecision(frame: Frame, value: unknown): JsonObject {
  const decision = asRecorded(value);
  if (!isObject(decision)) throw bug("decision_not_object", "ctx.decide takes an object.");
  const problems = frame.workflow.decision?.validate(decision) ?? [];
  if (problems.length === 0) return decision;
  const places = problems.slice(0, 3).map(({ pointer, message }) => `${pointer || "the decision"} ${message}`);
  const message = `The decision is off the workflow's decision schema: ${places.join("; ")}.`;
  throw new Failure({ class: "bug", code: "decision_schema", message, errors: problems });
}

/** What a person confirmed in this run is not sent again, unless there are writes the person has not seen. */
function needsPerson(frame: Frame, hash: string, ruling: Ruling | null): boolean {
  if (frame.stage === "shadow") return false;
  const confirmed = frame.history.answers.filter(({ action }) => action !== "reject");
  if (frame.proposed.length > 0) return !confirmed.some(({ outcomeHash: seen }) => seen === hash);
  return ruling !== null && confirmed.length === 0;
}

async function askPerson(frame: Frame, decision: JsonObject, ruling: Ruling | null): Promise<never> {
  const name = reviewNameOf(DECISION);
  const state = reviewState(frame, name, "");
  if (state.open) return await state.park();
  const writes = frame.proposed.map((write) => ({ ...write }));
  const of = frame.lastPrompt;
  const waits = writes.length === 0 ? [] : [`${list(writes)} wait${writes.length === 1 ? "s" : ""} for approval.`];
  const reason = [...waits, ...(ruling === null ? [] : [ruling.reason])].join(" ");
  const park = await frame.underway.execute(false, () =>
    openReview(frame, {
      name,
      key: "",
      of: of?.name ?? null,
      ofKey: of?.key ?? "",
      why: writes.length > 0 ? "writes" : (ruling?.why ?? "stage"),
      reason,
      detail: { decision, writes },
    }),
  );
  return await park();
}

function list(writes: readonly ProposedWrite[]): string {
  return writes.map(({ step, tool }) => `"${step}" (${tool})`).join(", ");
}

function dispositionOf(frame: Frame): Disposition {
  if (frame.stage === "shadow") return "shadowed";
  const confirmed = frame.history.answers.some(({ action }) => action !== "reject");
  if (frame.stage === "suggestion") return "suggested";
  return confirmed ? "reviewed" : "applied";
}
